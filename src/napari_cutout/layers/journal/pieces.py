"""What a step of the undo chain wrote into labels, or takes back, as pixels for the journal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.log_regions import Written, at_places, in_box, merged
from napari_cutout.layers.journal.start_copies import dtype_name
from napari_cutout.layers.steps import EditStep, StrokeStep
from napari_cutout.layers.target.pyramids import pixels_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.layers.target.writing import Change


def pieces_of(step: EditStep | StrokeStep, *, back: bool) -> Iterator[Written]:
    """What a step writes when it is done, or when it is undone. O(boxes).

    Parameters
    ----------
    step
        An edit, or a stroke with napari's own account of it: atoms, each either index arrays with
        the values before and after, or a box with a mask, the values under it, and one label.
    back
        Whether it is undone.
    """
    if isinstance(step, EditStep):
        for change in reversed(step.edit.changes) if back else step.edit.changes:
            yield from _of_change(change, back)
        return
    atoms = reversed(step.painted) if back else iter(step.painted)
    pieces = (piece for atom in atoms for piece in _of_atom(atom, back))
    yield from merged(pieces, np.dtype(dtype_name(pixels_of(step.labels))))


def size_of(step: EditStep | StrokeStep) -> int:
    """The pixels that are looked at for it, those of its objects too."""
    if isinstance(step, EditStep):
        records = (*step.edit.added, *step.edit.removed)
        return sum(change.pixels.size for change in step.edit.changes) + sum(
            record.mask.size for record in records
        )
    return sum(
        len(atom[0][0]) if len(atom) == 3 else math.prod(part.stop - part.start for part in atom[0])
        for atom in step.painted
    )


def _of_change(change: Change, back: bool) -> Iterator[Written]:
    lengths = iter(change.pixels.shape)
    starts, shape = [], []
    for part in change.slices:
        starts.append(part.start if isinstance(part, slice) else part)
        shape.append(next(lengths) if isinstance(part, slice) else 1)
    values = change.before if back else change.after
    return in_box(starts, change.pixels.reshape(shape), values)


def _of_atom(atom: tuple[Any, ...], back: bool) -> Iterator[Written]:
    if len(atom) == 3:
        indices, old, new = atom
        return at_places(indices, old if back else new)
    slices, mask, old, new = atom
    shape = [part.stop - part.start for part in slices]
    pixels = np.ones(shape, bool) if mask is None else np.asarray(mask).reshape(shape)
    values = np.ravel(old) if back else new
    return in_box([part.start for part in slices], pixels, values)
