"""Boxes, outlines and masks of any layer as prompts of the shown frame.

Reading touches layers, and is done where the viewer lives. How the prompts are refined is in
refining.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.annotate import PromptShape, frame_slices
from napari_cutout.annotate.asking import outline_mask
from napari_cutout.annotate.extents import extents_of
from napari_cutout.annotate.frame_index import sliced_axes
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.coordinates import apply, between, frame_shape, in_data, shown_frame
from napari_cutout.layers.prompts import KINDS
from napari_cutout.segment import PromptError, Prompts
from napari_cutout.segment.refining import mask_prompts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari.components import Dims
    from napari.layers import Image, Labels, Shapes
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.annotate.extents import Extent

Use = Literal["masks", "boxes"]
"""What of a Labels layer is taken: each object's mask with its box, or its box alone."""


@dataclass(frozen=True, eq=False)
class Given:
    """What a layer gives to be refined, in pixels of a frame of the image.

    Parameters
    ----------
    prompts
        Of one object each.
    sources
        Where each is from: the label, or the place in the list of shapes.
    frame
        Where in the image.
    """

    prompts: tuple[Prompts, ...]
    sources: tuple[int, ...]
    frame: FrameIndex


def from_shapes(
    shapes: Shapes, image: Image, dims: Dims, places: Iterable[int] | None = None
) -> Given:
    """The shapes of a layer in the shown frame: rectangles as boxes, others as masks.

    A rectangle that is turned against the image is the box around it. Of an ellipse and a polygon
    the pixels inside are a mask. Lines and paths surround nothing, and are left out.

    Parameters
    ----------
    shapes
        Placed in the world anyhow, with as many axes as it has.
    image, dims
        Whose shown frame.
    places
        Which shapes. Default: the selected ones, or all where none is.

    Raises
    ------
    SessionError
        If none of them surrounds anything of the frame.
    ViewError
        If no frame is shown.
    """
    index = shown_frame(image, dims)
    size, matrix = frame_shape(image, index), between(shapes, image, dims)
    asked = places if places is not None else sorted(shapes.selected_data)
    chosen = list(asked) or list(range(len(shapes.data)))
    found = []
    for k in chosen:
        vertices = apply(matrix, shapes.data[k])
        kind = KINDS[str(shapes.shape_type[k])]
        if kind != "scribble" and _lies_in(vertices, index):
            prompts = _of_outline(PromptShape(kind, vertices), index, size)
            if prompts is not None:
                found.append((prompts, int(k)))
    return _given(found, index, shapes.name)


def from_labels(labels: Labels, image: Image, dims: Dims, use: Use = "masks") -> Given:
    """The objects of a Labels layer in the shown frame, however the layer lies on the image.

    Parameters
    ----------
    labels
        Of another tool: of any scale, offset or rotation, with fewer axes, or a pyramid. Each
        pixel of the image takes the label that its centre lies on.
    image, dims
        Whose shown frame.
    use
        See :data:`Use`.

    Raises
    ------
    SessionError
        If there is no object.
    ViewError
        If no frame is shown of the image, or of the labels.
    """
    if use not in get_args(Use):
        raise ValueError(f"objects are taken as one of {get_args(Use)}, not as {use!r}")
    index, there = shown_frame(image, dims), shown_frame(labels, dims)
    size = frame_shape(image, index)
    data: Any = labels.data[0] if labels.multiscale else labels.data
    plane = np.asarray(data[frame_slices(there)])
    to_image, to_labels = _planar(labels, there, image, index, dims)
    found = []
    for number, extent in sorted(extents_of(plane).items()):
        placed = _resampled(plane, number, _around(extent, to_image, size), to_labels)
        if placed is not None:
            prompts = mask_prompts(placed)
            found.append((Prompts(box=prompts.box) if use == "boxes" else prompts, number))
    return _given(found, index, labels.name)


def _given(found: list[tuple[Prompts, int]], index: FrameIndex, name: str) -> Given:
    if not found:
        raise SessionError(
            f"nothing of {name!r} lies in the shown frame and surrounds a pixel of it; draw a box "
            "here, or choose another layer"
        )
    prompts, sources = zip(*found, strict=True)
    return Given(prompts, sources, index)


def _of_outline(drawn: PromptShape, index: FrameIndex, size: tuple[int, int]) -> Prompts | None:
    """A shape as a prompt; None where it surrounds nothing of the frame."""
    box = drawn.box(index)
    high = np.array(size) - 0.5
    if (box[2:] < -0.5).any() or (box[:2] > high).any():
        return None
    if drawn.kind == "box":
        return Prompts(box=box)
    try:
        return mask_prompts(outline_mask(drawn, index, size))
    except PromptError:
        return None


def _lies_in(vertices: NDArray[np.float64], index: FrameIndex) -> bool:
    axes = list(sliced_axes(index))
    return bool(np.all(np.round(vertices[0, axes]) == [index[axis] for axis in axes]))


def _planar(
    labels: Labels, there: FrameIndex, image: Image, index: FrameIndex, dims: Dims
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From (row, col) of the labels' frame to the image's, and back: ``(3, 3)``, homogeneous."""
    corners = in_data([[0, 0], [1, 0], [0, 1]], there)
    axes = [axis for axis, at in enumerate(index) if at is None]
    origin, down, right = apply(between(labels, image, dims), corners)[:, axes]
    forth = np.eye(3)
    forth[:2] = np.stack([down - origin, right - origin, origin], axis=1)
    return forth, np.asarray(np.linalg.inv(forth), np.float64)


def _around(
    extent: Extent, to_image: NDArray[np.float64], size: tuple[int, int]
) -> tuple[slice, slice]:
    """The pixels of the image's frame whose centres may lie on an object of the labels."""
    rows, cols = (extent.row0 - 0.5, extent.row1 + 0.5), (extent.col0 - 0.5, extent.col1 + 0.5)
    corners = apply(to_image, [[row, col] for row in rows for col in cols])
    low = np.maximum(np.ceil(corners.min(axis=0)), 0).astype(int)
    high = np.minimum(np.floor(corners.max(axis=0)), np.array(size) - 1).astype(int) + 1
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))


def _resampled(
    plane: NDArray[np.integer],
    number: int,
    box: tuple[slice, slice],
    to_labels: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], tuple[int, int]] | None:
    """An object of the labels on the pixels of the image; None where it is on none."""
    grid = np.mgrid[box]
    if not grid.size:
        return None
    places = apply(to_labels, grid.reshape(2, -1).T)
    # Half a pixel belongs to the pixel above it, as everywhere in napari's rendering.
    rows, cols = np.floor(places + 0.5).astype(int).T
    inside = (rows >= 0) & (rows < plane.shape[0]) & (cols >= 0) & (cols < plane.shape[1])
    mask = np.zeros(len(places), bool)
    mask[inside] = plane[rows[inside], cols[inside]] == number
    if not mask.any():
        return None
    return mask.reshape(grid.shape[1:]), (box[0].start, box[1].start)
