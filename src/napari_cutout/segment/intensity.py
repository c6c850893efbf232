"""From a frame of any dtype to the 8-bit RGB pixels that a model reads. Explicit, named, stable.

The mapping is part of an embedding's identity: another mapping is another embedding. What a frame
is (which axes, which channels) is decided here too; where frames come from is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.segment.errors import FrameError
from napari_cutout.segment.few_values import has_few_values, mapped, percentiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

Name = Literal["percentile", "limits", "dtype", "none"]
Limits = tuple[float, float]

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
        ``"percentile"``: each frame's own percentiles 0.5 and 99.8 become black and white. Of a
        frame that isn't in memory, those of its coarsest level or of some tiles of it, see
        :meth:`.LazyFrame.sample`.
        ``"limits"``: ``limits`` do, for example contrast limits or a stack's percentiles.
        ``"dtype"``: the dtype's full range does (for floats, 0 and 1).
        ``"none"``: uint8 as it is, as the reference implementation reads it.
    limits
        ``(black, white)``, or three of them, one a channel; for ``"limits"`` only.
    per_channel
        Whether ``"percentile"`` takes each channel's own, for channels that aren't colours of one
        picture.
    """

    name: Name = "percentile"
    limits: Limits | tuple[Limits, Limits, Limits] | None = None
    per_channel: bool = False

    def __post_init__(self) -> None:
        known = ("percentile", "limits", "dtype", "none")
        if self.name not in known:
            raise ValueError(f"intensity mapping {self.name!r} is unknown; use one of {known}")
        if (self.name == "limits") != (self.limits is not None):
            raise ValueError("give limits=(black, white) with the mapping 'limits', and only then")
        if self.limits is not None:
            pairs = np.atleast_2d(np.array(self.limits, float))
            if pairs.shape not in ((1, 2), (3, 2)):
                raise ValueError(
                    f"limits are (black, white), or three of them for three channels, not "
                    f"{self.limits}"
                )
            if not (np.isfinite(pairs).all() and (pairs[:, 0] < pairs[:, 1]).all()):
                raise ValueError(f"limits must be finite with black < white, not {self.limits}")
        if self.per_channel and self.name != "percentile":
            raise ValueError("per_channel goes with the mapping 'percentile'")

    @property
    def key(self) -> str:
        """What stands for this mapping in an embedding's key."""
        each = ":each" if self.per_channel else ""
        return f"{self.name}:{self.limits}:v{VERSION}{each}"

    def settled(self, values: NDArray[np.generic]) -> IntensityMapping:
        """The same with limits that are known, for a frame that is read piece by piece.

        Parameters
        ----------
        values
            ``(..., channels)``, which stand for all of the frame.
        """
        if self.name != "percentile":
            return self
        if not self.per_channel or values.shape[-1] != 3:
            return IntensityMapping("limits", _apart(percentile_limits(values)))
        one, two, three = (_apart(percentile_limits(values[..., c])) for c in range(3))
        return IntensityMapping("limits", (one, two, three))


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
        array = np.asarray(_on_host(frame))
    except ValueError as error:
        raise FrameError(f"a frame is an array with rows of one length: {error}") from error
    except (TypeError, NotImplementedError) as error:
        raise FrameError(
            f"a frame is an array or becomes one, and this {type(frame).__name__} doesn't: {error}"
        ) from error
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


def _on_host(frame: Any) -> Any:
    """Anything as it is; of one of torch's tensors its values, in a type that numpy has."""
    if not (hasattr(frame, "detach") and hasattr(frame, "cpu")):
        return frame
    values = frame.detach().cpu()
    return values.float() if str(values.dtype) == "torch.bfloat16" else values


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
    levels = to_levels(frame, as_mapping(mapping))
    pixels: NDArray[np.uint8] = np.empty((*levels.shape[:2], 3), np.uint8)
    pixels[...] = levels if levels.ndim == 3 else levels[..., None]
    pixels.flags.writeable = False
    return pixels


def to_levels(frame: object, mapping: IntensityMapping) -> NDArray[np.uint8]:
    """A frame as :func:`to_pixels` maps it; a grey one stays ``(rows, cols)``."""
    array = check_frame(frame)
    if array.ndim == 3:
        array = array[..., :3]
    if mapping.name == "none":
        if array.dtype != np.uint8:
            raise FrameError(
                f"the intensity mapping 'none' takes uint8, not {array.dtype}; "
                "use 'percentile', 'dtype' or limits=(black, white)"
            )
        return np.asarray(array, np.uint8)
    each = _limits(array, mapping)
    if len(each) == 1:
        return _scale(array, *each[0])
    channels = [_scale(array[..., c], *limits) for c, limits in enumerate(each)]
    return np.stack(channels, axis=-1)


def percentile_limits(values: NDArray[np.generic]) -> tuple[float, float]:
    """The values at the percentiles 0.5 and 99.8, of a million of them where there are more.

    Parameters
    ----------
    values
        Of any shape: a frame, or a stack for one mapping over all its frames.
    """
    if values.size > _SAMPLE:
        # At random, always the same: at even distances it could be one channel, or one column.
        places = np.random.default_rng(0).integers(0, values.size, _SAMPLE)
        if values.flags.c_contiguous:
            flat = values.reshape(-1)[places]
        else:
            # Anything else would copy all of a view.
            flat = values[np.unravel_index(places, values.shape)]
    else:
        flat = values.reshape(-1)
    if flat.dtype.kind == "f":
        flat = flat[np.isfinite(flat)]
    if flat.size == 0:
        return 0.0, 1.0
    if has_few_values(flat):
        low, high = percentiles(flat, [LOW, HIGH])
    else:
        low, high = np.percentile(flat.astype(np.float64), [LOW, HIGH])
    if low == high:
        low, high = float(flat.min()), float(flat.max())
    return float(low), float(high)


def _limits(array: NDArray[Any], mapping: IntensityMapping) -> tuple[Limits, ...]:
    """Black and white for all channels, or for each of three."""
    if mapping.limits is not None:
        pairs = np.atleast_2d(np.array(mapping.limits, float))
        if len(pairs) > 1 and array.ndim != 3:
            raise FrameError(
                f"limits of three channels were given for a frame of shape {array.shape}; "
                "give one pair (black, white)"
            )
        return tuple((float(black), float(white)) for black, white in pairs)
    if mapping.name == "percentile":
        if mapping.per_channel and array.ndim == 3:
            return tuple(percentile_limits(array[..., channel]) for channel in range(3))
        return (percentile_limits(array),)
    if array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        return ((float(info.min), float(info.max)),)
    return ((0.0, 1.0),)


def _apart(limits: Limits) -> Limits:
    """Limits of which white is above black, where all of the frame has one value too."""
    black, white = limits
    if black < white:
        return limits
    return black, max(black + 1.0, float(np.nextafter(black, np.inf)))


def _scale(array: NDArray[Any], black: float, white: float) -> NDArray[np.uint8]:
    """Linear from ``black`` to ``white``; float32 where that is exact and can't overflow."""
    if not black < white:
        return np.zeros(array.shape, np.uint8)
    if has_few_values(array):
        return mapped(array, lambda values: _scale(values, black, white))
    small = array.dtype.kind in "bui" and array.dtype.itemsize <= 2
    scaled: NDArray[Any] = array.astype(np.float32 if small else np.float64)
    # Halves: the width of float64's whole range is not a float64.
    half = white / 2 - black / 2
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (scaled / 2 - black / 2) / half * 255
    scaled = np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)
