"""Measuring the objects of a Labels layer on the images under it, in the viewer's units.

What is measured is in annotate/measure.py; here is where its pixels come from. Layers are looked
at once, when the work is laid out; after that only arrays are touched, in any thread, and it can
be stopped between two steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.extents import grouped
from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.measure import Calibration, Region, measure
from napari_cutout.annotate.measurements import stacked
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.image.coordinates import apply, between, layer_shape, world_matrix
from napari_cutout.layers.target.pyramids import is_foreign, pixels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from napari.components import Dims
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex, ObjectTable
    from napari_cutout.annotate.measure import Columns

    Box = tuple[slice, slice]

BLOCK = 256
"""Objects that begin in the same so many rows and columns of a frame are measured in one step."""

_NEAR = 1e-3
_COLORS = ("red", "green", "blue", "alpha")


@dataclass(frozen=True, eq=False)
class Channels:
    """The pixels of an image where the labels are.

    Parameters
    ----------
    data
        At full resolution; of any kind.
    shape
        Along its axes, without that of colours.
    matrix
        From positions in the labels to those in the image, homogeneous.
    titles
        A name for each channel.
    """

    data: Any
    shape: tuple[int, ...]
    matrix: NDArray[np.float64]
    titles: tuple[str, ...]

    def read(self, frame: FrameIndex, box: Box) -> NDArray[Any]:
        """``(h, w, channels)`` of a box; NaN where the labels reach beyond the image."""
        rows, cols = box
        size = rows.stop - rows.start, cols.stop - cols.start
        corner = [*(at for at in frame if at is not None), rows.start, cols.start]
        *above, row, col = np.round(apply(self.matrix, [corner])[0]).astype(int).tolist()
        wanted = (slice(row, row + size[0]), slice(col, col + size[1]))
        inside = tuple(
            slice(min(max(part.start, 0), length), min(max(part.stop, 0), length))
            for part, length in zip(wanted, self.shape[-2:], strict=True)
        )
        here = all(0 <= at < length for at, length in zip(above, self.shape, strict=False))
        if here and inside == wanted:
            return self._pixels(above, wanted)
        whole = np.full((*size, len(self.titles)), np.nan)
        if here and all(part.stop > part.start for part in inside):
            place = tuple(
                slice(part.start - start.start, part.stop - start.start)
                for part, start in zip(inside, wanted, strict=True)
            )
            whole[place] = self._pixels(above, inside)
        return whole

    def _pixels(self, above: Sequence[int], box: tuple[slice, ...]) -> NDArray[Any]:
        pixels = np.asarray(self.data[(*above, *box)])
        return pixels.reshape(*pixels.shape[:2], -1)


@dataclass(frozen=True, eq=False)
class MeasuringWork:
    """The work, laid out. Iterating does it: each step measures the objects of one box.

    Parameters
    ----------
    labels
        The labels' array, of any kind.
    tasks
        Frames, boxes of them, and the ids to be measured there.
    images
        On which intensities are measured.
    calibration, classes, axes
        See :func:`~napari_cutout.annotate.measure.measure`.
    """

    labels: Any
    tasks: tuple[tuple[FrameIndex, Box, tuple[int, ...]], ...]
    images: tuple[Channels, ...]
    calibration: Calibration
    classes: Mapping[int, str]
    axes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.tasks)

    def __iter__(self) -> Iterator[Columns]:
        titles = [title for image in self.images for title in image.titles]
        for frame, box, ids in self.tasks:
            read = [image.read(frame, box) for image in self.images]
            region = Region(
                frame,
                ids,
                (box[0].start, box[1].start),
                np.asarray(self.labels[frame_slices(frame, box)]),
                np.concatenate(read, axis=-1) if read else None,
            )
            yield measure(region, self.calibration, titles, self.classes, self.axes)

    def run(self) -> Columns:
        """Do all of it: one row an object and frame, in the order of ids."""
        return stacked(list(self))


def lay_out(
    labels: Labels,
    images: Iterable[Image],
    table: ObjectTable,
    dims: Dims,
    ids: Iterable[int] | None = None,
) -> MeasuringWork:
    """Lay out the measuring of objects. Nothing is read yet.

    Parameters
    ----------
    labels
        The layer of the objects.
    images
        On which intensities are measured; their pixels must be those of the labels.
    table
        Of the layer's objects, which knows where they are.
    dims
        Of the viewer: units are the world's.
    ids
        Of the objects. Default: all.

    Raises
    ------
    TargetError
        If the labels are a pyramid that isn't ours, or the pixels of an image aren't theirs.
    """
    if is_foreign(labels):
        raise TargetError(f"{labels.name!r} is a pyramid; choose labels of one resolution")
    frames: dict[FrameIndex, dict[int, Any]] = {}
    for number in table.ids if ids is None else ids:
        for frame, extent in table.places.of(number).items():
            frames.setdefault(frame, {})[number] = extent
    tasks = tuple(
        (frame, box, numbers)
        for frame in sorted(frames, key=lambda frame: frame[:-2])
        for box, numbers in grouped(frames[frame], BLOCK)
    )
    return MeasuringWork(
        pixels_of(labels),
        tasks,
        tuple(_channels(image, labels, dims) for image in images),
        _calibration(labels, dims),
        dict(table.classes),
        _axes(labels),
    )


def _channels(image: Image, labels: Labels, dims: Dims) -> Channels:
    matrix = between(labels, image, dims)
    shape = layer_shape(image)
    # The last two axes are the same pixels, and no other axis moves along with them.
    expected = np.zeros((image.ndim, 2))
    expected[-2:] = np.eye(2)
    drift = np.abs(matrix[:-1, -3:-1] - expected).max() * max(shape[-2:])
    offset = matrix[-3:-1, -1]
    if drift > 0.5 or np.abs(offset - np.round(offset)).max() > _NEAR + drift:
        raise TargetError(
            f"the pixels of {image.name!r} aren't those of {labels.name!r}, so that intensities "
            "can't be measured on it; choose an image of the same grid, or none"
        )
    data: Any = image.data[0] if image.multiscale else image.data
    titles: tuple[str, ...] = (str(image.name),)
    if image.rgb:
        titles = tuple(f"{image.name} {color}" for color in _COLORS[: data.shape[-1]])
    return Channels(data, shape, matrix, titles)


def _calibration(labels: Labels, dims: Dims) -> Calibration:
    matrix = world_matrix(labels, dims)[:-1, :-1]
    sizes = np.sqrt(np.square(matrix[:, -2:]).sum(axis=0))
    units: Any = labels.units if dims.units is None else dims.units[-labels.ndim :]
    down, right = units[-2:]
    if down != right and down.dimensionality == right.dimensionality:
        sizes[0] *= (1.0 * down).to(right).magnitude
    name = "pixel" if str(right) == "pixel" else f"{right:~P}"
    return Calibration((float(sizes[0]), float(sizes[1])), name)


def _axes(labels: Labels) -> tuple[str, ...]:
    """Names of the axes; napari calls those without one by their number from behind."""
    return tuple(
        f"axis {axis}" if label == str(axis - labels.ndim) else str(label)
        for axis, label in enumerate(labels.axis_labels)
    )
