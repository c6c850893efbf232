"""Units of lengths and times by one name each, those of OME-Zarr, whatever a file calls them.

And how far apart planes lie, in the unit of their pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cutout.stacks.frames.stack import Stack

_NAMES = {
    "angstrom": ("å", "angstroms"),
    "nanometer": ("nm", "nanometers", "nanometre"),
    "micrometer": ("µm", "μm", "um", "micron", "microns", "micrometers", "micrometre"),
    "millimeter": ("mm", "millimeters", "millimetre"),
    "centimeter": ("cm", "centimeters", "centimetre"),
    "meter": ("m", "meters", "metre"),
    "inch": ("in", "inches"),
    "microsecond": ("µs", "μs", "us", "microseconds"),
    "millisecond": ("ms", "msec", "milliseconds"),
    "second": ("s", "sec", "seconds"),
    "minute": ("min", "minutes"),
    "hour": ("h", "hr", "hours"),
    "day": ("d", "days"),
}
_KNOWN = {called: name for name, others in _NAMES.items() for called in (name, *others)}
_NONE = {"", "pixel", "pixels", "px", "frame", "null", "reference frame"}
_METRES = {
    "angstrom": 1e-10,
    "nanometer": 1e-9,
    "micrometer": 1e-6,
    "millimeter": 1e-3,
    "centimeter": 1e-2,
    "meter": 1.0,
    "inch": 0.0254,
}


def unit_name(text: str | None) -> str | None:
    """The name of a unit; None where it is none, or one of pixels.

    Parameters
    ----------
    text
        As a file writes it. One that isn't known stays as it is.

    Examples
    --------
    >>> unit_name("µm"), unit_name("sec"), unit_name("pixel")
    ('micrometer', 'second', None)
    """
    if text is None:
        return None
    # ImageJ escapes what isn't ASCII.
    plain = text.replace("\\u00B5", "µ").strip()
    if plain.lower() in _NONE:
        return None
    return _KNOWN.get(plain, _KNOWN.get(plain.lower(), plain))


def depth_of(stack: Stack, axis: int) -> float:
    """How far apart neighbouring planes lie, in the unit of the columns' size.

    Where a file says how large pixels are and nothing of the planes, they are as far apart as
    pixels.

    Parameters
    ----------
    stack
        Of which the planes are.
    axis
        The place of theirs among the looped axes.
    """
    (size, unit), (pixel, wanted) = (
        (stack.scale[at], stack.units[at]) for at in (axis, len(stack.axes) + 1)
    )
    if unit in _METRES and wanted in _METRES and unit != wanted:
        return size * _METRES[unit] / _METRES[wanted]
    is_said = unit is not None or wanted is None or size != 1.0
    return size if is_said else pixel
