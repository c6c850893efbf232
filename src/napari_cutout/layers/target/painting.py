"""What changed in a layer's pixels, told to the object table: strokes of napari, edits of ours.

A stroke can also be seen as the changes that an edit makes, to be found, undone and done again.

napari's account of a stroke is read here and nowhere else: a list of atoms, each either index
arrays with the values before and after, or a box with a mask, the values under it, and one label.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.target.writing import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate.places import Places


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
    """Tell of the changes of an edit, or of their undoing, the last one first. O(boxes)."""
    for change in reversed(tuple(changes)) if back else changes:
        lengths = iter(change.pixels.shape)
        starts, shape = [], []
        for part in change.slices:
            starts.append(part.start if isinstance(part, slice) else part)
            shape.append(next(lengths) if isinstance(part, slice) else 1)
        places.painted_box(starts, change.pixels.reshape(shape), change.before, change.after, back)


def looks_written(values: Any, painted: Sequence[tuple[Any, ...]]) -> bool:
    """Whether the last dab of a stroke is there: a first look, O(box of that dab).

    Parameters
    ----------
    values
        Of the layer, an array of any kind.
    painted
        See :func:`largest_painted`.
    """
    if not painted:
        return False
    atom = painted[-1]
    if len(atom) == 3:
        return bool(np.all(np.asarray(values[atom[0]]) == atom[-1]))
    slices, mask, _, after = atom
    now = np.asarray(values[slices])
    return bool(np.all((now if mask is None else now[mask]) == after))


def changes_of(shape: tuple[int, ...], painted: Sequence[tuple[Any, ...]]) -> tuple[Change, ...]:
    """What a stroke changed in all, as changes that an edit could make: one in each frame.

    Pixels that several dabs changed are there once, and those that it left as they were aren't.
    O(box) of one dab, O(pixels log pixels) of several.

    Parameters
    ----------
    shape
        Of the layer's data, two axes or more.
    painted
        See :func:`largest_painted`.
    """
    if len(painted) == 1 and len(painted[0]) == 4:
        return tuple(_changes_of_dab(*painted[0]))
    if not painted:
        return ()
    parts = [_flat(shape, atom) for atom in painted]
    places, before, after = (np.concatenate(values) for values in zip(*parts, strict=True))
    _, first = np.unique(places, return_index=True)
    places, last = np.unique(places[::-1], return_index=True)
    before, after = before[first], after[::-1][last]
    changed = before != after
    places, before, after = places[changed], before[changed], after[changed]
    frames = np.flatnonzero(np.diff(places // math.prod(shape[-2:]))) + 1
    spans = pairwise([0, *frames.tolist(), len(places)])
    return tuple(
        _change_at(np.unravel_index(places[low:high], shape), before[low:high], after[low:high])
        for low, high in spans
        if low < high
    )


def _changes_of_dab(
    slices: tuple[slice, ...], mask: NDArray[np.bool_] | None, before: NDArray[Any], after: Any
) -> Iterator[Change]:
    pixels = np.ones([part.stop - part.start for part in slices], bool) if mask is None else mask
    before, first = np.ravel(before), 0
    for above in np.ndindex(*pixels.shape[:-2]):
        here = pixels[above]
        count = int(np.count_nonzero(here))
        if count:
            frame = (part.start + at for part, at in zip(slices[:-2], above, strict=True))
            yield Change((*frame, *slices[-2:]), here, before[first : first + count], int(after))
        first += count


def _change_at(
    indices: tuple[NDArray[np.intp], ...], before: NDArray[Any], after: NDArray[Any]
) -> Change:
    """Of pixels of one frame, in the order of the array."""
    rows, cols = indices[-2:]
    row, col = int(rows.min()), int(cols.min())
    pixels = np.zeros((int(rows.max()) - row + 1, int(cols.max()) - col + 1), bool)
    pixels[rows - row, cols - col] = True
    height, width = pixels.shape
    box = slice(row, row + height), slice(col, col + width)
    return Change((*(int(at[0]) for at in indices[:-2]), *box), pixels, before, after)


def _flat(
    shape: tuple[int, ...], atom: tuple[Any, ...]
) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[Any]]:
    """The places of the pixels of an atom in the flat array, and what they were and became."""
    if len(atom) == 3:
        indices, before, after = atom
        places = np.ravel(np.ravel_multi_index(tuple(map(np.asarray, indices)), shape))
    else:
        slices, mask, before, after = atom
        axes = [np.arange(part.start, part.stop) for part in slices]
        places = np.ravel_multi_index(np.ix_(*axes), shape)
        places = places.ravel() if mask is None else places[mask]
    before, after = (np.broadcast_to(np.ravel(values), places.shape) for values in (before, after))
    return places, before, after


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
