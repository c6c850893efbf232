"""What changed pixels take from ids and give to them: differences of extents, frame by frame.

The pixels come with the labels that they had and have; no labels image is read.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from napari_cutout.annotate.extents import Extent, extents_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex

    Values: TypeAlias = int | np.integer | NDArray[np.integer]
    FrameChange: TypeAlias = tuple[FrameIndex, dict[int, int], dict[int, Extent]]


def changes_in_box(
    starts: Sequence[int], pixels: NDArray[np.bool_], old: Values, new: Values
) -> Iterator[FrameChange]:
    """What changing pixels of a box takes from ids and gives to them, frame by frame. O(box).

    Parameters
    ----------
    starts
        The box's first pixel on every axis of the labels.
    pixels
        Those that change; an axis for each of the labels'.
    old, new
        Their labels before and after: one for all, or a flat array in the order of ``pixels``.

    Yields
    ------
    FrameIndex, dict, dict
        The frame; how many pixels each id loses; what each id gains.
    """
    first = 0
    for above in np.ndindex(*pixels.shape[:-2]):
        here = pixels[above]
        count = int(np.count_nonzero(here))
        if not count:
            continue
        span = slice(first, first + count)
        first += count
        if np.ndim(new) == 0:
            found = {int(new): _extent(here, count)} if new else {}
        else:
            image = np.zeros(here.shape, np.asarray(new).dtype)
            image[here] = np.ravel(new)[span]
            found = extents_of(image)
        frame = (*(start + at for start, at in zip(starts[:-2], above, strict=True)), None, None)
        gained = {number: extent.moved(starts[-2], starts[-1]) for number, extent in found.items()}
        yield frame, _counted(old if np.ndim(old) == 0 else np.ravel(old)[span], count), gained


def changes_at(
    indices: Sequence[NDArray[np.integer]], old: Values, new: Values
) -> Iterator[FrameChange]:
    """The same of pixels given one by one. O(pixels), however far apart they are.

    Parameters
    ----------
    indices
        ``(N,)`` on every axis of the labels.
    old, new
        One label for all, or ``(N,)``. Of a pixel that is given twice, the last one counts.
    """
    places = np.stack([np.ravel(axis) for axis in indices])
    if not places.size:
        return
    low = places.min(axis=1, keepdims=True)
    keys = np.ravel_multi_index(tuple(places - low), tuple(np.ptp(places, axis=1) + 1))
    # The last of equal ones is the first of them from behind.
    _, kept = np.unique(keys[::-1], return_index=True)
    kept = len(keys) - 1 - kept
    places = places[:, kept]
    old, new = (
        np.broadcast_to(values, (1,)) if np.ndim(values) == 0 else np.ravel(values)[kept]
        for values in (old, new)
    )
    above = places[:-2]
    firsts = np.flatnonzero(np.any(above[:, 1:] != above[:, :-1], axis=0)) + 1
    for span in _spans(firsts, places.shape[1]):
        count = span.stop - span.start
        frame = (*above[:, span.start].tolist(), None, None)
        lost, given = (
            np.broadcast_to(values, count) if len(values) == 1 else values[span]
            for values in (old, new)
        )
        yield frame, _counted(lost, count), _extents_at(places[-2:, span], given)


def _spans(firsts: NDArray[np.intp], end: int) -> Iterator[slice]:
    edges = [0, *firsts.tolist(), end]
    return (slice(*pair) for pair in pairwise(edges) if pair[0] < pair[1])


def _extents_at(places: NDArray[np.integer], values: NDArray[np.integer]) -> dict[int, Extent]:
    """The extents of ids of which single pixels are given, ``(2, N)`` and ``(N,)``."""
    return {
        int(number): Extent(chosen.shape[1], *chosen.min(axis=1).tolist(), *chosen.max(1).tolist())
        for number in np.unique(values)
        if number and (chosen := places[:, values == number]).size
    }


def _counted(values: Values, count: int) -> dict[int, int]:
    """How many pixels each id has, 0 left out. Most of the time all are background."""
    if np.ndim(values) == 0:
        return {int(values): count} if values else {}
    labelled = np.asarray(values)[np.asarray(values) != 0]
    if not labelled.size:
        return {}
    if (labelled == labelled[0]).all():
        return {int(labelled[0]): int(labelled.size)}
    numbers, counts = np.unique(labelled, return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def _extent(pixels: NDArray[np.bool_], count: int) -> Extent:
    rows = np.flatnonzero(pixels.any(axis=1))
    cols = np.flatnonzero(pixels.any(axis=0))
    return Extent(count, int(rows[0]), int(cols[0]), int(rows[-1]), int(cols[-1]))
