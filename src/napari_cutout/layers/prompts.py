"""Our own Points and Shapes layers: made, read and written. What the prompts mean isn't here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.prompt_state import PromptShape, PromptState, ShapeKind
from napari_cutout.layers.image.coordinates import in_data, layer_shape, placing

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

KINDS: dict[str, ShapeKind] = {
    "rectangle": "box",
    "ellipse": "ellipse",
    "polygon": "polygon",
    "path": "scribble",
    "line": "scribble",
}
"""The shape types of napari, and what they are as prompts."""

_TYPES = {"box": "rectangle", "ellipse": "ellipse", "polygon": "polygon", "scribble": "path"}

_ON_SCREEN = (10, 22)
"""Canvas pixels between which a point's size stays at any zoom."""

_TEXT = {"string": "{label}", "size": 10, "color": "white", "anchor": "upper_left"}


def make_points(image: Image, dims: Dims) -> Points:
    """A layer for points on an image: blue discs inside the object, vermillion crosses outside."""
    from napari.layers import Points

    return Points(
        np.empty((0, image.ndim)),
        ndim=image.ndim,
        name=f"points for {image.name}",
        features=_features([], [], []),
        feature_defaults=_defaults(True, 0),
        face_color=BLUE,
        border_color="white",
        border_width=0.12,
        size=max(1.0, min(layer_shape(image)[-2:]) / 60),
        canvas_size_limits=_ON_SCREEN,
        text=_TEXT,
        **placing(image, dims),
    )


def make_shapes(image: Image, dims: Dims) -> Shapes:
    """A layer for boxes, ellipses, polygons and scribbles on an image."""
    from napari.layers import Shapes

    return Shapes(
        None,
        ndim=image.ndim,
        name=f"shapes for {image.name}",
        features=_features([], [], []),
        feature_defaults=_defaults(True, 0),
        edge_color=BOX_COLOR,
        edge_width=max(1.0, min(layer_shape(image)[-2:]) / 250),
        face_color="transparent",
        text=_TEXT,
        **placing(image, dims),
    )


def set_next(layer: Points | Shapes, positive: bool, group: int) -> None:
    """What the next prompt will be; those that are there stay what they are."""
    # What is selected would be rewritten. Each setter draws anew: only what changes is set.
    if layer.selected_data:
        layer.selected_data = set()
    defaults = _defaults(positive, group)
    known = layer.feature_defaults
    if any(known[name].iloc[0] != value for name, value in defaults.items()):
        layer.feature_defaults = defaults
    polarity = POSITIVE if positive else NEGATIVE
    if not hasattr(layer, "current_symbol"):
        return
    if str(layer.current_face_color)[:7].lower() != _COLORS[polarity].lower():
        layer.current_face_color = _COLORS[polarity]
    if layer.current_symbol != _SYMBOLS[polarity]:
        layer.current_symbol = _SYMBOLS[polarity]


def read_prompts(points: Points | None, shapes: Shapes | None, ndim: int) -> PromptState:
    """All prompts of the layers that are there; a click with a drawing tool is none."""
    state = PromptState.empty(ndim)
    if points is not None:
        data = np.array(points.data, float).reshape(-1, ndim)
        state = PromptState(data, _positive(points), _groups(points))
    if shapes is None:
        return state
    drawn = tuple(
        PromptShape(kind, np.array(vertices, float), int(group), bool(positive) or kind != _PATH)
        for vertices, kind, group, positive in zip(
            shapes.data, _kinds(shapes), _groups(shapes), _positive(shapes), strict=True
        )
        if np.ptp(vertices, axis=0).max() >= 1
    )
    return PromptState(state.points, state.positive, state.groups, drawn)


def write_prompts(state: PromptState, points: Points | None, shapes: Shapes | None) -> None:
    """Make the layers that are there show these prompts."""
    if points is not None and not _shows(points, state):
        points.selected_data = set()
        # napari works out the extent of all layers each time it tells of data: once is enough.
        with points.events.data.blocker():
            points.data = state.points
        kinds = ["point"] * len(state.points)
        features = _features(kinds, state.positive, state.groups)
        # napari keeps those of the points that stay.
        if not _has(points, features):
            points.features = features
        style_points(points)
        _tell_of_data(points)
    if shapes is None or _same(read_prompts(None, shapes, state.ndim).shapes, state.shapes):
        return
    shapes.selected_data = set(range(len(shapes.data)))
    shapes.remove_selected()
    if state.shapes:
        shapes.add(
            [drawn.vertices for drawn in state.shapes],
            shape_type=[_TYPES[drawn.kind] for drawn in state.shapes],
        )
    shapes.features = _features(
        [drawn.kind for drawn in state.shapes],
        [drawn.positive for drawn in state.shapes],
        [drawn.group for drawn in state.shapes],
    )
    style_shapes(shapes)
    shapes.selected_data = set()


def _tell_of_data(points: Points) -> None:
    """Tell as napari does that all data changed, when features and colours are right as well."""
    from napari.layers.base import ActionType

    points.events.data(
        value=points.data,
        action=ActionType.CHANGED,
        data_indices=tuple(range(len(points.data))),
        vertex_indices=((),),
    )


def _shows(points: Points, state: PromptState) -> bool:
    """Whether a layer of points shows a state already: setting data is dear to napari."""
    shown = read_prompts(points, None, state.ndim)
    return shown == replace(state, shapes=(), masks=())


def style_points(layer: Points) -> None:
    """Make symbols, colours and texts follow polarity and number."""
    positive, groups = _positive(layer), _groups(layer)
    if not len(positive):
        return
    names = [POSITIVE if inside else NEGATIVE for inside in positive]
    _relabel(layer, _features(["point"] * len(names), positive, groups))
    symbols = [_SYMBOLS[name] for name in names]
    if [str(symbol) for symbol in layer.symbol] != symbols:
        layer.symbol = symbols
        layer.face_color = [_COLORS[name] for name in names]


def style_shapes(layer: Shapes) -> None:
    """Make colours and texts follow kind, polarity and number."""
    kinds, positive, groups = _kinds(layer), _positive(layer), _groups(layer)
    if not kinds:
        return
    _relabel(layer, _features(kinds, positive, groups))
    layer.edge_color = [
        BOX_COLOR if kind != _PATH else _COLORS[POSITIVE if inside else NEGATIVE]
        for kind, inside in zip(kinds, positive, strict=True)
    ]


def box_vertices(box: NDArray[np.float64], index: FrameIndex) -> NDArray[np.float64]:
    """The four vertices ``(4, ndim)`` of a (row0, col0, row1, col1) of a frame."""
    row0, col0, row1, col1 = box
    return in_data([[row0, col0], [row0, col1], [row1, col1], [row1, col0]], index)


_PATH: ShapeKind = "scribble"


def _features(kinds: Any, positive: Any, groups: Any) -> dict[str, NDArray[Any]]:
    """The table of a prompt layer. A text tells what colour alone would: polarity and number."""
    polarity = [POSITIVE if inside else NEGATIVE for inside in positive]
    labels = [
        ("\N{MINUS SIGN}" if kind == _PATH and not inside else "") + (str(group) if group else "")
        for kind, inside, group in zip(kinds, positive, groups, strict=True)
    ]
    # Not lists: pandas takes an empty one for floats.
    return {
        "polarity": np.array(polarity, object),
        "object": np.array(groups, np.int64),
        "label": np.array(labels, object),
    }


def _defaults(positive: bool, group: int) -> dict[str, Any]:
    label = str(group) if group else ""
    return {"polarity": POSITIVE if positive else NEGATIVE, "object": group, "label": label}


def _has(layer: Points | Shapes, features: dict[str, NDArray[Any]]) -> bool:
    return all(np.array_equal(layer.features[name], column) for name, column in features.items())


def _relabel(layer: Points | Shapes, features: dict[str, NDArray[Any]]) -> None:
    if not np.array_equal(layer.features["label"], features["label"]):
        layer.features = features


def _kinds(layer: Shapes) -> list[ShapeKind]:
    return [KINDS[str(name)] for name in layer.shape_type]


def _positive(layer: Points | Shapes) -> NDArray[np.bool_]:
    positive: NDArray[np.bool_] = np.asarray(layer.features["polarity"]) == POSITIVE
    return positive


def _groups(layer: Points | Shapes) -> NDArray[np.int64]:
    groups: NDArray[np.int64] = np.asarray(layer.features["object"], float).astype(np.int64)
    return groups


def _same(shapes: tuple[PromptShape, ...], others: tuple[PromptShape, ...]) -> bool:
    return [shape.key() for shape in shapes] == [other.key() for other in others]
