"""Boxes of a frame of labels, and masks cut to what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.target.targets import TargetFrame

    Box = tuple[slice, slice]


def around(boxes: Sequence[Box]) -> Box | None:
    """The box around some; None without any."""
    if not boxes:
        return None
    rows, cols = (
        slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes))
        for axis in (0, 1)
    )
    return rows, cols


def inside(box: Box, whole: Box) -> Box:
    """Where a box lies in a larger one that was read."""
    rows, cols = (
        slice(part.start - outer.start, part.stop - outer.start)
        for part, outer in zip(box, whole, strict=True)
    )
    return rows, cols


def cut(mask: NDArray[np.bool_], box: Box, target: TargetFrame) -> Crop:
    """A mask in a box of the labels' frame, cut to what it needs, and placed in the image's."""
    rows, cols = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    origin = (
        box[0].start - target.offset[0] + int(rows[0]),
        box[1].start - target.offset[1] + int(cols[0]),
    )
    return mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].copy(), origin
