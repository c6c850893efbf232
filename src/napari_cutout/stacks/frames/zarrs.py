"""A stack of a zarr: an array, or the finest level of an OME-Zarr image, read frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError, reason_of
from napari_cutout.formats.zarr_levels import finest_level, not_ome
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.units import unit_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FILES = ("zarr.json", ".zarray", ".zgroup")


def is_zarr(path: Path) -> bool:
    """Whether a folder is a zarr array or group."""
    return path.is_dir() and any((path / name).is_file() for name in _FILES)


def open_zarr(
    place: Path | str | Any,
    axes: str | Sequence[str] | None = None,
    channel: int | None = None,
) -> ArrayStack:
    """A stack of a zarr.

    Parameters
    ----------
    place
        A folder or an address of an array or an OME-Zarr image, or an array or group of zarr.
    axes
        A letter for every axis. None: as OME-Zarr, or the names of the array's dimensions, say.
    channel
        Which channel to take. None: there are none, or they are colours.

    Raises
    ------
    StackError
        If it can't be read, has several images, or its axes can be read in two ways.
    """
    name = str(place) if isinstance(place, str | Path) else f"zarr {place.path or '/'}"
    node = _node(place, name)
    if _is_array(node):
        return ArrayStack(node, axes, channel=channel, name=name, said=_dimensions(node))
    try:
        array, stated = finest_level(node, name)
    except FormatError as error:
        raise StackError(str(error)) from error
    try:
        names, scale, units = _stated(stated, len(array.shape))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StackError(str(not_ome(name, error))) from error
    if axes is not None and len(axes) == len(names):
        # Of an axis that was named otherwise the size isn't known.
        same = [axis.lower() == name for axis, name in zip(axes, names, strict=True)]
        scale = [size if is_same else 1.0 for size, is_same in zip(scale, same, strict=True)]
        units = [unit if is_same else None for unit, is_same in zip(units, same, strict=True)]
    return ArrayStack(array, axes, channel=channel, name=name, scale=scale, units=units, said=names)


def _node(place: Any, name: str) -> Any:
    if not isinstance(place, str | Path):
        return place
    import zarr

    try:
        return zarr.open(place, mode="r")
    except Exception as error:
        raise StackError(f"{name}: not a readable zarr ({reason_of(error)})") from error


def _is_array(node: Any) -> bool:
    return hasattr(node, "shape") and hasattr(node, "dtype")


def _stated(
    multiscale: Mapping[str, Any], ndim: int
) -> tuple[tuple[str | None, ...], list[float], list[str | None]]:
    """Axes, sizes of pixels and units of an image's finest level."""
    axes = multiscale.get("axes")
    if not axes:
        # The first versions of the format had five axes, always these, and didn't say so.
        unsaid: tuple[str | None, ...] = (*(None,) * (ndim - 2), "y", "x")
        return tuple("tczyx") if ndim == 5 else unsaid, [1.0] * ndim, [None] * ndim
    stated = [axis if isinstance(axis, dict) else {"name": axis} for axis in axes]
    scale = [1.0] * ndim
    own = multiscale["datasets"][0].get("coordinateTransformations", ())
    for step in (*own, *multiscale.get("coordinateTransformations", ())):
        if step.get("type") == "scale" and len(step.get("scale", ())) == ndim:
            scale = [
                size * float(factor) for size, factor in zip(scale, step["scale"], strict=True)
            ]
    if len(stated) != ndim:
        raise ValueError(f"{len(stated)} axes of {ndim}")
    units = [unit_name(axis.get("unit")) for axis in stated]
    names = ("c" if axis.get("type") == "channel" else str(axis["name"]) for axis in stated)
    return tuple(name.lower() for name in names), scale, units


def _dimensions(array: Any) -> tuple[str | None, ...] | None:
    """The names of an array's dimensions, where rows and columns are among them."""
    stated = getattr(array.metadata, "dimension_names", None)
    names = stated or array.attrs.get("_ARRAY_DIMENSIONS")
    if not names or not {"y", "x"} <= {str(name).lower() for name in names}:
        return None
    return tuple(None if name is None else str(name).lower() for name in names)
