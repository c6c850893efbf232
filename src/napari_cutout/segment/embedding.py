"""An embedding: a frame as one model will read it, and what its encoder makes of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.windows import Window


@dataclass(frozen=True, eq=False)
class Embedding:
    """A frame ready to be prompted.

    Feature maps are held by the segmenter's cache and found by :attr:`key` and window, so that a
    large frame costs memory only where it was looked at. What is asked of an embedding depends
    on its pixels alone: a window that the cache has dropped is encoded again.

    Parameters
    ----------
    pixels
        ``(rows, cols, 3)`` uint8, the frame through its intensity mapping.
    key
        Stands for the pixels, the intensity mapping, the precision and the weights.
    window
        The one window to use, or None where it is chosen for each prompt.
    """

    pixels: NDArray[np.uint8]
    key: str
    window: Window | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of the frame."""
        return int(self.pixels.shape[0]), int(self.pixels.shape[1])


def embedding_key(pixels: NDArray[np.uint8], *parts: str) -> str:
    """A hash of the pixels and of all else that an embedding depends on."""
    digest = hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16)
    digest.update("|".join((str(pixels.shape), *parts)).encode())
    return digest.hexdigest()
