"""Arrays of any size that take no memory: their pixels are computed when they are read."""

from __future__ import annotations

import numpy as np


class Computed:
    """Bright discs on a dark ground, ``(rows, cols)`` uint8, in chunks. Takes slices of step 1.

    Parameters
    ----------
    shape
        ``(rows, cols)``.
    discs
        (row, col, radius) of each, in pixels of the array.
    chunks
        Sides of the chunks that it tells of.

    Attributes
    ----------
    read
        Pixels that were read so far.
    largest
        Pixels of the largest piece that was read at once.
    """

    dtype = np.dtype(np.uint8)
    ndim = 2

    def __init__(self, shape, discs=(), chunks=(512, 512)):
        self.shape, self.discs, self.chunks = shape, discs, chunks
        self.size = shape[0] * shape[1]
        self.read = self.largest = 0

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self[:, :], dtype)

    def __getitem__(self, box):
        rows, cols = (slice(*part.indices(n)) for part, n in zip(box, self.shape, strict=True))
        piece = np.full((rows.stop - rows.start, cols.stop - cols.start), 20, np.uint8)
        self.read += piece.size
        self.largest = max(self.largest, piece.size)
        for row, col, radius in self.discs:
            down, across = (
                np.arange(max(part.start, int(at - radius)), min(part.stop, int(at + radius) + 2))
                for part, at in ((rows, row), (cols, col))
            )
            if down.size and across.size:
                near = (down[:, None] - row) ** 2 + (across - col) ** 2 <= radius**2
                where = np.s_[
                    down[0] - rows.start : down[-1] + 1 - rows.start,
                    across[0] - cols.start : across[-1] + 1 - cols.start,
                ]
                piece[where][near] = 220
        return piece


def pyramid(side, discs=(), levels=8, chunks=(512, 512)):
    """The levels of a square frame, each half the one before."""
    return [
        Computed(
            (side >> k, side >> k),
            [((r + 0.5) / 2**k - 0.5, (c + 0.5) / 2**k - 0.5, s / 2**k) for r, c, s in discs],
            chunks,
        )
        for k in range(levels)
    ]


def disc(shape, row, col, radius):
    """``shape`` bool."""
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    return (rows - row) ** 2 + (cols - col) ** 2 <= radius**2
