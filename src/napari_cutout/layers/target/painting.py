"""What changed in a layer's pixels, told to the object table: strokes of napari, edits of ours.

napari's account of a stroke is read here and nowhere else: a list of atoms, each either index
arrays with the values before and after, or a box with a mask, the values under it, and one label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_cutout.annotate.places import Places
    from napari_cutout.layers.target.writing import Change


def largest_painted(painted: Iterable[tuple[Any, ...]]) -> int:
    """The largest id that a step of napari's history of a Labels layer wrote.

    Parameters
    ----------
    painted
        The ``value`` of the event ``paint``: atoms, tuples that end with the new values.
    """
    return max((int(np.max(atom[-1])) for atom in painted), default=0)


def follow_painted(
    places: Places, painted: Iterable[tuple[Any, ...]], *, back: bool = False
) -> None:
    """Tell of a stroke, or of its undoing. O(box of each dab)."""
    atoms = list(painted)
    for atom in reversed(atoms) if back else atoms:
        if len(atom) == 3:
            indices, old, new = atom
            places.painted(indices, old, new, back)
            continue
        slices, mask, old, new = atom
        pixels = (
            np.ones([part.stop - part.start for part in slices], bool) if mask is None else mask
        )
        starts = [part.start for part in slices]
        places.painted_box(starts, pixels, np.ravel(old), int(new), back)


def follow_changes(places: Places, changes: Iterable[Change], *, back: bool = False) -> None:
    """Tell of the changes of an edit, or of their undoing. O(boxes)."""
    for change in changes:
        lengths = iter(change.pixels.shape)
        starts, shape = [], []
        for part in change.slices:
            starts.append(part.start if isinstance(part, slice) else part)
            shape.append(next(lengths) if isinstance(part, slice) else 1)
        places.painted_box(starts, change.pixels.reshape(shape), change.before, change.after, back)


def paint_again(values: NDArray[Any], painted: Iterable[tuple[Any, ...]]) -> None:
    """Write a stroke into an array like the layer's; one that is there already changes nothing.

    Parameters
    ----------
    values
        It is changed.
    painted
        See :func:`largest_painted`.
    """
    for atom in painted:
        if len(atom) == 3:
            indices, _, new = atom
            values[indices] = new
            continue
        slices, mask, _, new = atom
        values[slices][... if mask is None else mask] = new
