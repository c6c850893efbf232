"""From a frame of any dtype to the 8-bit RGB pixels that a model reads. Explicit, named, stable.

The mapping is part of an embedding's identity: another mapping is another embedding. What a frame
is (which axes, which channels) is decided here too; where frames come from is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.segment.errors import FrameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Name = Literal["percentile", "limits", "dtype", "none"]

VERSION = 1
"""Raised when the same name would give other pixels."""

LOW, HIGH = 0.5, 99.8
"""The percentiles that become black and white."""

_SAMPLE = 1_000_000


@dataclass(frozen=True)
class IntensityMapping:
    """How intensities become 0 to 255.

    Parameters
    ----------
    name
        ``"percentile"``: each frame's own percentiles 0.5 and 99.8 become black and white.
        ``"limits"``: ``limits`` do, for example contrast limits or a stack's percentiles.
        ``"dtype"``: the dtype's full range does (for floats, 0 and 1).
        ``"none"``: uint8 as it is, as the reference implementation reads it.
    limits
        ``(black, white)``, for ``"limits"`` only.
    """

    name: Name = "percentile"
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        known = ("percentile", "limits", "dtype", "none")
        if self.name not in known:
            raise ValueError(f"intensity mapping {self.name!r} is unknown; use one of {known}")
        if (self.name == "limits") != (self.limits is not None):
            raise ValueError("give limits=(black, white) with the mapping 'limits', and only then")
        if self.limits is not None:
            black, white = self.limits
            if not (np.isfinite(black) and np.isfinite(white) and black < white):
                raise ValueError(f"limits must be finite with black < white, not {self.limits}")

    @property
    def key(self) -> str:
        """What stands for this mapping in an embedding's key."""
        return f"{self.name}:{self.limits}:v{VERSION}"


def as_mapping(mapping: str | tuple[float, float] | IntensityMapping) -> IntensityMapping:
    """A mapping from its name, from a pair of limits, or as it is."""
    if isinstance(mapping, IntensityMapping):
        return mapping
    if isinstance(mapping, str):
        return IntensityMapping(mapping)  # type: ignore[arg-type]
    try:
        black, white = mapping
        limits = float(black), float(white)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"an intensity mapping is a name or (black, white) limits, not {mapping!r}"
        ) from error
    return IntensityMapping("limits", limits)


def check_frame(frame: object) -> NDArray[np.generic]:
    """The frame as an array ``(rows, cols)`` or ``(rows, cols, 3 or 4)`` of real numbers.

    Raises
    ------
    FrameError
        If it isn't one, with what to do.
    """
    try:
        array = np.asarray(frame)
    except ValueError as error:
        raise FrameError(f"a frame is an array with rows of one length: {error}") from error
    if array.dtype.kind not in "biuf":
        raise FrameError(
            f"a frame holds real numbers, not {array.dtype}; convert it, for example with abs()"
        )
    if array.ndim == 3 and array.shape[2] not in (3, 4):
        raise FrameError(
            f"a frame is (rows, cols) or (rows, cols, 3 or 4 for RGB or RGBA), not {array.shape}; "
            "choose a channel or a plane first, for example frame[..., 0] or frame[0]"
        )
    if array.ndim not in (2, 3):
        raise FrameError(
            f"a frame has 2 axes, or 3 with RGB last, not {array.ndim} {array.shape}; "
            "index the other axes first, for example image[time, z]"
        )
    if 0 in array.shape:
        raise FrameError(f"the frame is empty: its shape is {array.shape}")
    return array


def to_pixels(
    frame: object, mapping: str | tuple[float, float] | IntensityMapping = "percentile"
) -> NDArray[np.uint8]:
    """Map a frame to 8-bit RGB.

    Parameters
    ----------
    frame
        ``(rows, cols)`` or ``(rows, cols, 3 or 4)``, any real dtype, any memory order. The alpha
        of RGBA is left out. NaN and minus infinity become black, plus infinity white.
    mapping
        See :class:`IntensityMapping`.

    Returns
    -------
    ndarray
        ``(rows, cols, 3)`` uint8, C order, not writeable.

    Raises
    ------
    FrameError
        If the array isn't a frame, or isn't uint8 with the mapping ``"none"``.
    """
    array = check_frame(frame)
    mapping = as_mapping(mapping)
    if array.ndim == 3:
        array = array[..., :3]
    if mapping.name == "none":
        if array.dtype != np.uint8:
            raise FrameError(
                f"the intensity mapping 'none' takes uint8, not {array.dtype}; "
                "use 'percentile', 'dtype' or limits=(black, white)"
            )
        grey = array
    else:
        grey = _scale(array, *_limits(array, mapping))
    if grey.ndim == 2:
        grey = np.repeat(grey[..., None], 3, axis=2)
    pixels: NDArray[np.uint8] = np.array(grey, dtype=np.uint8, order="C")
    pixels.flags.writeable = False
    return pixels


def percentile_limits(values: NDArray[np.generic]) -> tuple[float, float]:
    """The values at the percentiles 0.5 and 99.8, of a million of them where there are more.

    Parameters
    ----------
    values
        Of any shape: a frame, or a stack for one mapping over all its frames.
    """
    flat = values.reshape(-1)
    if flat.size > _SAMPLE:
        # At random, always the same: at even distances it could be one channel, or one column.
        flat = flat[np.random.default_rng(0).integers(0, flat.size, _SAMPLE)]
    if flat.dtype.kind == "f":
        flat = flat[np.isfinite(flat)]
    if flat.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(flat.astype(np.float64), [LOW, HIGH])
    if low == high:
        low, high = float(flat.min()), float(flat.max())
    return float(low), float(high)


def _limits(array: NDArray[Any], mapping: IntensityMapping) -> tuple[float, float]:
    if mapping.limits is not None:
        return mapping.limits
    if mapping.name == "percentile":
        return percentile_limits(array)
    if array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        return float(info.min), float(info.max)
    return 0.0, 1.0


def _scale(array: NDArray[Any], black: float, white: float) -> NDArray[np.uint8]:
    """Linear from ``black`` to ``white``; float32 where that is exact and can't overflow."""
    if not black < white:
        return np.zeros(array.shape, np.uint8)
    small = array.dtype.kind in "bui" and array.dtype.itemsize <= 2
    scaled: NDArray[Any] = array.astype(np.float32 if small else np.float64)
    # Halves: the width of float64's whole range is not a float64.
    half = white / 2 - black / 2
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (scaled / 2 - black / 2) / half * 255
    scaled = np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)
