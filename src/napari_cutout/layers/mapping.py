"""The intensity mappings that a session offers, by name, and what each means for an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, sliced_axes
from napari_cutout.layers.coordinates import layer_shape
from napari_cutout.layers.frames import frame_source
from napari_cutout.segment import IntensityMapping, percentile_limits

if TYPE_CHECKING:
    from napari.layers import Image

MappingName = Literal["percentile", "stack", "contrast_limits", "dtype"]
"""``"percentile"``: of each frame; ``"stack"``: of some frames of the stack, one mapping for all;
``"contrast_limits"``: the layer's, as they are when chosen; ``"dtype"``: the dtype's full range."""

_SAMPLED = 8


def check_name(name: str) -> MappingName:
    """The name, if it is one.

    Raises
    ------
    ValueError
        If it isn't.
    """
    for known in get_args(MappingName):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(f"intensity mapping {name!r} is unknown; use one of {get_args(MappingName)}")


def resolve(
    name: MappingName, image: Image, index: FrameIndex, limits: tuple[float, float]
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
    """
    if name == "contrast_limits":
        return IntensityMapping("limits", limits)
    if name == "stack":
        return IntensityMapping("limits", _stack_limits(image, index))
    return IntensityMapping(name)


def _stack_limits(image: Image, index: FrameIndex) -> tuple[float, float]:
    """The percentiles of frames at even distances along all sliced axes together."""
    axes = sliced_axes(index)
    lengths = [layer_shape(image)[axis] for axis in axes]
    count = int(np.prod(lengths))
    values = []
    for flat in np.unique(np.linspace(0, count - 1, _SAMPLED).round().astype(int)):
        frame = list(index)
        for axis, at in zip(axes, np.unravel_index(flat, lengths), strict=True):
            frame[axis] = int(at)
        pixels = frame_source(image, tuple(frame)).read().reshape(-1)
        values.append(pixels[:: max(1, pixels.size * _SAMPLED // 1_000_000)])
    black, white = percentile_limits(np.concatenate(values))
    return black, white if white > black else black + 1.0
