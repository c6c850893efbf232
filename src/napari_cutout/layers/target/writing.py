"""The one module that writes labels. One edit is one undo step, and costs what its objects do.

Compute first, write last: nothing that can fail happens between the first pixel and the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_cutout.annotate.overlap import OverlapPolicy, writable
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.target.pyramids import pixels_of, write_levels
from napari_cutout.layers.target.targets import check_writable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.target.targets import TargetFrame

State = Literal["written", "not written", "neither"]


@dataclass(frozen=True, eq=False)
class Change:
    """What an edit changes in one box of the labels, so that it can be undone and done again.

    Parameters
    ----------
    slices
        The bounding box in the labels' data, integers on the sliced axes.
    pixels
        ``(h, w)`` bool, those that change.
    before
        The labels that they had, as a flat array in the order of ``pixels``.
    after
        The label that they get, or a flat array of those that each gets.
    """

    slices: tuple[int | slice, ...]
    pixels: NDArray[np.bool_]
    before: NDArray[np.integer]
    after: int | NDArray[np.integer]


def plan(
    labels: Labels,
    frame: TargetFrame,
    mask: NDArray[np.bool_],
    origin: tuple[int, int],
    value: int,
    policy: OverlapPolicy = "new_on_top",
) -> Change:
    """What writing a mask would change. Nothing is written.

    Parameters
    ----------
    labels
        The target. Its ``preserve_labels`` keeps existing objects whatever the policy is.
    frame
        Where the image's frame lies in it.
    mask, origin
        The object in its box of the image's frame, ``(h, w)`` bool, and the box's (row, col).
    value
        Its id.
    policy
        Where it meets other objects.

    Raises
    ------
    TargetError
        If the layer can't be written, the id doesn't fit, or nothing is left to write.
    """
    check_writable(labels)
    dtype = pixels_of(labels).dtype
    limits = np.iinfo(dtype)
    if not limits.min <= value <= limits.max:
        raise TargetError(
            f"the id {value} doesn't fit {labels.name!r}, whose dtype {dtype} "
            f"holds {limits.min} to {limits.max}"
        )
    if not frame.crop(mask, origin)[0].any():
        raise TargetError(f"the mask lies outside {labels.name!r}; choose labels that cover it")
    change = gained(labels, frame, mask, origin, value, policy)
    if change is None:
        raise TargetError(
            f"no pixel of {labels.name!r} would change: other objects are there and are kept; "
            "allow painting over them (preserve labels off, policy 'new_on_top')"
        )
    return change


def gained(
    labels: Labels,
    frame: TargetFrame,
    mask: NDArray[np.bool_],
    origin: tuple[int, int],
    value: int,
    policy: OverlapPolicy = "new_on_top",
) -> Change | None:
    """As :func:`plan`, of labels that can be written; None where no pixel would change."""
    inside, slices = frame.crop(mask, origin)
    if not inside.any():
        return None
    existing = read(labels, slices)
    policy = "keep_existing" if labels.preserve_labels else policy
    pixels = writable(inside, existing, value, policy)
    return Change(slices, pixels, existing[pixels], value) if pixels.any() else None


def read(labels: Labels, slices: tuple[int | slice, ...]) -> NDArray[np.integer]:
    """A box of the labels as an array ``(h, w)``."""
    return np.asarray(pixels_of(labels)[slices])


def state_of(labels: Labels, changes: Sequence[Change]) -> State:
    """Whether the pixels are as after the changes, as before them, or as something else left."""
    written = not_written = True
    for change in changes:
        now = read(labels, change.slices)[change.pixels]
        written = written and bool(np.all(now == change.after))
        not_written = not_written and np.array_equal(now, change.before)
    return "written" if written else "not written" if not_written else "neither"


def write(labels: Labels, changes: Sequence[Change]) -> bool:
    """Write changes that don't meet, as one step of napari's own undo where the data allows.

    Returns
    -------
    bool
        Whether napari can undo it; otherwise only :func:`revert` can.
    """
    return _set(labels, [(change, change.after) for change in changes])


def revert(labels: Labels, changes: Sequence[Change]) -> bool:
    """Write back what was there before, as a new step of napari's own undo."""
    return _set(labels, [(change, change.before) for change in changes])


def _set(labels: Labels, values: Sequence[tuple[Change, int | NDArray[np.integer]]]) -> bool:
    data = pixels_of(labels)
    if _is_edited_by_napari(labels):
        pieces = [
            (tuple(axis[chosen] for axis in indices), value)
            for change, new in values
            for indices in [_indices(change)]
            for value, chosen in _by_value(new)
        ]
        # What is there already isn't drawn, and the last one draws them all.
        while pieces and np.all(np.asarray(data[pieces[-1][0]]) == pieces[-1][1]):
            pieces.pop()
        with labels.block_history():
            for place, (indices, value) in enumerate(pieces, 1):
                labels.data_setitem(indices, value, refresh=place == len(pieces))
        return True
    for change, new in values:
        region = np.array(data[change.slices])
        region[change.pixels] = new
        write_levels(labels, change.slices, region)
    labels.refresh(extent=False)
    return False


def _is_edited_by_napari(labels: Labels) -> bool:
    """Whether napari's own editing works.

    It doesn't with dask, where ``data[rows, cols]`` isn't pixels, nor with a pyramid. Of a layer
    that was never visible napari has no slice, into which it writes a second time.
    """
    is_lazy = hasattr(labels.data, "__dask_graph__")
    return bool(labels.visible) and not labels.multiscale and not is_lazy


def _indices(change: Change) -> tuple[NDArray[np.intp], ...]:
    found = iter(np.nonzero(change.pixels))
    count = int(np.count_nonzero(change.pixels))
    return tuple(
        next(found) + part.start if isinstance(part, slice) else np.full(count, part, np.intp)
        for part in change.slices
    )


def _by_value(values: int | NDArray[np.integer]) -> list[tuple[int, NDArray[np.bool_] | slice]]:
    """Each value with the pixels that get it: napari wants one at a time."""
    if isinstance(values, int):
        return [(values, slice(None))]
    return [(int(value), values == value) for value in np.unique(values)]
