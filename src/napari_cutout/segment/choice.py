"""Which window of a frame is looked at for a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.prompts import LowResLogits
from napari_cutout.segment.windows import around, sides, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.prompts import Prompts
    from napari_cutout.segment.windows import Window

EXTENT_SHARE = 0.6
"""The largest share of a window's side that the extent of a prompt may take."""


def choose(prompts: Prompts, shape: tuple[int, int], input_size: int) -> Window:
    """The window for a prompt: the smallest that shows it with enough around it.

    Parameters
    ----------
    prompts
        Of one object. A window that its ``logits`` belong to is kept while it holds the prompt.
    shape
        ``(rows, cols)`` of the frame.
    input_size
        Of the model.
    """
    reach = extent(prompts, shape)
    if isinstance(prompts.logits, LowResLogits):
        kept = prompts.logits.window
        if reach is None or kept.holds(reach):
            return kept
    if reach is None:
        return whole(shape)
    size = float(max(reach[2] - reach[0], reach[3] - reach[1])) + 1
    for side in sides(shape, input_size):
        if size <= EXTENT_SHARE * side:
            return around((reach[:2] + reach[2:]) / 2, side, shape)
    return whole(shape)


def extent(prompts: Prompts, shape: tuple[int, int]) -> NDArray[np.float64] | None:
    """(row0, col0, row1, col1) of the positive points, the box and the mask, in the frame."""
    corners = [prompts.points[prompts.positive]] if prompts.positive.any() else []
    if not corners and len(prompts.points):
        corners = [prompts.points]
    if prompts.box is not None:
        corners.append(prompts.box.reshape(2, 2))
    if prompts.mask is not None:
        rows, cols = (np.flatnonzero(prompts.mask.any(axis=axis)) for axis in (1, 0))
        corners.append(np.array([[rows[0], cols[0]], [rows[-1], cols[-1]]], float))
    if not corners:
        return None
    stacked = np.concatenate(corners)
    limits = np.array([shape[0] - 1, shape[1] - 1], float)
    low, high = stacked.min(axis=0), stacked.max(axis=0)
    return np.concatenate([np.clip(low, 0, limits), np.clip(high, 0, limits)])
