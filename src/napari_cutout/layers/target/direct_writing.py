"""Writing objects of many frames past napari's history: what is kept are the differences alone.

napari's own history holds every pixel's place, and each frame would be a step of it. Single edits
are written in writing.py.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.overlap import OverlapPolicy, writable
from napari_cutout.layers.errors import TargetError, ViewError
from napari_cutout.layers.image.coordinates import shown_frame
from napari_cutout.layers.target.pyramids import pixels_of, write_levels
from napari_cutout.layers.target.writing import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari.components import Dims
    from napari.layers import Labels
    from numpy.typing import NDArray

    Slices = tuple[int | slice, ...]
    Values = int | NDArray[np.integer]

BLOCK = 2048
"""Changes that begin in the same so many rows and columns are read and written together."""


def compact(
    slices: Slices, pixels: NDArray[np.bool_], before: NDArray[np.integer], after: Values
) -> Change:
    """A change that takes no room for the labels before it where they are all the same."""
    if before.size and (before == before[0]).all():
        before = np.broadcast_to(before[:1].copy(), before.shape)
    return Change(slices, pixels, before, after)


def gained_by_all(
    labels: Labels,
    wanted: Sequence[tuple[Slices, NDArray[np.bool_]]],
    first: int,
    policy: OverlapPolicy,
) -> list[Change | None]:
    """What new objects of a frame that share no pixel would change; nothing is written.

    Parameters
    ----------
    labels
        That can be written. Where they are kept (``preserve_labels``), the policy doesn't matter.
    wanted
        Of each object its box in the labels' data, and its mask there.
    first
        The id of the first that gets a pixel; those of the others follow.
    policy
        Where they meet others.

    Returns
    -------
    list of Change or None
        None for one of which no pixel would be written.
    """
    policy = "keep_existing" if labels.preserve_labels else policy
    data = pixels_of(labels)
    found: list[Change | None] = [None] * len(wanted)
    kept: list[tuple[int, NDArray[np.bool_], NDArray[np.integer]]] = []
    for box, members in _together([slices for slices, _ in wanted]):
        there = np.asarray(data[box])
        for k in members:
            slices, mask = wanted[k]
            existing = there[_inside(slices, box)]
            # No pixel has the new id yet, whichever it will be.
            pixels = writable(mask, existing, first, policy)
            if pixels.any():
                # One array less where nothing was in the way.
                pixels = mask if np.array_equal(pixels, mask) else pixels
                kept.append((k, pixels, existing[pixels]))
    kept.sort(key=lambda one: one[0])
    for number, (k, pixels, before) in enumerate(kept, first):
        found[k] = compact(wanted[k][0], pixels, before, number)
    return found


def recolored_by_all(
    labels: Labels, wanted: Sequence[tuple[Slices, NDArray[np.bool_], int, int]]
) -> list[Change]:
    """What giving objects of a frame other labels would change; nothing is written.

    Parameters
    ----------
    labels
        That can be written.
    wanted
        Of each object its box in the labels' data, its mask there, its label and the new one.
        What isn't the object's any more stays as it is.
    """
    data, found = pixels_of(labels), []
    for box, members in _together([slices for slices, *_ in wanted]):
        there = np.asarray(data[box])
        for k in members:
            slices, mask, number, new = wanted[k]
            existing = there[_inside(slices, box)]
            pixels = mask & (existing == number)
            if pixels.any():
                found.append(compact(slices, pixels, existing[pixels], new))
    return found


def write_directly(
    labels: Labels, parts: Sequence[Sequence[Change]], *, back: bool = False
) -> None:
    """Write changes, or what was there before them. O(boxes). Nothing is drawn, see :func:`draw`.

    Parameters
    ----------
    labels
        That can be written.
    parts
        In the order in which they were made; those of one part don't meet.
    back
        Whether to take them back, the last part first.

    Raises
    ------
    TargetError
        If the data can't be written, for example on a full disk; what was written until then is
        taken back.
    """
    pieces = [frame for part in parts for frame in _frames(part)]
    ordered = list(reversed(pieces)) if back else pieces
    for count, changes in enumerate(ordered, 1):
        try:
            _write(labels, [(one.slices, one.pixels, _new(one, back)) for one in changes])
        except Exception as error:
            for begun in reversed(ordered[:count]):
                with suppress(Exception):
                    _write(labels, [(one.slices, one.pixels, _new(one, not back)) for one in begun])
            raise TargetError(
                f"{labels.name!r} can't be written: {error or type(error).__name__}; make room or "
                "choose other labels, and go on"
            ) from error


def draw(labels: Labels, changes: Iterable[Change], dims: Dims) -> None:
    """Have napari show what was written, where it is in view."""
    if not labels.visible or not _is_seen(labels, changes, dims):
        return
    labels.refresh(extent=False, highlight=False)


def _new(change: Change, back: bool) -> Values:
    return change.before if back else change.after


def _write(labels: Labels, pieces: Sequence[tuple[Slices, NDArray[np.bool_], Values]]) -> None:
    """Write pieces of one frame, those of a block in one go where the data isn't in memory."""
    data = pixels_of(labels)
    if isinstance(data, np.ndarray) and not labels.multiscale:
        for slices, pixels, values in pieces:
            data[slices][pixels] = values
        return
    for box, members in _together([slices for slices, _, _ in pieces]):
        region = np.array(data[box])
        for k in members:
            slices, pixels, values = pieces[k]
            region[_inside(slices, box)][pixels] = values
        write_levels(labels, box, region)


def _together(boxes: Sequence[Slices]) -> Iterator[tuple[Slices, list[int]]]:
    """Boxes of one frame that hold those which begin in each of its blocks, and which these are."""
    blocks: dict[tuple[int, ...], list[int]] = {}
    for k, slices in enumerate(boxes):
        begin = tuple(part.start // BLOCK for part in slices if isinstance(part, slice))
        blocks.setdefault(begin, []).append(k)
    for members in blocks.values():
        around: list[int | slice] = list(boxes[members[0]])
        for axis, part in enumerate(around):
            if isinstance(part, slice):
                spans = [boxes[k][axis] for k in members]
                low = min(span.start for span in spans if isinstance(span, slice))
                high = max(span.stop for span in spans if isinstance(span, slice))
                around[axis] = slice(low, high)
        yield tuple(around), members


def _inside(slices: Slices, box: Slices) -> tuple[slice, ...]:
    """Where a box lies in what was read of one around it."""
    return tuple(
        slice(part.start - outer.start, part.stop - outer.start)
        for part, outer in zip(slices, box, strict=True)
        if isinstance(part, slice) and isinstance(outer, slice)
    )


def _frames(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Changes in their order, those of one frame that follow each other together."""
    run: list[Change] = []
    for change in changes:
        if run and _place(run[-1]) != _place(change):
            yield run
            run = []
        run.append(change)
    if run:
        yield run


def _place(change: Change) -> tuple[int | None, ...]:
    return tuple(None if isinstance(part, slice) else part for part in change.slices)


def _is_seen(labels: Labels, changes: Iterable[Change], dims: Dims) -> bool:
    try:
        shown = shown_frame(labels, dims)
    except ViewError:
        return True
    return any(
        all(
            at is None or (part.start <= at < part.stop if isinstance(part, slice) else part == at)
            for at, part in zip(shown, change.slices, strict=True)
        )
        for change in changes
    )
