"""An embedding: a frame as one model will read it, and what its encoder makes of it."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment import windows
from napari_cutout.segment.intensity import IntensityMapping, to_pixels
from napari_cutout.segment.lazy import LARGE, LazyFrame
from napari_cutout.segment.pixels import Pixels, PixelsInMemory, PixelsOnDemand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.segment.windows import Window

VERSION = 3
"""Raised when the same pixels and weights would give other features."""


@dataclass(frozen=True, eq=False)
class Embedding:
    """A frame ready to be prompted.

    Feature maps are held by the segmenter's cache, and found by what was read for a window, so
    that a large frame costs memory only where it was looked at. What is asked of an embedding
    depends on its pixels alone: a window that the cache has dropped is encoded again.

    Parameters
    ----------
    source
        Where the pixels come from.
    key
        Stands for the frame, the intensity mapping, the precision and the weights.
    made_by
        The precision and the weights.
    input_size
        Of the model.
    window
        The one window to use, or None where it is chosen for each prompt.
    store
        Where feature maps are kept besides; None for in memory only.
    """

    source: Pixels = field(repr=False)
    key: str
    made_by: tuple[str, ...] = field(repr=False)
    input_size: int = field(repr=False)
    window: Window | None = None
    store: EmbeddingStore | None = field(default=None, repr=False)
    _keys: dict[Window, str] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle holds: all but the lock."""
        with self._lock:
            return {name: value for name, value in vars(self).items() if name != "_lock"} | {
                "_keys": dict(self._keys)
            }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make it of what :meth:`__getstate__` gave, with a lock of its own."""
        vars(self).update(state, _lock=threading.Lock())

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of the frame."""
        return self.source.shape

    @property
    def nbytes(self) -> int:
        """Bytes of pixels that are held; none for a frame that is read lazily."""
        return self.source.nbytes

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """``(rows, cols, 3)`` uint8, the frame through its intensity mapping.

        Raises
        ------
        TooLargeError
            If the frame is read lazily and too large to be read whole; see :meth:`read`.
        """
        return self.source.whole()

    def read(self, window: Window) -> NDArray[np.uint8]:
        """The pixels of a window as the model is given them, ``(h, w, 3)`` uint8.

        Fewer than the window has, where it is large and the frame is read lazily.
        """
        return self.source.read(self.grid(window))

    def grid(self, window: Window) -> Grid:
        """How a window is read."""
        return self.source.grid(window, self.input_size)

    def larger(self, window: Window) -> Window | None:
        """Where to look for what a window cuts; None where too much would have to be read."""
        larger = windows.larger(window, self.shape, self.input_size)
        return larger if self.source.is_cheap(larger, self.input_size) else None

    def known_key(self, window: Window) -> str | None:
        """What stands for the features of a window; None until it was read."""
        with self._lock:
            return self._keys.get(window)

    def remember(self, window: Window, pixels: NDArray[np.uint8]) -> str:
        """What stands for the features of a window, of which these pixels were just read."""
        key = content_key(pixels, str(window), *self.made_by)
        with self._lock:
            self._keys[window] = key
        return key

    def changed(self, window: Window) -> bool:
        """Whether a window's pixels aren't any more those that were last read. Reads them again."""
        known = self.known_key(window)
        return known is not None and known != content_key(
            self.read(window), str(window), *self.made_by
        )


def embed(
    frame: object,
    mapping: IntensityMapping,
    made_by: tuple[str, ...],
    input_size: int,
    store: EmbeddingStore | None = None,
) -> Embedding:
    """An embedding of a frame, of which no window was encoded yet.

    Parameters
    ----------
    frame
        A :class:`.LazyFrame`, or an array. One that isn't in memory and is large is taken as a
        lazy frame.
    mapping, made_by, input_size, store
        See :class:`Embedding`.

    Raises
    ------
    FrameError
        If it isn't one frame.
    """
    parts = (mapping.key, *made_by)
    if isinstance(frame, LazyFrame) or _is_large_and_elsewhere(frame):
        lazy = frame if isinstance(frame, LazyFrame) else LazyFrame([frame])
        settled = mapping.settled(lazy.sample()) if mapping.name == "percentile" else mapping
        text = "|".join((lazy.key, str(lazy.shape), settled.key, *parts))
        key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        return Embedding(PixelsOnDemand(lazy, settled), key, made_by, input_size, store=store)
    pixels = to_pixels(frame, mapping)
    key = content_key(pixels, *parts)
    return Embedding(PixelsInMemory(pixels), key, made_by, input_size, store=store)


def for_model(embedding: Embedding, made_by: tuple[str, ...], input_size: int) -> Embedding:
    """The same frame for another model, of which no window was encoded yet."""
    text = "|".join((embedding.key, *made_by))
    key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    window, store = embedding.window, embedding.store
    return Embedding(embedding.source, key, made_by, input_size, window, store)


def content_key(pixels: NDArray[np.uint8], *parts: str) -> str:
    """A hash of pixels and of all else that something depends on."""
    # Processors have instructions for this one, which halve the time.
    digest = hashlib.sha256(np.ascontiguousarray(pixels).data)
    digest.update("|".join((str(pixels.shape), f"v{VERSION}", *parts)).encode())
    return digest.hexdigest()[:32]


def _is_large_and_elsewhere(frame: Any) -> bool:
    shape = getattr(frame, "shape", None)
    if isinstance(frame, np.ndarray) or not isinstance(shape, tuple) or len(shape) not in (2, 3):
        return False
    return int(shape[0]) * int(shape[1]) > LARGE
