"""Units of lengths and times by one name each, those of OME-Zarr, whatever a file calls them."""

from __future__ import annotations

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
