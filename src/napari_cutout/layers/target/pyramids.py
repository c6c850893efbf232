"""Labels of large images as pyramids of our own: napari shows a level of them, and we write all.

Of labels of one resolution napari would read a whole plane to show it. Level 0 holds the objects;
each level above takes every second pixel of the one below, along the axes of the largest planes.
Pyramids that aren't ours are never written.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.replay import sparse_labels
from napari_cutout.annotate.written import written_boxes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari.layers import Labels
    from numpy.typing import NDArray

MARK = "napari-cutout levels"
"""Under which the metadata of a layer say that its levels are ours."""

TOP = 1024
"""Rows and columns that the smallest level has at most."""


def empty_pyramid(shape: Sequence[int], dtype: str) -> list[Any]:
    """Levels that hold nothing, full resolution first; only what is written takes room.

    Parameters
    ----------
    shape
        Along all axes. The two longest are halved from level to level, rounded up.
    dtype
        Of the labels.
    """
    halved = set(sorted(range(len(shape)), key=lambda axis: shape[axis])[-2:])
    sizes = [tuple(int(size) for size in shape)]
    while max(sizes[-1][axis] for axis in halved) > TOP:
        sizes.append(tuple(-(-n // 2) if axis in halved else n for axis, n in enumerate(sizes[-1])))
    levels = [sparse_labels(size, dtype) for size in sizes]
    if len(shape) == 2:
        # Of two axes napari keeps the smallest level as an array, and it has to be this one.
        levels[-1] = np.zeros(sizes[-1], dtype)
    return levels


def pyramid_over(full: Any) -> list[Any]:
    """The levels of labels that are there. O(what they hold): see :func:`.written_boxes`.

    Parameters
    ----------
    full
        The labels at full resolution, which become the first level.
    """
    levels = [full, *empty_pyramid(full.shape, np.dtype(full.dtype).name)[1:]]
    boxes: Iterable[tuple[slice, ...]] = written_boxes(full)
    for below, level in pairwise(levels):
        boxes = list(_fill(below, level, boxes))
    return levels


def _fill(
    below: Any, level: Any, boxes: Iterable[tuple[slice, ...]]
) -> Iterator[tuple[slice, ...]]:
    """Give a level what the one below holds in boxes; where anything was written, in whole chunks.

    Each chunk is written once, of all the boxes that it stands for.
    """
    sizes = getattr(level, "chunks", level.shape)
    steps = [1 if n == m else 2 for n, m in zip(below.shape, level.shape, strict=True)]
    places: dict[tuple[int, ...], None] = {}
    for box in boxes:
        spans = [
            range(part.start // step // size, (-(-part.stop // step) - 1) // size + 1)
            for part, step, size in zip(box, steps, sizes, strict=True)
        ]
        places.update(dict.fromkeys(product(*spans)))
    for place in places:
        chunk = tuple(
            slice(at * size, min((at + 1) * size, whole))
            for at, size, whole in zip(place, sizes, level.shape, strict=True)
        )
        covered = tuple(
            slice(part.start * step, min(part.stop * step, whole))
            for part, step, whole in zip(chunk, steps, below.shape, strict=True)
        )
        piece = np.asarray(below[covered])[tuple(slice(None, None, step) for step in steps)]
        if piece.any():
            level[chunk] = piece
            yield chunk


def pixels_of(labels: Labels) -> Any:
    """The array of a Labels layer at full resolution: what objects are read from and written to."""
    data: Any = labels.data
    return data[0] if labels.multiscale else data


def is_ours(labels: Labels) -> bool:
    """Whether a layer is a pyramid of our own, which we keep in step on all levels."""
    if not labels.multiscale or labels.metadata.get(MARK) is not True:
        return False
    full, *above = labels.data
    # The mark is copied along with the layer, and the copy's data may be replaced.
    return all(
        level.dtype == full.dtype and _factors(full, level, k) is not None
        for k, level in enumerate(above, 1)
    )


def is_foreign(labels: Labels) -> bool:
    """Whether a layer is a pyramid that isn't ours."""
    return bool(labels.multiscale) and not is_ours(labels)


def write_levels(
    labels: Labels, slices: tuple[int | slice, ...], region: NDArray[np.integer]
) -> None:
    """Write a box of all levels. O(box).

    Parameters
    ----------
    labels
        A layer of one resolution, or a pyramid of ours.
    slices
        The box at full resolution: integers, and slices with start and stop.
    region
        What it holds from now on.
    """
    levels = list(labels.data) if labels.multiscale else [labels.data]
    levels[0][slices] = region
    _write_above(levels, slices, region)


def _write_above(
    levels: Sequence[Any], slices: tuple[int | slice, ...], region: NDArray[np.integer]
) -> None:
    """Write a box, given at full resolution, of all levels but that."""
    full, *above = levels
    for k, level in enumerate(above, 1):
        factors = _factors(full, level, k)
        assert factors is not None, "it is ours"
        if any(
            at % factor
            for at, factor in zip(slices, factors, strict=True)
            if not isinstance(at, slice)
        ):
            continue
        picked: list[slice] = []
        place: list[int | slice] = []
        for part, factor in zip(slices, factors, strict=True):
            if isinstance(part, slice):
                picked.append(slice(-part.start % factor, None, factor))
                place.append(slice(-(-part.start // factor), -(-part.stop // factor)))
            else:
                place.append(part // factor)
        piece = region[tuple(picked)]
        if piece.size:
            level[tuple(place)] = piece


def _factors(full: Any, level: Any, k: int) -> tuple[int, ...] | None:
    """How many pixels of full resolution one of a level stands for, along each axis."""
    factors = []
    for size, small in zip(full.shape, level.shape, strict=True):
        if small == size:
            factors.append(1)
        elif small == -(-size // (1 << k)):
            factors.append(1 << k)
        else:
            return None
    return tuple(factors)
