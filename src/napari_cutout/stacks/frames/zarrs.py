"""A stack of a zarr: an array, or the finest level of an OME-Zarr image, read frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.units import unit_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FILES = ("zarr.json", ".zarray", ".zgroup")
_SINGLE = "bioformats2raw.layout"


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
    array, stated = _finest(node, name)
    try:
        names, scale, units = _stated(stated, len(array.shape))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_ome(name, error) from error
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
        reason = " ".join(str(error).split()) or type(error).__name__
        raise StackError(f"{name}: not a readable zarr ({reason})") from error


def _is_array(node: Any) -> bool:
    return hasattr(node, "shape") and hasattr(node, "dtype")


def _finest(group: Any, name: str) -> tuple[Any, Mapping[str, Any]]:
    """The finest level of an OME-Zarr image, and what is said of it."""
    stated = _attributes(group)
    if _SINGLE in stated and "multiscales" not in stated:
        images = sorted(key for key in group.group_keys() if key != "OME")
        if len(images) != 1:
            raise StackError(f"{name} has several images; give one: {_listed(name, images)}")
        return _finest(group[images[0]], f"{name}/{images[0]}")
    if "plate" in stated or "well" in stated:
        raise StackError(
            f"{name} is a plate or a well of one, of many images; give one of them, such as "
            f"{name}/{'A/1/0' if 'plate' in stated else '0'}"
        )
    if "multiscales" not in stated:
        inside = sorted(group.array_keys())
        raise StackError(
            f"{name} is a zarr group, not an image; give one of its arrays: "
            + (_listed(name, inside) or "it has none")
        )
    try:
        multiscale = stated["multiscales"][0]
        return group[multiscale["datasets"][0]["path"]], multiscale
    except (KeyError, IndexError, TypeError) as error:
        raise _not_ome(name, error) from error


def _not_ome(name: str, error: Exception) -> StackError:
    return StackError(f"{name}: what it says of itself isn't OME-Zarr's ({error!r})")


def _attributes(node: Any) -> dict[str, Any]:
    stated = dict(node.attrs)
    inner = stated.get("ome", stated)
    return dict(inner) if isinstance(inner, dict) else stated


def _listed(name: str, keys: Sequence[str]) -> str:
    return ", ".join(f"{name}/{key}" for key in keys)


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
