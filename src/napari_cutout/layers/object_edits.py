"""Deleting, merging and classing objects, over all frames: planned as edits, not yet written.

Planning reads the boxes of the objects that are meant, and nothing else. What is done to an object
in one frame is in frame_edits.py; writing is in writing.py.
"""

from __future__ import annotations

from dataclasses import replace as with_changes
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.extents import grouped
from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.frame_edits import check_free, replace, split
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target.writing import Change, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari.layers import Labels

    from napari_cutout.annotate import FrameIndex, ObjectTable
    from napari_cutout.annotate.extents import Extent

__all__ = ["delete", "merge", "replace", "set_class", "split"]

BLOCK = 256
"""Objects that begin in the same so many rows and columns are changed together."""


def delete(labels: Labels, ids: Iterable[int], table: ObjectTable) -> Edit:
    """Take objects out of all frames: their pixels become background.

    Parameters
    ----------
    labels
        The target.
    ids
        Of the objects.
    table
        Of the target's objects, which knows where they are.

    Returns
    -------
    Edit
        To be written. O(boxes of the objects).

    Raises
    ------
    TargetError
        If the layer can't be written or keeps its labels, or an object isn't there.
    """
    numbers = _checked(labels, ids, table)
    return Edit(
        "Delete",
        tuple(_recolored(labels, numbers, 0, table)),
        removed=tuple(record for number in numbers for record in table.records_of(number)),
        classes=_without_class(numbers, table),
    )


def merge(labels: Labels, ids: Iterable[int], table: ObjectTable, into: int | None = None) -> Edit:
    """Make one object of several, in all frames.

    Parameters
    ----------
    labels, ids, table
        See :func:`delete`.
    into
        The id that it has afterwards, one of them. Default: the smallest. It keeps its class, or
        takes one that the others have.

    Returns
    -------
    Edit
        To be written. The records keep their masks and prompts, and get the id.

    Raises
    ------
    TargetError
        If the layer can't be written or keeps its labels, an object isn't there, or it is one.
    """
    numbers = _checked(labels, ids, table)
    number = min(numbers) if into is None else int(into)
    if number not in numbers:
        raise TargetError(f"objects are merged into one of them, {numbers}, not into {number}")
    others = tuple(other for other in numbers if other != number)
    if not others:
        raise TargetError(f"object {number} is alone; choose two or more to merge")
    names = [name for other in others if (name := table.class_of(other))]
    taken = ((number, "", names[0]),) if names and not table.class_of(number) else ()
    removed = tuple(record for other in others for record in table.records_of(other))
    return Edit(
        "Merge",
        tuple(_recolored(labels, others, number, table)),
        tuple(with_changes(record, id=number) for record in removed),
        removed,
        (*_without_class(others, table), *taken),
    )


def set_class(ids: Iterable[int], name: str, table: ObjectTable) -> Edit:
    """Give objects a class; an empty name takes it away. No pixel changes.

    Raises
    ------
    TargetError
        If an object isn't there.
    """
    numbers = _known(ids, table, "the labels")
    before = ((number, table.class_of(number)) for number in numbers)
    name = name.strip()
    return Edit("Class", classes=tuple((one, had, name) for one, had in before if had != name))


def _checked(labels: Labels, ids: Iterable[int], table: ObjectTable) -> tuple[int, ...]:
    check_free(labels)
    numbers = _known(ids, table, repr(labels.name))
    if table.places.known == "soon" and not all(map(table.places.is_whole, numbers)):
        raise TargetError(
            f"the objects of {labels.name!r} are still being read; try again in a moment"
        )
    return numbers


def _known(ids: Iterable[int], table: ObjectTable, where: str) -> tuple[int, ...]:
    numbers = tuple(sorted({int(number) for number in ids}))
    if not numbers:
        raise TargetError("no object was chosen; give the ids of one or more")
    missing = [number for number in numbers if number not in table.places]
    if missing:
        there = ", ".join(map(str, table.ids[:10])) or "none"
        more = ", ..." if len(table.ids) > 10 else ""
        raise TargetError(f"{where} has no object {missing[0]}; there are {there}{more}")
    return numbers


def _without_class(numbers: Sequence[int], table: ObjectTable) -> tuple[tuple[int, str, str], ...]:
    named = ((number, table.class_of(number)) for number in numbers)
    return tuple((number, name, "") for number, name in named if name)


def _recolored(
    labels: Labels, numbers: Sequence[int], value: int, table: ObjectTable
) -> Iterator[Change]:
    """All pixels of some objects with another label."""
    frames: dict[FrameIndex, dict[int, Extent]] = {}
    for number in numbers:
        for frame, extent in table.places.of(number).items():
            frames.setdefault(frame, {})[number] = extent
    for frame, extents in frames.items():
        for box, ids in grouped(extents, BLOCK):
            slices = frame_slices(frame, box)
            region = read(labels, slices)
            pixels = region == ids[0] if len(ids) == 1 else np.isin(region, ids)
            if pixels.any():
                yield Change(slices, pixels, region[pixels], value)
