"""The embeddings of an image's frames: how one is made, and those that are kept. Arrays only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.image.frames import READ_WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cutout.layers.image.frames import FrameSource
    from napari_cutout.segment import (
        Embedding,
        EmbeddingStore,
        IntensityMapping,
        Segmenter,
        Window,
    )

KEPT_FRAMES = 32
KEPT_BYTES = 1 << 28
"""Frames that stay ready at most, and bytes of their pixels; large ones hold none."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """A frame that is ready.

    Parameters
    ----------
    embedding
        Of the frame.
    source
        Where its pixels came from.
    fingerprint
        Of the pixels that it was made of, see :meth:`.FrameSource.fingerprint`.
    """

    embedding: Embedding
    source: FrameSource
    fingerprint: bytes | None

    def changed(self, windows: Iterable[Window]) -> bool:
        """Whether pixels in memory aren't any more those that were encoded.

        Lazy data isn't read for it, see :meth:`changed_where_it_lies`.
        """
        return self.source.is_in_memory and self.changed_where_it_lies(windows)

    def changed_where_it_lies(self, windows: Iterable[Window]) -> bool:
        """The same, wherever the pixels are: what is lazy is read again.

        Of a small frame all are looked at, of a large one those of the windows that were used,
        unless a window is as large itself.
        """
        if self.fingerprint is not None:
            return self.source.fingerprint() != self.fingerprint
        return any(
            self.embedding.changed(window)
            for window in set(windows)
            if window.rows * window.cols <= READ_WHOLE
        )


def encode(
    source: FrameSource,
    segmenter: Segmenter,
    mapping: IntensityMapping,
    store: EmbeddingStore | None = None,
) -> Encoded:
    """Make a frame ready.

    Parameters
    ----------
    source
        The frame. A small one is read now.
    segmenter, mapping, store
        See :meth:`.Segmenter.encode`.
    """
    pixels = source.pixels()
    embedding = segmenter.encode(pixels, mapping, source.window, store=store)
    fingerprint = source.fingerprint(pixels) if source.is_small else None  # type: ignore[arg-type]
    return Encoded(embedding, source, fingerprint)


class Embeddings:
    """Frames that are ready, by key. Those that weren't used for longest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Encoded] = OrderedDict()

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes of pixels that are held."""
        return sum(encoded.embedding.nbytes for encoded in self._kept.values())

    def get(self, key: object) -> Encoded | None:
        """A frame that is ready, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, encoded: Encoded) -> None:
        """Keep a frame; the latest stays even if it alone is too large."""
        self._kept[encoded.source.key] = encoded
        self._kept.move_to_end(encoded.source.key)
        while len(self._kept) > 1 and (len(self._kept) > KEPT_FRAMES or self.size > KEPT_BYTES):
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
