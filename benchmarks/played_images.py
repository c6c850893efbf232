"""The images that gui_heartbeat.py plays on: a frame, a stack and a pyramid, both computed as read.

They show the sample of nuclei, again and again where they are larger than it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import dask.array as da

SIDE = 1024
"""Rows and columns of the frame, and of a chunk of the others."""


@cache
def nuclei(side: int = SIDE) -> np.ndarray:
    """The sample: ``(side, side)`` uint16."""
    # Not before: what a window imports by itself is measured.
    from skimage.transform import resize

    from napari_cutout.sample_data import fluorescence

    pixels = resize(fluorescence(), (side, side), preserve_range=True)
    return (pixels / pixels.max() * 65535).astype(np.uint16)


def lazy_stack(frames: int) -> da.Array:
    """``(frames, SIDE, SIDE)`` uint8: in each frame the nuclei have moved on."""
    import dask.array as da

    frame = (nuclei() >> 8).astype(np.uint8)

    def one(block_info: Any = None) -> np.ndarray:
        return np.roll(frame, 7 * block_info[None]["chunk-location"][0], axis=0)[None]

    chunks = ((1,) * frames, (SIDE,), (SIDE,))
    return da.map_blocks(one, chunks=chunks, dtype=np.uint8, meta=np.empty((0, 0, 0), np.uint8))


def lazy_pyramid(side: int) -> list[da.Array]:
    """Levels of ``(side, side)`` uint8, each with half of the pixels a side of the one before."""
    factors = [1]
    while side // factors[-1] > 2 * SIDE:
        factors.append(2 * factors[-1])
    return [_tiled(side // factor, SIDE // factor) for factor in factors]


def _tiled(side: int, period: int) -> da.Array:
    import dask.array as da

    tile = (nuclei(period) >> 8).astype(np.uint8)

    def one(block_info: Any = None) -> np.ndarray:
        rows, cols = (np.arange(*span) % period for span in block_info[None]["array-location"])
        return tile[np.ix_(rows, cols)]

    lengths = tuple(min(SIDE, side - first) for first in range(0, side, SIDE))
    meta = np.empty((0, 0), np.uint8)
    return da.map_blocks(one, chunks=(lengths, lengths), dtype=np.uint8, meta=meta)
