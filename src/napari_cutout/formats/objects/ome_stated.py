"""What labels of OME-Zarr say of themselves, and what an image says that they are in.

Pixels are written in ome_levels.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import zarr

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_cutout.formats.objects.ome_levels import Steps

    Rgba = tuple[int, int, int, int]
Version = Literal[2, 3]

_KINDS = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def image_at(path: Path) -> Any:
    """The group of an image that labels are written into, None where they stand by themselves.

    Parameters
    ----------
    path
        Where they are to be written.

    Raises
    ------
    FormatError
        If there is something else.
    """
    if not path.exists():
        return None
    try:
        group = zarr.open_group(path, mode="r")
    except (ValueError, OSError, KeyError) as error:
        raise FormatError(f"{path} is there, and is no OME-Zarr; give another name") from error
    stated = attributes(group)
    if "image-label" in stated:
        return None
    if "multiscales" not in stated:
        raise FormatError(f"{path} is a zarr, but no OME-Zarr image; give another name")
    return group


def image_around(path: Path) -> Any:
    """The group of an image in whose folder ``labels`` a path lies; None where there is none."""
    folder = path.absolute().parent
    if folder.name != "labels":
        return None
    try:
        group = zarr.open_group(folder.parent, mode="r")
    except (ValueError, OSError, KeyError):
        return None
    return group if "multiscales" in attributes(group) else None


def attributes(group: Any) -> Any:
    """What a group says of itself, in any version."""
    stated: Any = dict(group.attrs)
    return stated.get("ome", stated)


def default_axes(count: int, stated: Any) -> Sequence[str]:
    """The axes of an image without its channels, if there are as many; or the usual ones.

    Parameters
    ----------
    count
        How many are wanted.
    stated
        What the image says of its levels; None where there is none.

    Raises
    ------
    FormatError
        If there are more than have usual names.
    """
    axes = stated.get("axes", []) if stated else []
    # Before version 0.4 an axis was a name alone.
    known = [axis for axis in axes if isinstance(axis, dict) and "name" in axis]
    theirs = [str(axis["name"]) for axis in known if axis.get("type") != "channel"]
    if len(theirs) == count:
        return theirs
    if count > len("tzyx"):
        raise FormatError(f"labels with {count} axes need names for them")
    return "tzyx"[-count:]


def multiscales(
    name: str,
    names: tuple[str, ...],
    sizes: tuple[float, ...],
    units: Sequence[str | None] | None,
    steps: Sequence[Steps],
    version: int,
) -> dict[str, Any]:
    """What labels say of their levels.

    Parameters
    ----------
    name
        What they are called.
    names, sizes, units
        Of each axis.
    steps
        Of each level.
    version
        Of zarr.
    """
    kinds = {axis: {"type": _KINDS[axis]} for axis in names if axis in _KINDS}
    axes = [{"name": axis} | kinds.get(axis, {}) for axis in names]
    for axis, unit in zip(axes, units or (None,) * len(axes), strict=True):
        if unit is not None and unit != "pixel":
            axis["unit"] = unit
    datasets = []
    for level, step in enumerate(steps):
        scale = [size * by for size, by in zip(sizes, step, strict=True)]
        transform = {"type": "scale", "scale": scale}
        datasets.append({"path": str(level), "coordinateTransformations": [transform]})
    found = {"name": name, "axes": axes, "datasets": datasets, "type": "nearest"}
    return {"multiscales": [found | ({"version": "0.4"} if version == 2 else {})]}


def about(
    properties: Mapping[int, Mapping[str, object]],
    colors: Mapping[int, Rgba],
    version: int,
    has_image: bool,
) -> dict[str, Any]:
    """What labels say of their ids, and of the image that they are in.

    Parameters
    ----------
    properties, colors
        Of ids.
    version
        Of zarr.
    has_image
        Whether they are in one.
    """
    found: dict[str, Any] = {"version": "0.4"} if version == 2 else {}
    if colors:
        found["colors"] = [{"label-value": n, "rgba": list(rgba)} for n, rgba in colors.items()]
    if properties:
        found["properties"] = [{"label-value": n, **known} for n, known in properties.items()]
    if has_image:
        found["source"] = {"image": "../../"}
    return {"image-label": found}


def wrapped(stated: dict[str, Any], version: int) -> dict[str, Any]:
    """As a group's attributes have it."""
    return stated if version == 2 else {"ome": {"version": "0.5", **stated}}


def put_on_list(path: Path, name: str, version: Version) -> None:
    """Name labels in the list that readers look for.

    Parameters
    ----------
    path
        Of the image that they are in.
    name
        Of their folder.
    version
        Of zarr.
    """
    group = zarr.open_group(path / "labels", mode="a", zarr_format=version)
    listed = list(attributes(group).get("labels", []))
    if name not in listed:
        group.attrs.update(wrapped({"labels": [*listed, name]}, version))
