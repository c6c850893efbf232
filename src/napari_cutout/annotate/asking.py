"""What the model is asked for the prompts of one object: drawn shapes as points, boxes and masks.

Which prompts are of one object is decided in grouping.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from skimage.draw import polygon2mask

from napari_cutout.segment import PromptError, Prompts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex
    from napari_cutout.annotate.prompt_state import PromptShape, PromptState
    from napari_cutout.segment import LowResLogits

    Placed = tuple[NDArray[np.bool_], tuple[int, int]]

SCRIBBLE_POINTS = 8
"""The most points that are taken along a scribble."""

_SPACING = 4.0
"""Pixels between them at least."""


def as_prompts(
    state: PromptState,
    index: FrameIndex,
    shape: tuple[int, int],
    logits: LowResLogits | None = None,
) -> Prompts:
    """The prompts of one object in the library's words.

    A box is the box around all that was outlined. An ellipse or a polygon is a mask besides. Along
    a scribble points are taken at even distances.

    Parameters
    ----------
    state
        Of one object in one frame.
    index
        The frame.
    shape
        Its (rows, cols).
    logits
        The answer that these prompts follow. It knows of the masks already: they are left out.

    Raises
    ------
    PromptError
        If there are none, or they don't fit the frame.
    """
    scribbles = [drawn for drawn in state.shapes if drawn.kind == "scribble"]
    outlines = [drawn for drawn in state.shapes if drawn.kind != "scribble"]
    paths = [along(drawn.frame_vertices(index)) for drawn in scribbles]
    points = np.concatenate([state.frame_points(index), *paths])
    positive = np.concatenate(
        [
            state.positive,
            *(
                np.full(len(path), drawn.positive)
                for path, drawn in zip(paths, scribbles, strict=True)
            ),
        ]
    ).astype(bool)
    boxes = np.array([outline.box(index) for outline in outlines]).reshape(-1, 4)
    box = None
    if len(boxes):
        box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    placed = None if logits is not None else _mask(state, index, shape)
    if placed is None:
        return Prompts(points, positive, box, logits=logits)
    mask, origin = placed
    return Prompts(points, positive, box, mask, mask_origin=origin)


def is_ambiguous(prompts: PromptState) -> bool:
    """Whether one click or one box is all there is, which may mean several things."""
    return len(prompts) == 1 and (
        len(prompts.points) == 1 or any(shape.kind == "box" for shape in prompts.shapes)
    )


def along(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points at even distances along a path ``(V, 2)``: few, and none nearer than some pixels."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    travelled = np.concatenate([[0.0], np.cumsum(steps)])
    length = travelled[-1]
    count = int(np.clip(length // _SPACING, 1, SCRIBBLE_POINTS))
    places = (np.arange(count) + 0.5) * length / count
    return np.stack([np.interp(places, travelled, axis) for axis in path.T], axis=1)


def outline_mask(drawn: PromptShape, index: FrameIndex, shape: tuple[int, int]) -> Placed:
    """The pixels of a frame whose centres an ellipse or a polygon surrounds, in their box."""
    box = np.clip(drawn.box(index), 0, [shape[0] - 1, shape[1] - 1, shape[0] - 1, shape[1] - 1])
    low, high = np.floor(box[:2]).astype(int), np.ceil(box[2:]).astype(int) + 1
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    if drawn.kind == "ellipse":
        row0, col0, row1, col1 = drawn.box(index)
        rows, cols = np.ogrid[low[0] : high[0], low[1] : high[1]]
        radii = max((row1 - row0) / 2, 0.5), max((col1 - col0) / 2, 0.5)
        away = (rows - (row0 + row1) / 2) / radii[0], (cols - (col0 + col1) / 2) / radii[1]
        mask = np.asarray(away[0] ** 2 + away[1] ** 2 <= 1)
    else:
        corners = drawn.frame_vertices(index) - low
        mask = np.asarray(polygon2mask(size, corners), bool)  # type: ignore[no-untyped-call]
    return mask, (int(low[0]), int(low[1]))


def _mask(state: PromptState, index: FrameIndex, shape: tuple[int, int]) -> Placed | None:
    """All masks of the prompts in one, in the box around them; None without any."""
    placed: list[Placed] = [
        outline_mask(drawn, index, shape)
        for drawn in state.shapes
        if drawn.kind in ("ellipse", "polygon")
    ]
    placed += [(given.mask, given.origin) for given in state.masks]
    if not placed:
        return None
    low = np.maximum(np.min([origin for _, origin in placed], axis=0), 0)
    ends = [np.add(origin, mask.shape) for mask, origin in placed]
    high = np.minimum(np.max(ends, axis=0), shape)
    whole = np.zeros(np.maximum(high - low, 0), bool)
    for mask, origin in placed:
        skipped = np.maximum(low - origin, 0)
        row, col = np.maximum(origin - low, 0)
        kept = mask[skipped[0] :, skipped[1] :]
        there = whole[row : row + kept.shape[0], col : col + kept.shape[1]]
        there |= kept[: there.shape[0], : there.shape[1]]
    if not whole.any():
        raise PromptError("the outline holds no pixel of the frame; draw it larger, or inside")
    return whole, (int(low[0]), int(low[1]))
