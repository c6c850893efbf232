"""An Image layer as a stack of frames: those along the axes that are shown as rows and columns.

It holds the layer's data and not the layer, so that frames are read in any thread.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, sliced_axes
from napari_cutout.layers.image.channels import check_sliced
from napari_cutout.layers.image.coordinates import layer_shape
from napari_cutout.layers.image.frames import FrameSource, source_of
from napari_cutout.stacks.errors import FrameReadError
from napari_cutout.stacks.frames.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import Dims
    from napari.layers import Layer
    from numpy.typing import NDArray

    from napari_cutout.layers.image.channels import Channels
    from napari_cutout.segment import LazyFrame, Window

    Looked = Literal["whole"] | Window | None

_NAMELESS = re.compile(r"-?\d*")
"""What napari calls axes that nobody named."""

_ROWS = 256
"""That are looked at together."""

_IN_TEXT = re.compile(r"[\s,=:]+")
"""What a name can't have where ranges are written as text."""


class LayerStack(Stack):
    """The frames of an Image layer along two of its axes.

    Parameters
    ----------
    image
        numpy, dask, zarr or alike; of one resolution or a pyramid; with colours or not.
    frame
        One of the frames: None on the two axes that they lie along.
    channels
        Those that are taken as the frame; their axis isn't gone along.
    window
        What is looked at of each frame, see :class:`.FrameSource`.
    dims
        Of the viewer, whose names of the axes are taken where the layer has none.

    Attributes
    ----------
    sliced
        The axes of the layer that are gone along, in the order of :attr:`.Stack.axes`.
    looked_at
        What is looked at of each frame: the parameter ``window``.
    """

    def __init__(
        self,
        image: Any,
        frame: FrameIndex,
        channels: Channels | None = None,
        window: Looked = None,
        dims: Dims | None = None,
    ) -> None:
        if channels is not None:
            check_sliced(channels, frame)
        self._levels = list(image.data) if image.multiscale else [image.data]
        self._rgb, self._frame = bool(image.rgb), frame
        self._channels, self.looked_at = channels, window
        self.sliced = tuple(
            axis for axis in sliced_axes(frame) if channels is None or axis != channels.axis
        )
        shape, names = layer_shape(image), axis_names(image, dims)
        axes = (*self.sliced, *frame_axes(frame))
        full = self._levels[0]
        super().__init__(
            name=repr(str(image.name)),
            axes=[names[axis] for axis in self.sliced],
            shape=[shape[axis] for axis in self.sliced],
            frame_shape=(shape[axes[-2]], shape[axes[-1]]),
            dtype=full.dtype,
            identity=f"layer {image.name} {full.shape} {full.dtype} {id(full)}",
            is_rgb=self._rgb or (channels is not None and len(channels.positions) == 3),
            scale=[float(image.scale[axis]) for axis in axes],
            units=[_unit(image.units[axis]) for axis in axes],
        )

    def frame_of(self, index: Sequence[int]) -> FrameIndex:
        """A frame of the image by its number on each looped axis."""
        frame = list(self._frame)
        for axis, at in zip(self.sliced, index, strict=True):
            frame[axis] = int(at)
        return tuple(frame)

    def index_of(self, frame: FrameIndex) -> tuple[int, ...]:
        """The other way round: the numbers of a frame of the image on the looped axes."""
        return tuple(int(frame[axis] or 0) for axis in self.sliced)

    def source(self, index: Sequence[int]) -> FrameSource:
        """A frame as sessions encode it, so that what was encoded is found again by them."""
        frame = self.frame_of(index)
        return source_of(self._levels, self._rgb, frame, self._channels, self.looked_at)

    def pixels(self, index: Sequence[int]) -> NDArray[Any] | LazyFrame:
        """A frame as a segmenter takes it: a small one read now, a large one to be read lazily.

        Raises
        ------
        FrameReadError
            If it can't be read, or no pixel of it is a number.
        """
        try:
            pixels = self.source(index).pixels()
            is_empty = self.dtype.kind in "fc" and not has_numbers(pixels)
        except MemoryError:
            raise
        except Exception as error:  # back ends raise whatever they like
            reason = " ".join(str(error).split()) or type(error).__name__
            raise FrameReadError(tuple(index), reason, self.axes) from error
        if is_empty:
            raise FrameReadError(tuple(index), "no pixel of it is a number", self.axes)
        return pixels

    def _read(self, index: tuple[int, ...]) -> NDArray[Any]:
        return self.source(index).read()


def has_numbers(pixels: NDArray[Any] | LazyFrame) -> bool:
    """Whether any pixel of a frame is finite; of a pyramid the coarsest level is asked.

    O(rows up to the first such pixel).
    """
    whole = pixels if isinstance(pixels, np.ndarray) else pixels.levels[-1]
    return any(
        np.isfinite(np.asarray(whole[row : row + _ROWS, :])).any()
        for row in range(0, whole.shape[0], _ROWS)
    )


def axis_names(layer: Layer, dims: Dims | None = None) -> tuple[str, ...]:
    """Names of a layer's axes, all different: its own, the viewer's, or ``axis0`` and so on.

    Parameters
    ----------
    layer
        Whose labels of axes are taken, where somebody gave it any.
    dims
        Of the viewer.
    """
    own = [str(name) for name in layer.axis_labels]
    shown = [str(name) for name in dims.axis_labels[-layer.ndim :]] if dims is not None else own
    return usable_names(own, shown)


def usable_names(given: Sequence[str], instead: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of axes that are all different and can be written in a range.

    Parameters
    ----------
    given
        What the axes are called, as napari has it.
    instead
        What they are called elsewhere, for those that nobody named.
    """
    names: list[str] = []
    for axis, pair in enumerate(zip(given, instead or given, strict=False)):
        usable = (_IN_TEXT.sub("_", name.strip()) for name in pair)
        name = next((name for name in usable if not _NAMELESS.fullmatch(name)), "")
        names.append(name if name and name not in names else f"axis{axis}")
    return tuple(names)


def _unit(unit: Any) -> str | None:
    name = str(unit)
    return None if name in ("pixel", "dimensionless", "") else name
