"""The intensity mappings that a session offers, by name, and what each means for an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, sliced_axes
from napari_cutout.annotate.named import known_name
from napari_cutout.layers.image.coordinates import layer_shape
from napari_cutout.layers.image.frames import frame_source
from napari_cutout.segment import IntensityMapping

if TYPE_CHECKING:
    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_cutout.layers.image.channels import Channels

MappingName = Literal["percentile", "stack", "contrast_limits", "dtype"]
"""``"percentile"``: of each frame; ``"stack"``: of some frames of the stack, one mapping for all;
``"contrast_limits"``: the layer's, as they are when chosen; ``"dtype"``: the dtype's full range."""

_SAMPLED = 8
_PIXELS = 125_000
"""Frames of a stack that are looked at, and pixels of each."""


def check_name(name: str) -> MappingName:
    """The name, if it is one.

    Raises
    ------
    ValueError
        If it isn't.
    """
    return known_name(name, get_args(MappingName), "intensity mapping")


def resolve(
    name: MappingName,
    image: Image,
    index: FrameIndex,
    limits: tuple[float, float],
    channels: Channels | None = None,
) -> IntensityMapping:
    """The mapping for an image. Reads frames for ``"stack"``.

    Parameters
    ----------
    name
        See :data:`MappingName`.
    image, index
        The image, and the kind of frame.
    limits
        The contrast limits to be used.
    channels
        That were chosen. Percentiles of three are each channel's own.
    """
    if name == "contrast_limits":
        return IntensityMapping("limits", limits)
    if name == "dtype":
        return IntensityMapping(name)
    apart = channels is not None and len(channels.positions) == 3
    mapping = IntensityMapping("percentile", per_channel=apart)
    return mapping if name == "percentile" else mapping.settled(_of_stack(image, index, channels))


def _of_stack(image: Image, index: FrameIndex, channels: Channels | None) -> NDArray[Any]:
    """Values ``(N, channels)`` of frames at even distances along all sliced axes together."""
    axes = [axis for axis in sliced_axes(index) if channels is None or axis != channels.axis]
    lengths = [layer_shape(image)[axis] for axis in axes]
    count = int(np.prod(lengths))
    values = []
    for flat in np.unique(np.linspace(0, count - 1, _SAMPLED).round().astype(int)):
        frame = list(index)
        for axis, at in zip(axes, np.unravel_index(flat, lengths), strict=True):
            frame[axis] = int(at)
        values.append(_some(frame_source(image, tuple(frame), channels).sample()))
    return np.concatenate(values)


def _some(values: NDArray[Any]) -> NDArray[Any]:
    """Pixels ``(N, channels)`` at random places, always the same; all where there are few."""
    pixels = int(np.prod(values.shape[:-1]))
    if pixels <= _PIXELS:
        return values.reshape(-1, values.shape[-1])
    places = np.random.default_rng(0).integers(0, pixels, _PIXELS)
    return values[np.unravel_index(places, values.shape[:-1])]
