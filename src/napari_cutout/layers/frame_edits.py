"""Splitting and correcting an object in one frame: planned, and not yet written.

Planning reads the object's box, and nothing else. What is done to whole objects, over all frames,
is in object_edits.py; writing is in writing.py.
"""

from __future__ import annotations

from dataclasses import replace as with_changes
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.overlap import given_up, writable
from napari_cutout.annotate.prompt_state import PromptState
from napari_cutout.annotate.splitting import split_mask
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.image.coordinates import in_data
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.reading import AT_ONCE, read_frame
from napari_cutout.layers.target.targets import check_writable
from napari_cutout.layers.target.writing import Change, read

if TYPE_CHECKING:
    from napari.layers import Labels
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex, ObjectRecord, ObjectTable, OverlapPolicy
    from napari_cutout.layers.target.targets import TargetFrame

    Place = tuple[float, float]


def split(
    labels: Labels,
    number: int,
    frame: TargetFrame,
    clicks: tuple[Place, Place],
    new: int,
    table: ObjectTable,
    index: FrameIndex,
) -> Edit:
    """Make two objects of one, in one frame, by a click in each half.

    Parameters
    ----------
    labels, table
        The target, and the table of its objects.
    number
        Its id. The half of the first click keeps it, and with it all other frames.
    frame
        Where the image's frame lies in the labels.
    clicks
        (row, col) of the image's frame.
    new
        The id of the other half, see :meth:`.Target.next_id`. It gets the same class.
    index
        The image's frame.

    Returns
    -------
    Edit
        To be written. A record of the object in the frame gives way to one for each half, whose
        prompts are the two clicks.

    Raises
    ------
    TargetError
        If the layer can't be written or keeps its labels, or a click isn't in the object.
    """
    check_free(labels)
    clicked = [tuple(round(float(at)) for at in place) for place in clicks]
    places = [(row + frame.offset[0], col + frame.offset[1]) for row, col in clicked]
    box = _box(labels, number, frame, table, index)
    if box is None:
        raise TargetError(f"object {number} of {labels.name!r} isn't in this frame")
    slices = frame_slices(frame.index, box)
    region = read(labels, slices)
    corner = (box[0].start, box[1].start)
    inside = [(row - corner[0], col - corner[1]) for row, col in places]
    try:
        halves = split_mask(region == number, *inside)
    except ValueError as error:
        raise TargetError(
            f"object {number} of {labels.name!r} can't be split by clicks at {clicked[0]} and "
            f"{clicked[1]}: click twice inside of it, once in each half"
        ) from error
    change = Change(slices, halves[1], region[halves[1]], int(new))
    removed = table.records_of(number, index)
    added: tuple[ObjectRecord, ...] = ()
    if removed:
        origin = (corner[0] - frame.offset[0], corner[1] - frame.offset[1])
        prompts = [_two_points(clicks[k], clicks[1 - k], index) for k in (0, 1)]
        added = tuple(
            _with_mask(with_changes(removed[-1], id=one, prompts=said), half, origin)
            for one, half, said in zip((number, int(new)), halves, prompts, strict=True)
        )
    name = table.class_of(number)
    classes = ((int(new), "", name),) if name else ()
    return Edit("Split", (change,), added, removed, classes)


def replace(
    labels: Labels,
    frame: TargetFrame,
    mask: NDArray[np.bool_],
    origin: tuple[int, int],
    number: int,
    policy: OverlapPolicy,
    table: ObjectTable,
    index: FrameIndex,
) -> tuple[Change, ...]:
    """What correcting an object in one frame changes: it gets a new mask in place of its old one.

    Parameters
    ----------
    labels, table
        The target, and the table of its objects. ``preserve_labels`` keeps other objects whatever
        the policy is.
    frame
        Where the image's frame lies in the labels.
    mask, origin
        The object as it shall be, ``(h, w)`` bool in its box of the image's frame, and the box's
        (row, col).
    number
        Its id.
    policy
        Where it meets labels.
    index
        The image's frame.

    Returns
    -------
    tuple of Change
        None when it is like that already.

    Raises
    ------
    TargetError
        If the layer can't be written, or nothing of the object would be left.
    """
    check_writable(labels)
    policy = "keep_existing" if labels.preserve_labels and policy == "new_on_top" else policy
    inside, places = frame.crop(mask, origin)
    if not inside.any():
        raise TargetError(f"the mask lies outside {labels.name!r}; choose labels that cover it")
    new = tuple(part for part in places if isinstance(part, slice))
    old = _box(labels, number, frame, table, index)
    box = (new[0], new[1])
    if old is not None:
        box = (_around(new[0], old[0]), _around(new[1], old[1]))
    slices = frame_slices(frame.index, box)
    region = read(labels, slices)
    whole = np.zeros(region.shape, bool)
    whole[tuple(_shifted(part, outer.start) for part, outer in zip(new, box, strict=True))] = inside
    gained = writable(whole, region, number, policy)
    lost = given_up(whole, region, number, policy)
    if not np.any(gained | ((region == number) & ~lost)):
        raise TargetError(
            f"nothing of object {number} would be left in {labels.name!r}: other objects are there "
            "and are kept; allow painting over them (preserve labels off, policy 'new_on_top')"
        )
    pixels = gained | lost
    if not pixels.any():
        return ()
    after: int | NDArray[np.integer] = number
    if lost.any():
        after = np.where(gained, number, 0)[pixels].astype(region.dtype)
    return (Change(slices, pixels, region[pixels], after),)


def check_free(labels: Labels) -> None:
    """Refuse a layer that can't be written, or that keeps its labels.

    Raises
    ------
    TargetError
        If it is one, with what to do.
    """
    check_writable(labels)
    if labels.preserve_labels:
        raise TargetError(
            f"{labels.name!r} keeps its labels; switch 'preserve labels' off to edit its objects"
        )


def _box(
    labels: Labels, number: int, frame: TargetFrame, table: ObjectTable, index: FrameIndex
) -> tuple[slice, slice] | None:
    """A box of the labels' frame that holds an object, however much of the labels was read."""
    places, small = table.places, frame.shape[0] * frame.shape[1] <= AT_ONCE
    plain = frame.index[-2:] == (None, None)
    if not places.is_whole(number) and plain and small and not places.is_read(frame.index):
        extent = read_frame(pixels_of(labels), frame.index).get(number)
        return None if extent is None else extent.box
    known = [places.within(number, frame.index)]
    for record in table.records_of(number, index):
        _, slices = frame.crop(record.mask, record.origin)
        row, col = (part for part in slices if isinstance(part, slice))
        known.append((row, col))
    boxes = [box for box in known if box is not None and all(one.stop > one.start for one in box)]
    if not boxes:
        return None
    box = boxes[0]
    for other in boxes[1:]:
        box = (_around(box[0], other[0]), _around(box[1], other[1]))
    return box


def _around(one: slice, other: slice) -> slice:
    return slice(min(one.start, other.start), max(one.stop, other.stop))


def _shifted(part: slice, by: int) -> slice:
    return slice(part.start - by, part.stop - by)


def _two_points(inside: Place, outside: Place, index: FrameIndex) -> PromptState:
    return PromptState(in_data([inside, outside], index), np.array([True, False]))


def _with_mask(
    record: ObjectRecord, mask: NDArray[np.bool_], origin: tuple[int, int]
) -> ObjectRecord:
    """A record with another mask, cut to its box."""
    rows, cols = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    cut = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return with_changes(
        record, mask=cut, origin=(origin[0] + int(rows[0]), origin[1] + int(cols[0]))
    )
