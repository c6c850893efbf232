"""A stack of a zarr: an array, or the finest level of an OME-Zarr image, read frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError, reason_of
from napari_cutout.formats.zarr_axes import axes_of_array, axes_of_image
from napari_cutout.formats.zarr_levels import finest_level, not_ome
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.layout import shown_axes
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
        A letter for every axis. None: as OME-Zarr, or the names of the array's dimensions, say,
        and rows and columns as :func:`.as_shown` has them.
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
        said = axes_of_array(node)
        if axes is None and said is not None:
            said = shown_axes(said, name)
        return ArrayStack(node, axes, channel=channel, name=name, said=said)
    try:
        array, stated = finest_level(node, name)
    except FormatError as error:
        raise StackError(str(error)) from error
    try:
        names, scale, units = _stated(stated, len(array.shape))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StackError(str(not_ome(name, error))) from error
    if axes is None:
        names = shown_axes(names, name)
    elif len(axes) == len(names):
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
    names = axes_of_image(multiscale, ndim)
    stated = multiscale.get("axes") or [{}] * ndim
    scale = [1.0] * ndim
    own = multiscale["datasets"][0].get("coordinateTransformations", ())
    for step in (*own, *multiscale.get("coordinateTransformations", ())):
        if step.get("type") == "scale" and len(step.get("scale", ())) == ndim:
            scale = [
                size * float(factor) for size, factor in zip(scale, step["scale"], strict=True)
            ]
    units = [unit_name(axis.get("unit")) if isinstance(axis, dict) else None for axis in stated]
    return names, scale, units
