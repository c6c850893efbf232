"""Measuring the objects of a Labels layer on an image: frame by frame, in the layers' units.

What is measured, and how, is in annotate/measure.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import FrameIndex, frame_axes, frame_slices
from napari_cutout.annotate.measure import Calibration, Region, measure
from napari_cutout.annotate.measurements import stacked
from napari_cutout.layers.coordinates import layer_shape
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.targets import TargetFrame, find_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari.components import Dims
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.annotate import ObjectTable
    from napari_cutout.annotate.measure import Columns

WHOLE_FRAME = 1 << 24
"""Pixels up to which a frame is measured as a whole; of a larger one, each object in its box."""


def measure_objects(labels: Labels, image: Image, dims: Dims, table: ObjectTable) -> Columns:
    """Measure all objects that are known, a row for each object and frame.

    Parameters
    ----------
    labels
        The layer that they are in.
    image
        Where intensities come from, at full resolution; shapes alone are measured where it
        doesn't lie pixel on pixel.
    dims
        Of their viewer.
    table
        Of the objects of the layer.

    Returns
    -------
    dict of str to ndarray
        See :func:`.annotate.measure.measure`.
    """
    frames = sorted(
        {frame for number in table.ids for frame in table.places.of(number)},
        key=lambda frame: tuple(-1 if at is None else at for at in frame),
    )
    names = [str(name) for name in labels.axis_labels]
    parts = [
        measure(region, calibration(labels, frame), classes=table.classes, axes=names)
        for frame in frames
        for region in _regions(labels, image, dims, table, frame)
    ]
    columns = {name for part in parts for name in part}
    return stacked([part for part in parts if len(part) == len(columns)]) if parts else stacked([])


def calibration(labels: Labels, frame: FrameIndex) -> Calibration:
    """What a pixel of a frame measures in the layer's units, those of its rows."""
    axes = frame_axes(frame)
    origin = np.asarray(labels.data_to_world(np.zeros(labels.ndim)))
    units = [labels.units[axis] for axis in axes]
    sizes = []
    for axis, unit in zip(axes, units, strict=True):
        step = np.asarray(labels.data_to_world(np.eye(labels.ndim)[axis])) - origin
        factor = float((1 * unit).to(units[0]).magnitude) if unit != units[0] else 1.0
        sizes.append(float(np.linalg.norm(step)) * factor)
    return Calibration((sizes[0], sizes[1]), str(units[0]))


def _regions(
    labels: Labels, image: Image, dims: Dims, table: ObjectTable, frame: FrameIndex
) -> Iterator[Region]:
    data: Any = labels.data
    here = table.places.in_frame(frame)
    rows, cols = (layer_shape(labels)[axis] for axis in frame_axes(frame))
    pixels = _Intensities(labels, image, dims, frame)
    if rows * cols <= WHOLE_FRAME:
        values = np.asarray(data[frame_slices(frame)])
        yield Region(frame, tuple(here), (0, 0), values, pixels.read((0, 0), (rows, cols)))
        return
    for number, extent in here.items():
        box = extent.box
        values = np.asarray(data[frame_slices(frame, box)])
        origin = (box[0].start, box[1].start)
        yield Region(frame, (number,), origin, values, pixels.read(origin, values.shape))


class _Intensities:
    """The image under a frame of the labels."""

    def __init__(self, labels: Labels, image: Image, dims: Dims, frame: FrameIndex) -> None:
        self._index: FrameIndex | None = None
        self._data: Any = image.data[0] if image.multiscale else image.data
        self._rgb = bool(image.rgb)
        self._place: TargetFrame | None = None
        shape = layer_shape(image)
        index = tuple(frame[-image.ndim :])
        if len(index) < image.ndim:
            return
        try:
            place = find_frame(labels, image, index, dims)
        except TargetError:
            return
        if place.index == frame and all(
            at is None or at < size for at, size in zip(index, shape, strict=True)
        ):
            self._index, self._place = index, place
            self._shape = [shape[axis] for axis in frame_axes(index)]

    def read(self, origin: tuple[int, int], size: tuple[int, ...]) -> NDArray[np.generic] | None:
        """The pixels of a box of the labels' frame; None where the image doesn't reach."""
        if self._index is None or self._place is None:
            return None
        low = [at - by for at, by in zip(origin, self._place.offset, strict=True)]
        box = [slice(at, at + length) for at, length in zip(low, size, strict=True)]
        if any(
            part.start < 0 or part.stop > length
            for part, length in zip(box, self._shape, strict=True)
        ):
            return None
        slices: tuple[Any, ...] = frame_slices(self._index, box)
        return np.asarray(self._data[(*slices, slice(None)) if self._rgb else slices])
