"""Parts of objects: cut at a window's sides, compared where two windows overlap, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from pycocotools import mask as coco
from scipy import ndimage

from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.automatic.placing import placed
from napari_cutout.segment.automatic.windowed.lattice import last_col, last_row
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Decode = Callable[[FoundObject], NDArray[np.bool_]]

_EIGHT = np.ones((3, 3))


def box_window(one: FoundObject) -> Window:
    """The box of an object as a window."""
    return Window(*one.origin, *one.mask.size)


def seen_in(
    one: FoundObject, window: Window, decode: Decode = FoundObject.decode
) -> NDArray[np.bool_]:
    """The mask of an object in a window, ``(rows, cols)`` bool. O(the window and the box).

    Parameters
    ----------
    one
        The object.
    window
        Of the frame.
    decode
        Gives its mask in its box; one that keeps masks, where it is asked for them often.
    """
    seen = np.zeros((window.rows, window.cols), bool)
    box = box_window(one)
    both = box.shared(window)
    if both is not None:
        seen[both.relative_to(window).slices] = decode(one)[both.relative_to(box).slices]
    return seen


def tight(
    mask: NDArray[np.bool_], origin: tuple[int, int]
) -> tuple[NDArray[np.bool_], tuple[int, int]] | None:
    """A mask in its bounding box, and that box's (row, col); None where nothing is set."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    cut = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return cut, (origin[0] + int(rows[0]), origin[1] + int(cols[0]))


def reshaped(
    one: FoundObject, mask: NDArray[np.bool_], origin: tuple[int, int]
) -> FoundObject | None:
    """An object with another mask ``(h, w)`` at (row, col); None where nothing is set."""
    found = tight(mask, origin)
    return None if found is None else replace(one, mask=Rle.encode(found[0]), origin=found[1])


def inside(one: FoundObject, window: Window) -> FoundObject | None:
    """What of an object lies in a window; None where nothing does."""
    both = box_window(one).shared(window)
    if both is None:
        return None
    return reshaped(one, seen_in(one, both), (both.row, both.col))


def agree(
    one: FoundObject, other: FoundObject, common: Window, decode: Decode = FoundObject.decode
) -> bool:
    """Whether two objects are one, as far as can be told from pixels that both could have.

    Parameters
    ----------
    one, other
        Of two windows.
    common
        What these windows have in common.
    decode
        See :func:`seen_in`.

    Returns
    -------
    bool
        Whether a connected part of one and a connected part of the other have an IoU above a
        half there. Parts, because an object that bends out of a window and back into it looks
        like two there; and two that touch aren't taken for one that was found as a whole.
    """
    here, there = box_window(one).shared(common), box_window(other).shared(common)
    if here is None or there is None or not shared_pixels(one, other, common, decode):
        return False
    canvas = _around([here, there])
    mask, other_mask = seen_in(one, canvas, decode), seen_in(other, canvas, decode)
    if np.array_equal(mask, other_mask):
        return True
    parts, count = ndimage.label(mask, _EIGHT)
    others, other_count = ndimage.label(other_mask, _EIGHT)
    table = np.bincount(
        (parts.astype(np.int64) * (other_count + 1) + others).ravel(),
        minlength=(count + 1) * (other_count + 1),
    ).reshape(count + 1, other_count + 1)
    both = table[1:, 1:]
    either = table[1:].sum(axis=1)[:, None] + table[:, 1:].sum(axis=0)[None] - both
    return bool((2 * both > either).any())


def shared_pixels(
    one: FoundObject,
    other: FoundObject,
    common: Window | None = None,
    decode: Decode = FoundObject.decode,
) -> int:
    """How many pixels two objects have in common.

    Parameters
    ----------
    one, other
        The objects.
    common
        Where they are looked at. None: everywhere.
    decode
        See :func:`seen_in`.
    """
    both = box_window(one).shared(box_window(other))
    both = both if both is None or common is None else both.shared(common)
    if both is None:
        return 0
    return int(np.count_nonzero(seen_in(one, both, decode) & seen_in(other, both, decode)))


def pixels_inside(one: FoundObject, window: Window, decode: Decode = FoundObject.decode) -> int:
    """How many pixels of an object lie in a window. ``decode`` is that of :func:`seen_in`."""
    both = box_window(one).shared(window)
    return 0 if both is None else int(np.count_nonzero(seen_in(one, both, decode)))


def together(parts: Sequence[FoundObject]) -> FoundObject:
    """One object of parts. O(their runs): no array of the size of its box is made.

    The score and the stability are means, weighted by area; the point is that of the largest.
    """
    frame = _around([box_window(one) for one in parts])
    corner, shape = (frame.row, frame.col), (frame.rows, frame.cols)
    masks = [
        placed(one.mask, (one.origin[0] - corner[0], one.origin[1] - corner[1]), shape).to_json()
        for one in parts
    ]
    areas = np.array([one.area for one in parts], float)
    merged = coco.merge([{**mask, "counts": mask["counts"].encode()} for mask in masks])
    return replace(
        parts[int(np.argmax(areas))],
        mask=Rle(shape, merged["counts"].decode("ascii")),
        origin=corner,
        score=float(np.average([one.score for one in parts], weights=areas)),
        stability=float(np.average([one.stability for one in parts], weights=areas)),
        window=_around([one.window for one in parts]),
    )


def _around(windows: Sequence[Window]) -> Window:
    """The smallest window that holds all of some."""
    row, col = min(w.row for w in windows), min(w.col for w in windows)
    end, stop = max(last_row(w) for w in windows), max(last_col(w) for w in windows)
    return Window(row, col, end - row + 1, stop - col + 1)
