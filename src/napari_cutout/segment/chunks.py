"""Reading a large array a tile at a time: no chunk twice, and never more than a few in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

TILE = 1 << 22
"""Pixels that are read at once, about."""

_TILE_SIDE = 1 << 11

_STRIP = 1 << 20
"""Pixels that are converted at once: what that takes in between is several times as large."""


def chunk_shape(array: Any) -> tuple[int, ...] | None:
    """How an array is cut into chunks, or None where it isn't or doesn't tell.

    Knows what zarr, h5py, dask, xarray and tensorstore call it. Where chunks differ in size, the
    largest count.
    """
    chunks = getattr(array, "chunks", None)
    if chunks is None:
        layout = getattr(array, "chunk_layout", None)
        chunks = None if layout is None else layout.read_chunk.shape
    if not chunks or any(side is None for side in chunks):
        return None
    return tuple(max(side) if isinstance(side, tuple) else int(side) for side in chunks)


def read_means(
    array: Any,
    corner: tuple[int, int],
    size: tuple[int, int],
    block: tuple[int, int],
    convert: Callable[[NDArray[Any]], NDArray[np.uint8]],
) -> NDArray[np.uint8]:
    """Means of blocks of a box of a large array.

    A pixel from each block would be read as slowly, chunk by chunk, and would be noisier.

    Parameters
    ----------
    array
        ``(rows, cols)`` or ``(rows, cols, channels)``; anything that takes slices.
    corner, size
        The box: (row, col) of its first pixel, and how many.
    block
        ``(rows, cols)`` of a block; those at the far sides may be cut.
    convert
        Makes 8-bit pixels of what was read, before means are taken of them.

    Returns
    -------
    ndarray
        uint8, one pixel a block, rounded. It doesn't depend on how the array is chunked.
    """
    shape = (-(-size[0] // block[0]), -(-size[1] // block[1]))
    found: NDArray[Any] | None = None
    for rows, cols in _tiles(corner, size, chunk_shape(array)):
        tile = np.asarray(array[rows, cols])
        strip = max(1, _STRIP // tile.shape[1])
        for first in range(0, len(tile), strip):
            pixels = convert(tile[first : first + strip])
            if found is None:
                dtype = np.uint8 if block == (1, 1) else np.uint32
                found = np.zeros(shape + pixels.shape[2:], dtype)
            top, left = rows.start - corner[0] + first, cols.start - corner[1]
            if block == (1, 1):
                found[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
            else:
                _add(found, pixels, (top, left), block)
    assert found is not None, "a box has pixels"
    if block == (1, 1):
        return found
    counts = np.outer(_lengths(size[0], block[0]), _lengths(size[1], block[1])).astype(np.uint32)
    counts = counts.reshape(shape + (1,) * (found.ndim - 2))
    return ((found + counts // 2) // counts).astype(np.uint8)


def _add(
    sums: NDArray[Any], pixels: NDArray[np.uint8], place: tuple[int, int], block: tuple[int, int]
) -> None:
    """Add the pixels of a tile to the sums of the blocks that it lies in."""
    where: list[slice] = []
    partial: NDArray[Any] = pixels
    for axis in (0, 1):
        start, length, side = place[axis], pixels.shape[axis], block[axis]
        first, last = start // side, (start + length - 1) // side
        edges = np.maximum(np.arange(first, last + 1) * side - start, 0)
        partial = np.add.reduceat(partial, edges, axis=axis, dtype=np.uint32)
        where.append(slice(first, last + 1))
    sums[tuple(where)] += partial


def _lengths(size: int, side: int) -> NDArray[np.int64]:
    starts = np.arange(0, size, side)
    return np.minimum(side, size - starts)


def _tiles(
    corner: tuple[int, int], size: tuple[int, int], chunks: tuple[int, ...] | None
) -> Iterator[tuple[slice, slice]]:
    """Slices that cover a box, cut where the chunks are cut."""
    sides = _tile_sides(chunks)
    for rows in _cuts(corner[0], size[0], sides[0]):
        for cols in _cuts(corner[1], size[1], sides[1]):
            yield rows, cols


def _tile_sides(chunks: tuple[int, ...] | None) -> tuple[int, int]:
    """Of whole chunks, as near to square as they allow."""
    if chunks is None or chunks[0] * chunks[1] > 4 * TILE:
        # Chunks too large to be read one by one are read in parts, more than once.
        return _TILE_SIDE, _TILE_SIDE
    # A chunk that is long on one axis leaves fewer of them on the other.
    rows = chunks[0] * max(1, min(_TILE_SIDE, TILE // max(chunks[1], _TILE_SIDE)) // chunks[0])
    cols = chunks[1] * max(1, TILE // rows // chunks[1])
    return rows, cols


def _cuts(start: int, length: int, side: int) -> Iterator[slice]:
    stop = start + length
    while start < stop:
        end = min((start // side + 1) * side, stop)
        yield slice(start, end)
        start = end
