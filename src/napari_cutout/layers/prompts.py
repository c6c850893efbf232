"""Our own Points and Shapes layers: made, read and written. What the prompts mean isn't here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.prompt_state import PromptState
from napari_cutout.layers.coordinates import in_data, layer_shape, placing

if TYPE_CHECKING:
    from napari.components import Dims
    from napari.layers import Image, Points, Shapes
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex

BLUE = "#0072B2"
VERMILLION = "#D55E00"
BOX_COLOR = "#56B4E9"

POSITIVE, NEGATIVE = "positive", "negative"
_SYMBOLS = {POSITIVE: "disc", NEGATIVE: "cross"}
_COLORS = {POSITIVE: BLUE, NEGATIVE: VERMILLION}

_ON_SCREEN = (10, 22)
"""Canvas pixels between which a point's size stays at any zoom."""


def make_points(image: Image, dims: Dims) -> Points:
    """A layer for points on an image: blue discs inside the object, vermillion crosses outside."""
    from napari.layers import Points

    layer = Points(
        np.empty((0, image.ndim)),
        ndim=image.ndim,
        name=f"points for {image.name}",
        features={"polarity": np.empty(0, object)},
        feature_defaults={"polarity": POSITIVE},
        face_color=BLUE,
        border_color="white",
        border_width=0.12,
        size=max(1.0, min(layer_shape(image)[-2:]) / 60),
        canvas_size_limits=_ON_SCREEN,
        **placing(image, dims),
    )
    set_next_polarity(layer, True)
    return layer


def make_boxes(image: Image, dims: Dims) -> Shapes:
    """A layer for boxes on an image."""
    from napari.layers import Shapes

    return Shapes(
        None,
        ndim=image.ndim,
        name=f"boxes for {image.name}",
        edge_color=BOX_COLOR,
        edge_width=max(1.0, min(layer_shape(image)[-2:]) / 250),
        face_color="transparent",
        **placing(image, dims),
    )


def set_next_polarity(layer: Points, positive: bool) -> None:
    """What the next point will be; the points that are there stay what they are."""
    polarity = POSITIVE if positive else NEGATIVE
    # Selected points would be rewritten.
    layer.selected_data = set()
    layer.feature_defaults = {"polarity": polarity}
    layer.current_face_color = _COLORS[polarity]
    layer.current_symbol = _SYMBOLS[polarity]


def read_prompts(points: Points | None, boxes: Shapes | None, ndim: int) -> PromptState:
    """All prompts of the layers that are there; a click with the box tool is no box."""
    state = PromptState.empty(ndim)
    if points is not None:
        state = PromptState(np.array(points.data, float).reshape(-1, ndim), _positive(points))
    if boxes is not None:
        vertices = tuple(
            np.array(box, float) for box in boxes.data if np.ptp(box, axis=0).max() >= 1
        )
        state = PromptState(state.points, state.positive, vertices)
    return state


def write_prompts(state: PromptState, points: Points | None, boxes: Shapes | None) -> None:
    """Make the layers that are there show these prompts."""
    if points is not None:
        polarity = np.where(state.positive, POSITIVE, NEGATIVE).astype(object)
        points.selected_data = set()
        points.data = state.points
        points.features = {"polarity": polarity}
        style_points(points)
    if boxes is not None and not _same(boxes, state):
        boxes.selected_data = set(range(len(boxes.data)))
        boxes.remove_selected()
        if state.boxes:
            boxes.add_rectangles(list(state.boxes))
        boxes.selected_data = set()


def style_points(layer: Points) -> None:
    """Make symbols and colours follow the polarity."""
    names = [POSITIVE if positive else NEGATIVE for positive in _positive(layer)]
    if names:
        layer.symbol = [_SYMBOLS[name] for name in names]
        layer.face_color = [_COLORS[name] for name in names]


def _positive(layer: Points) -> NDArray[np.bool_]:
    positive: NDArray[np.bool_] = np.asarray(layer.features["polarity"]) == POSITIVE
    return positive


def _same(boxes: Shapes, state: PromptState) -> bool:
    return len(boxes.data) == len(state.boxes) and all(map(np.array_equal, boxes.data, state.boxes))


def box_vertices(box: NDArray[np.float64], index: FrameIndex) -> NDArray[np.float64]:
    """The four vertices ``(4, ndim)`` of a (row0, col0, row1, col1) of a frame."""
    row0, col0, row1, col1 = box
    return in_data([[row0, col0], [row0, col1], [row1, col1], [row1, col0]], index)
