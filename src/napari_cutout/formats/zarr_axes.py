"""What a zarr calls its axes: by OME-Zarr, or by the names of an array's dimensions.

Which of them are shown as rows and columns is said in shown_axes.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_VERSIONS = ("t", "c", "z", "y", "x")


def axes_of_image(multiscale: Mapping[str, Any], ndim: int) -> tuple[str | None, ...]:
    """The axes of an OME-Zarr image, lower case, ``c`` for one of channels.

    Parameters
    ----------
    multiscale
        The entry of ``multiscales``.
    ndim
        How many axes its arrays have.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError
        If what is said isn't OME-Zarr's.
    """
    stated = multiscale.get("axes")
    if not stated:
        # The first versions of the format had five axes, always these, and didn't say so.
        unsaid: tuple[str | None, ...] = (*(None,) * (ndim - 2), "y", "x")
        return _FIRST_VERSIONS if ndim == len(_FIRST_VERSIONS) else unsaid
    if len(stated) != ndim:
        raise ValueError(f"{len(stated)} axes of {ndim}")
    return tuple(_name(axis) for axis in stated)


def axes_of_array(array: Any) -> tuple[str | None, ...] | None:
    """The names of an array's dimensions, lower case; None unless rows and columns are among them.

    Parameters
    ----------
    array
        Of zarr. xarray writes the names into the attributes of one of the second version.
    """
    stated = getattr(array.metadata, "dimension_names", None)
    names = stated or array.attrs.get("_ARRAY_DIMENSIONS")
    if not isinstance(names, list | tuple) or len(names) != len(array.shape):
        return None
    if not {"y", "x"} <= {str(name).lower() for name in names}:
        return None
    return tuple(None if name is None else str(name).lower() for name in names)


def _name(axis: Any) -> str:
    if not isinstance(axis, dict):
        return str(axis).lower()
    return "c" if axis.get("type") == "channel" else str(axis["name"]).lower()
