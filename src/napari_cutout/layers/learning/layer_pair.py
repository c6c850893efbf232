"""An Image layer with the Labels layer that lies on it, looked through for frames with objects.

It holds the data of both, so that it is looked through and read in any thread, also when the layers
are gone by then. What was found is in piece.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.extents import extents_of, grouped
from napari_cutout.annotate.frame_index import frame_slices, sliced_axes
from napari_cutout.layers.errors import TargetError, ViewError
from napari_cutout.layers.everything.where import read_known
from napari_cutout.layers.image import mapping
from napari_cutout.layers.image.coordinates import (
    between,
    displayed_axes,
    layer_shape,
    shown_frame,
)
from napari_cutout.layers.image.frames import source_of
from napari_cutout.layers.learning.piece import KeptLabels, Piece
from napari_cutout.layers.stacks.layer_stack import axis_names
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.reading import read_frame
from napari_cutout.layers.target.targets import TargetFrame, frame_at
from napari_cutout.segment.intensity import IntensityMapping

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from napari.components import Dims
    from napari.layers import Image, Labels

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.annotate.extents import Extent
    from napari_cutout.layers.image.channels import Channels
    from napari_cutout.layers.image.coordinates import Matrix
    from napari_cutout.layers.image.frames import FrameSource

BLOCK = 1024
"""Rows and columns of a large frame from which objects are taken together."""

MARGIN = 96
"""Pixels around them that belong to the piece."""


@dataclass(frozen=True, eq=False)
class LayerPair:
    """An image and its labels as they lie on each other now.

    Parameters
    ----------
    image, labels
        The layers. Of them only what nobody changes is asked later.
    levels
        The arrays of the image, finest first.
    pixels
        The array of the labels.
    matrix
        From the image's data to the labels'.
    frame
        One of the frames: None on the two axes that they lie along.
    names
        Of the image's axes.
    channels
        Those that are taken as the frame.
    intensity
        Name of the intensity mapping.
    limits
        The contrast limits for it.
    known
        The frames of the labels that hold objects; None where that is to be found out.
    """

    image: Any
    labels: Any
    levels: tuple[Any, ...]
    pixels: Any
    matrix: Matrix
    frame: FrameIndex
    names: tuple[str, ...]
    channels: Channels | None = None
    intensity: mapping.MappingName = "percentile"
    limits: tuple[float, float] = (0.0, 1.0)
    known: Collection[FrameIndex] | None = None

    @classmethod
    def of(
        cls,
        image: Image,
        labels: Labels,
        dims: Dims,
        *,
        channels: Channels | None = None,
        intensity: str = "percentile",
        known: Collection[FrameIndex] | None = None,
    ) -> LayerPair:
        """The pair, of frames along the axes that the viewer shows. Nothing is read.

        Raises
        ------
        TargetError
            If the labels have fewer axes than a frame has.
        """
        if labels.ndim < 2 or image.ndim < 2:
            raise TargetError(f"{image.name!r} and {labels.name!r} need two axes or more each")
        low, high = image.contrast_limits
        return cls(
            image,
            labels,
            tuple(image.data) if image.multiscale else (image.data,),
            pixels_of(labels),
            between(image, labels, dims),
            _kind(image, dims),
            axis_names(image, dims),
            channels,
            mapping.check_name(intensity),
            (float(low), float(high)),
            known,
        )

    def pieces(self) -> Iterator[tuple[int, int, tuple[Piece, ...]]]:
        """Look through all frames, one after the other.

        Yields
        ------
        done, total, pieces
            Frames that were looked at and all of them; what was found in the last one.

        Raises
        ------
        TargetError
            If the pixels of the labels aren't those of the image in any frame.
        """
        axes = [axis for axis in sliced_axes(self.frame) if not self._is_channel(axis)]
        sizes = [layer_shape(self.image)[axis] for axis in axes]
        total, misfit, fitting = int(np.prod(sizes)), None, 0
        for done, places in enumerate(product(*map(range, sizes)), 1):
            index = list(self.frame)
            for axis, at in zip(axes, places, strict=True):
                index[axis] = at
            try:
                target = frame_at(self.labels, self.image, tuple(index), self.matrix)
            except TargetError as error:
                # Labels may have fewer frames than the image.
                misfit = error
                yield done, total, ()
                continue
            fitting += 1
            yield done, total, self._pieces_of(tuple(index), target)
        if misfit is not None and not fitting:
            raise misfit

    def _is_channel(self, axis: int) -> bool:
        return self.channels is not None and axis == self.channels.axis

    def _pieces_of(self, index: FrameIndex, target: TargetFrame) -> tuple[Piece, ...]:
        is_known = self.known is not None and target.index[-2:] == (None, None)
        if is_known and target.index not in (self.known or ()):
            return ()
        source = source_of(self.levels, bool(self.image.rgb), index, self.channels)
        if not source.is_small:
            return tuple(self._boxes_of(source, target))
        labels = read_known(self.pixels, target, source.shape)
        count = len(extents_of(labels))
        if not count:
            return ()
        whole = slice(0, source.shape[0]), slice(0, source.shape[1])
        kept, how = KeptLabels.of(labels), self._mapping(source)
        return (Piece(self._name(index), source.levels[0], whole, kept, count, how),)

    def _boxes_of(self, source: FrameSource, target: TargetFrame) -> Iterator[Piece]:
        """Of a large frame only boxes around its objects. O(labels), a piece at a time."""
        extents = self._extents(target)
        how = self._mapping(source) if extents else None
        for box, _ in grouped(extents, BLOCK):
            rows, cols = (
                slice(max(part.start - at - MARGIN, 0), min(part.stop - at + MARGIN, size))
                for part, at, size in zip(box, target.offset, source.shape, strict=True)
            )
            if rows.start >= rows.stop or cols.start >= cols.stop:
                continue
            offset = target.offset[0] + rows.start, target.offset[1] + cols.start
            size = rows.stop - rows.start, cols.stop - cols.start
            labels = read_known(self.pixels, replace(target, offset=offset), size)
            count = len(extents_of(labels))
            if count:
                name = f"{self._name(source.index)} at {rows.start}, {cols.start}"
                kept = KeptLabels.of(labels)
                yield Piece(name, source.levels[0], (rows, cols), kept, count, how)

    def _extents(self, target: TargetFrame) -> dict[int, Extent]:
        if target.index[-2:] == (None, None):
            return read_frame(self.pixels, target.index)
        return extents_of(np.asarray(self.pixels[frame_slices(target.index)]))

    def _mapping(self, source: FrameSource) -> IntensityMapping | None:
        """What is done with intensities here; None for what everyone does."""
        found = mapping.resolve(
            self.intensity, self.image, source.index, self.limits, source.channels
        )
        if found.name == "percentile" and not source.is_small:
            return found.settled(source.sample())
        return None if found == IntensityMapping() else found

    def _name(self, index: FrameIndex) -> str:
        """``nuclei[t=3]``, or ``nuclei`` alone for an image of one frame."""
        axes = [axis for axis in sliced_axes(index) if not self._is_channel(axis)]
        places = ", ".join(f"{self.names[axis]}={index[axis]}" for axis in axes)
        return f"{self.image.name}[{places}]" if places else str(self.image.name)


def _kind(image: Image, dims: Dims) -> FrameIndex:
    """The kind of frames that are shown; in three dimensions that of the last two axes."""
    try:
        return shown_frame(image, dims)
    except ViewError:
        axes = displayed_axes(image.ndim, dims)[-2:]
        return tuple(None if axis in axes else 0 for axis in range(image.ndim))
