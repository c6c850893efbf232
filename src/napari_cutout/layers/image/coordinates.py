"""The one converter between a layer's data, another layer's data, and the world of a viewer.

Everything that napari knows of placing (scale, rotate, shear, translate, affine, units, order of
axes, axes aligned from the right) is resolved here and nowhere else. Reading pixels is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, sliced_axes
from napari_cutout.layers.errors import ViewError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import Dims
    from napari.layers import Layer
    from numpy.typing import ArrayLike, NDArray

    Matrix: TypeAlias = NDArray[np.float64]

_MIXED = 1e-8


def unit_ratios(layer: Layer, dims: Dims) -> NDArray[np.float64]:
    """What a length in the layer's units measures in the viewer's, along each axis.

    napari's ``data_to_world`` leaves units out, its rendering and slicing don't; where the layers
    of a viewer have units that can't be compared, neither regards them.
    """
    world = dims.units
    if world is None or len(world) < layer.ndim:
        return np.ones(layer.ndim)
    pairs = zip(layer.units, world[-layer.ndim :], strict=True)
    return np.array([_base(own) / _base(other) for own, other in pairs])


def world_matrix(layer: Layer, dims: Dims) -> Matrix:
    """From a layer's data to the world of the viewer, on the layer's own axes.

    Returns
    -------
    ndarray
        ``(ndim + 1, ndim + 1)``, homogeneous.
    """
    ndim = layer.ndim
    origin = np.asarray(layer.data_to_world(np.zeros(ndim)), float)
    matrix = np.eye(ndim + 1)
    for axis, unit in enumerate(np.eye(ndim)):
        matrix[:ndim, axis] = np.asarray(layer.data_to_world(unit), float) - origin
    matrix[:ndim, ndim] = origin
    matrix[:ndim] *= unit_ratios(layer, dims)[:, None]
    return matrix


def world_units(layer: Layer, dims: Dims) -> tuple[Any, ...]:
    """The units that the world has along the axes of a layer; its own where the world has none."""
    world = dims.units
    if world is None or len(world) < layer.ndim:
        return tuple(layer.units)
    return tuple(world[-layer.ndim :])


def between(source: Layer, target: Layer, dims: Dims) -> Matrix:
    """From one layer's data to another's.

    World axes that the source doesn't have are where the viewer's sliders are.

    Returns
    -------
    ndarray
        ``(target.ndim + 1, source.ndim + 1)``, homogeneous.
    """
    world = np.zeros((dims.ndim + 1, source.ndim + 1))
    world[-1, -1] = 1
    world[:-1, -1] = dims.point
    world[-1 - source.ndim :] = world_matrix(source, dims)
    matrix: Matrix = _inverse(world_matrix(target, dims)) @ world[-1 - target.ndim :]
    return matrix


def apply(matrix: Matrix, coordinates: ArrayLike) -> NDArray[np.float64]:
    """Map ``(N, n)`` coordinates by a homogeneous ``(m + 1, n + 1)`` matrix, all at once."""
    points = np.asarray(coordinates, float)
    mapped: NDArray[np.float64] = points @ matrix[:-1, :-1].T + matrix[:-1, -1]
    return mapped


def from_world(layer: Layer, dims: Dims, position: ArrayLike) -> NDArray[np.float64]:
    """Data coordinates of a position in the world, for example a mouse event's."""
    world = np.asarray(position, float)[-layer.ndim :]
    data: NDArray[np.float64] = apply(_inverse(world_matrix(layer, dims)), world[None])[0]
    return data


def displayed_axes(ndim: int, dims: Dims) -> tuple[int, ...]:
    """The axes of a layer of so many that are shown, in data order."""
    offset = dims.ndim - ndim
    order = [axis - offset for axis in dims.order if axis >= offset]
    return tuple(sorted(order[-dims.ndisplay :]))


def shown_frame(layer: Layer, dims: Dims) -> FrameIndex:
    """The frame of a layer that the viewer shows.

    Raises
    ------
    ViewError
        If there is none that could be prompted, with what to do.
    """
    if dims.ndisplay != 2:
        raise ViewError("prompts need the 2-D view; leave the 3-D display (Ctrl+Y) and go on")
    if layer.ndim < 2:
        raise ViewError(f"{layer.name!r} has one axis; an image to be cut has two or more")
    shown = displayed_axes(layer.ndim, dims)
    matrix = world_matrix(layer, dims)
    check_unmixed(matrix, shown, layer.name)
    world = np.asarray(dims.point, float)[-layer.ndim :]
    position = np.round(apply(_inverse(matrix), world[None])[0])
    index = tuple(None if axis in shown else int(position[axis]) for axis in range(layer.ndim))
    shape = layer_shape(layer)
    for axis in sliced_axes(index):
        at = index[axis]
        if at is None or not 0 <= at < shape[axis]:
            raise ViewError(
                f"{layer.name!r} isn't shown here: the slider of axis {axis} is at {at}, "
                f"and it has positions 0 to {shape[axis] - 1}; move the slider back"
            )
    return index


def check_unmixed(matrix: Matrix, shown: Sequence[int], name: str) -> None:
    """Refuse a placing that mixes shown axes with sliced ones: napari doesn't draw it truly.

    Raises
    ------
    ViewError
        If there is one, with what to do.
    """
    linear = matrix[:-1, :-1]
    inside = np.zeros(len(linear), bool)
    inside[list(shown)] = True
    mixed = np.abs(linear[np.ix_(inside, ~inside)]).max(initial=0.0)
    mixed = max(mixed, np.abs(linear[np.ix_(~inside, inside)]).max(initial=0.0))
    if mixed > _MIXED * np.abs(linear).max():
        raise ViewError(
            f"{name!r} is rotated or sheared between the shown axes {tuple(shown)} and the others, "
            "so that what is on screen isn't a plane of its data; show other axes, or reset its "
            "rotate, shear and affine"
        )


def layer_shape(layer: Layer) -> tuple[int, ...]:
    """The shape along a layer's axes, at full resolution and without the channels of RGB."""
    data: Any = layer.data
    full = data[0] if getattr(layer, "multiscale", False) else data
    return tuple(int(size) for size in full.shape[: layer.ndim])


def frame_shape(layer: Layer, index: FrameIndex) -> tuple[int, int]:
    """(rows, cols) of a frame."""
    shape = layer_shape(layer)
    row, col = frame_axes(index)
    return shape[row], shape[col]


def in_data(points: ArrayLike, index: FrameIndex) -> NDArray[np.float64]:
    """(row, col) of a frame as data coordinates of its image: ``(N, 2)`` to ``(N, ndim)``."""
    flat = np.asarray(points, float).reshape(-1, 2)
    full = np.empty((len(flat), len(index)))
    for axis in sliced_axes(index):
        full[:, axis] = index[axis]
    full[:, frame_axes(index)] = flat
    return full


def placing(image: Layer, dims: Dims) -> dict[str, Any]:
    """What makes a new layer lie on an image, pixel on pixel, as arguments for the layer.

    Where the viewer's units aren't the image's, the layer gets the viewer's and the same place:
    napari's own tools leave units out when they turn a click into data coordinates.
    """
    place: dict[str, Any] = {
        name: getattr(image, name)
        for name in ("scale", "translate", "rotate", "shear", "units", "axis_labels")
    }
    affine = np.asarray(image.affine.affine_matrix, float)
    ratios = unit_ratios(image, dims)
    if not np.all(ratios == 1):
        affine = np.diag([*ratios, 1.0]) @ affine
        place["units"] = tuple(dims.units[-image.ndim :])
    return place | {"affine": affine}


def place_on(layer: Layer, image: Layer, dims: Dims) -> None:
    """Move a layer of ours onto an image whose place has changed."""
    for name, value in placing(image, dims).items():
        setattr(layer, name, value)


def lies_on(layer: Layer, image: Layer, dims: Dims) -> bool:
    """Whether a layer lies on an image exactly as one that is made now."""
    place = placing(image, dims)
    affine = place.pop("affine")
    return np.array_equal(layer.affine.affine_matrix, affine) and all(
        np.array_equal(getattr(layer, name), value) for name, value in place.items()
    )


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _base(unit: Any) -> float:
    return float((1.0 * unit).to_base_units().magnitude)
