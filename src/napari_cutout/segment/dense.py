"""Dense maps of a frame, put together from windows that overlap."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.errors import TooLargeError
from napari_cutout.segment.lazy import LARGE
from napari_cutout.segment.windows import tiles, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_cutout.sam.family import DenseMaps
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.windows import Window


@dataclass(frozen=True, eq=False)
class FrameMaps:
    """Per-pixel maps of a frame, or of a window of it, from which all instances come.

    Parameters
    ----------
    foreground
        ``(rows, cols)`` float32, the probability that the pixel belongs to an object.
    distance
        ``(rows, cols)`` float32, the distance to the object's edge, 1 at its deepest.
    window
        The piece of the frame that they cover.
    """

    foreground: NDArray[np.float32]
    distance: NDArray[np.float32]
    window: Window


def region(embedding: Embedding) -> Window:
    """What of its frame an embedding is of: its one window, or all."""
    return embedding.window or whole(embedding.shape)


def places(embedding: Embedding) -> list[Window]:
    """The windows from which the maps of an embedding are put together.

    Raises
    ------
    TooLargeError
        If the frame is lazy, and the maps of all of it wouldn't fit into memory.
    """
    if embedding.window is not None:
        return [embedding.window]
    rows, cols = embedding.shape
    if rows * cols > LARGE and not embedding.nbytes:
        raise TooLargeError(
            f"the maps of a frame of {rows} x {cols} pixels wouldn't fit into memory; encode it "
            "with window=Window(row, col, rows, cols), one piece after the other"
        )
    side = embedding.input_size
    return list(tiles(embedding.shape, side, side // 4))


def stitch(pieces: Iterable[tuple[Grid, DenseMaps]], window: Window) -> FrameMaps:
    """Put the dense maps of windows together, see :func:`blend`; those of one stay as they are."""
    pieces = iter(pieces)
    ahead = list(islice(pieces, 2))
    if len(ahead) == 1:
        grid, maps = ahead[0]
        foreground, distance = (grid.sample(one, window) for one in _layers(maps))
        return FrameMaps(foreground, distance, window)
    layers = blend(((grid, _layers(maps)) for grid, maps in chain(ahead, pieces)), 2, window)
    return FrameMaps(layers[0], layers[1], window)


def blend(
    pieces: Iterable[tuple[Grid, Iterable[NDArray[np.float32]]]], count: int, window: Window
) -> NDArray[np.float32]:
    """Average the maps of windows, each weighted by how far a pixel is from the window's sides.

    Parameters
    ----------
    pieces
        How windows that cover ``window``, and may reach beyond it, were read, and their maps at
        that resolution.
    count
        Maps of each.
    window
        Of the frame, or all of it.

    Returns
    -------
    ndarray
        ``(count, window.rows, window.cols)`` float32.
    """
    shape = (window.rows, window.cols)
    total = np.zeros((count, *shape), np.float32)
    weights = np.zeros(shape, np.float32)
    for grid, layers in pieces:
        shared = grid.window.shared(window)
        if shared is None:
            continue
        where, within = shared.relative_to(window), shared.relative_to(grid.window)
        weight = _taper(grid.window.rows)[:, None] * _taper(grid.window.cols)[None, :]
        for layer, values in zip(total, layers, strict=True):
            layer[where.slices] += grid.sample(values, shared) * weight[within.slices]
        weights[where.slices] += weight[within.slices]
    total /= weights
    return total


def _layers(maps: DenseMaps) -> Iterator[NDArray[np.float32]]:
    yield maps.foreground.cpu().numpy()
    yield maps.distance.cpu().numpy()


def _taper(length: int) -> NDArray[np.float32]:
    place = np.arange(length, dtype=np.float32) + 0.5
    taper: NDArray[np.float32] = np.minimum(place, length - place) / length
    return taper
