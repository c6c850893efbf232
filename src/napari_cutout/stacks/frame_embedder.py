"""Embedding one frame of a stack: which of its windows a store lacks, and encoding those.

Going through many frames is in embedding.py; the store itself in segment/store.py.
"""

from __future__ import annotations

import itertools
import shutil
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment import choice
from napari_cutout.segment.automatic.windowed.lattice import lattice
from napari_cutout.segment.embedding import Embedding, embed
from napari_cutout.segment.store import EmbeddingStore
from napari_cutout.segment.windows import around, sides, whole
from napari_cutout.stacks.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from napari_cutout.sam.family import Features
    from napari_cutout.segment.intensity import IntensityMapping
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window

_TRIED = 2
_BESIDE = 1 << 10
"""Bytes that an entry of a store has beside its maps, about."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A frame that was read.

    Parameters
    ----------
    embedding
        Of it.
    windows
        That are wanted.
    missing
        Those that the store doesn't have.
    """

    embedding: Embedding
    windows: tuple[Window, ...]
    missing: tuple[Window, ...]


def session_windows(embedding: Embedding) -> list[Window]:
    """The windows of a frame that are encoded ahead.

    Of a frame that is taken whole, that. Of a larger one, the whole, and windows of the size of
    the model's input that cover it, a quarter of them shared, as :class:`.InWindows` has them.
    """
    if embedding.window is not None:
        return [embedding.window]
    side, region = embedding.input_size, whole(embedding.shape)
    return [region, *(cell.window for cell in lattice(region, side, side // 4))]


def click_windows(embedding: Embedding) -> list[Window]:
    """Every window that a click may get, and the whole: no click waits, at many times the cost.

    Of a frame twice as large as the model's input those are 26, of one four times as large 195.
    """
    if embedding.window is not None:
        return [embedding.window]
    found = {whole(embedding.shape): None}
    for side in sides(embedding.shape, embedding.input_size):
        rows, cols = (_lattice(length, side) for length in embedding.shape)
        for row, col in itertools.product(rows, cols):
            found[around(np.array([row, col]), side, embedding.shape)] = None
    return list(found)


@dataclass(frozen=True, eq=False)
class FrameEmbedder:
    """Embeds frames into a store. In any thread.

    Parameters
    ----------
    segmenter
        The model.
    frame_of
        Gives a frame, as :meth:`.Segmenter.encode` takes it.
    mapping
        How intensities become what the model sees.
    windows
        Which windows of a frame are wanted.
    store
        Where they are kept; None: nowhere, and all of them are missing.
    """

    segmenter: Segmenter
    frame_of: Callable[[tuple[int, ...]], object]
    mapping: IntensityMapping
    windows: Callable[[Embedding], Sequence[Window]]
    store: EmbeddingStore | None

    def read(self, index: tuple[int, ...]) -> Prepared:
        """Read a frame, and see what is missing of it.

        Raises
        ------
        FrameReadError, FrameError
            If it can't be read, or isn't a frame for this mapping.
        """
        size = self.segmenter.info.input_size
        read = embed(self.frame_of(index), self.mapping, (), size, self.store)
        # The segmenter's own encode would encode a small frame at once.
        embedding = self.segmenter.reread(read)
        fixed = choice.fixed(None, embedding.shape, size)
        embedding = replace(embedding, window=fixed)
        windows = tuple(self.windows(embedding))
        missing = (window for window in windows if not self._is_there(embedding, window))
        return Prepared(embedding, windows, tuple(missing))

    def encode(self, frame: Prepared) -> bool:
        """Encode what is missing of a frame into the store; tells whether anything had to be.

        Raises
        ------
        OutputError
            If the store doesn't take it: the disk is full, or the folder read-only.
        """
        assert self.store is not None, "something is to be kept"
        was_made = False
        for window in frame.missing:
            watched = _Watched(self.store)
            # Read anew, the window isn't taken from memory without being stored.
            embedding = self.segmenter.reread(replace(frame.embedding, store=watched))
            self.segmenter.prepare(embedding, window)
            if watched.key is not None and watched.key not in self.store:
                raise OutputError(
                    f"embeddings can't be stored in {self.store.path}; make room there, or choose "
                    "another folder. What was stored stays, and the next run goes on from it"
                )
            was_made |= watched.was_put
        return was_made

    def measure(self, frame: Prepared) -> tuple[float, int]:
        """Seconds that what is missing of a frame takes, and bytes in a store; writes nothing.

        Of many windows, two are encoded.
        """
        begin, nbytes = time.perf_counter(), 0
        embedding = replace(frame.embedding, store=None)
        tried = frame.missing[:_TRIED]
        for window in tried:
            maps = self.segmenter.features(embedding, window).maps
            nbytes += _BESIDE + sum(one.element_size() * one.nelement() for one in maps.values())
        times = len(frame.missing) / len(tried)
        return (time.perf_counter() - begin) * times, round(nbytes * times)

    def room(self) -> int | None:
        """Bytes that the store may still take; None without one."""
        if self.store is None:
            return None
        place = self.store.path.absolute()
        there = next(folder for folder in (place, *place.parents) if folder.exists())
        free, capacity = shutil.disk_usage(there).free, self.store.capacity
        return free if capacity is None else min(free, max(capacity - self.store.size, 0))

    def is_in_memory(self, frame: Prepared) -> bool:
        """Whether all that is missing of a frame needn't be encoded any more."""
        keys = (_key(frame.embedding, window) for window in frame.missing)
        return all(key in self.segmenter.cache for key in keys)

    def _is_there(self, embedding: Embedding, window: Window) -> bool:
        return self.store is not None and _key(embedding, window) in self.store


class _Watched(EmbeddingStore):
    """A store that knows what it was asked for: windows may be kept of fewer pixels than they have.

    Attributes
    ----------
    key
        That was asked for; None where memory and the store had it.
    was_put
        Whether it had to be made, or written.
    """

    def __init__(self, store: EmbeddingStore) -> None:
        self.path, self.capacity = store.path, store.capacity
        self._store = store
        self.key: str | None = None
        self.was_put = False

    def __contains__(self, key: str) -> bool:
        return key in self._store

    def get(self, key: str) -> Features | None:
        """See :class:`.EmbeddingStore`."""
        self.key = key
        return self._store.get(key)

    def put(self, key: str, features: Features) -> None:
        """See :class:`.EmbeddingStore`."""
        self.key, self.was_put = key, True
        self._store.put(key, features)


def _lattice(length: int, side: int) -> NDArray[np.float64]:
    """Middles of windows along an axis, so near to one another that none is left out."""
    return np.arange(side / 2, length + 1, max(side // 8, 1)) - 0.5


def _key(embedding: Embedding, window: Window) -> str:
    known = embedding.known_key(window)
    return embedding.remember(window, embedding.read(window)) if known is None else known
