"""Where objects are looked for: all of a frame, what the canvas shows, or inside drawn shapes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.annotate.asking import outline_mask
from napari_cutout.annotate.frame_index import frame_axes, frame_slices, sliced_axes
from napari_cutout.annotate.prompt_state import PromptShape
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.coordinates import apply, between, frame_shape
from napari_cutout.layers.image.view_window import view_window
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.targets import find_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari import Viewer
    from napari.components import Dims
    from napari.layers import Image, Labels, Shapes
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.image.view_window import Seen
    from napari_cutout.layers.target.targets import TargetFrame
    from napari_cutout.segment import Window

Where = Literal["frame", "view", "shapes"]
"""``"frame"``: all of it; ``"view"``: what the canvas shows; ``"shapes"``: inside the selected
shapes of a Shapes layer, or all of them where none is selected."""


def check_where(where: str) -> Where:
    """The choice, if it is one.

    Raises
    ------
    ValueError
        If it isn't.
    """
    for known in get_args(Where):
        if where == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(f"objects are looked for in {get_args(Where)}, not in {where!r}")


def seen_window(image: Image, index: FrameIndex, dims: Dims, seen: Seen | None) -> Window:
    """The window of a frame that the canvas shows.

    Raises
    ------
    SessionError
        If it shows nothing of it.
    """
    window = view_window(image, index, dims, seen)
    if window is None:
        raise SessionError(f"nothing of {image.name!r} is on the canvas; move it back into view")
    return window


def shapes_mask(shapes: Shapes, image: Image, index: FrameIndex, dims: Dims) -> NDArray[np.bool_]:
    """The pixels of a frame inside the selected shapes of a layer, or all of its shapes.

    Returns
    -------
    ndarray
        ``(rows, cols)`` bool.

    Raises
    ------
    SessionError
        If none of them lies in the frame, or surrounds a pixel of it.
    """
    matrix = between(shapes, image, dims)
    chosen = sorted(shapes.selected_data) or range(len(shapes.data))
    size = frame_shape(image, index)
    mask = np.zeros(size, bool)
    for k in chosen:
        vertices = apply(matrix, shapes.data[k])
        if shapes.shape_type[k] == "line" or not _lies_in(vertices, index):
            continue
        kind: Any = "ellipse" if shapes.shape_type[k] == "ellipse" else "polygon"
        inside, (row, col) = outline_mask(PromptShape(kind, vertices), index, size)
        mask[row : row + inside.shape[0], col : col + inside.shape[1]] |= inside
    if not mask.any():
        which = "selected shape" if shapes.selected_data else "shape"
        raise SessionError(
            f"no {which} of {shapes.name!r} surrounds a pixel of this frame; draw one here, or "
            "look in the whole frame"
        )
    return mask


def usual_shapes(viewer: Viewer) -> Shapes:
    """The Shapes layer that is meant when none was chosen: the active one, or the only one.

    Raises
    ------
    SessionError
        If there is none, or there are several.
    """
    from napari.layers import Shapes

    active = viewer.layers.selection.active
    if isinstance(active, Shapes):
        return active
    there = [layer for layer in viewer.layers if isinstance(layer, Shapes)]
    if len(there) != 1:
        raise SessionError(
            "there is no Shapes layer to look in; add one and draw around a region"
            if not there
            else f"there are {len(there)} Shapes layers; choose the one to look in"
        )
    found: Shapes = there[0]
    return found


def known_labels(
    labels: Labels, image: Image, index: FrameIndex, dims: Dims
) -> Callable[[], NDArray[np.integer]]:
    """What reads the labels of a frame, in any thread: ``(rows, cols)``, 0 where they don't reach.

    Raises
    ------
    TargetError
        If their pixels aren't those of the image.
    """
    target = find_frame(labels, image, index, dims)
    return partial(read_known, pixels_of(labels), target, frame_shape(image, index))


def read_known(data: Any, target: TargetFrame, size: tuple[int, int]) -> NDArray[np.integer]:
    """The labels of a frame of ``(rows, cols)``, 0 where they don't reach. In any thread."""
    if target.offset == (0, 0) and target.shape == size:
        return np.asarray(data[frame_slices(target.index)])
    # Of the labels only what lies on the frame: they may be much larger.
    rows, cols = (
        slice(max(0, -at), min(length, there - at))
        for at, length, there in zip(target.offset, size, target.shape, strict=True)
    )
    known = np.zeros(size, data.dtype)
    if rows.start < rows.stop and cols.start < cols.stop:
        box = [
            slice(axis.start + at, axis.stop + at)
            for axis, at in zip((rows, cols), target.offset, strict=True)
        ]
        known[rows, cols] = np.asarray(data[frame_slices(target.index, box)])
    return known


def _lies_in(vertices: NDArray[np.float64], index: FrameIndex) -> bool:
    """Whether a shape lies in a frame, as its first vertex does, and has a size there."""
    axes = list(sliced_axes(index))
    here = np.round(vertices[0, axes]) == [index[axis] for axis in axes]
    return bool(np.all(here)) and bool(np.ptp(vertices[:, frame_axes(index)], axis=0).all())
