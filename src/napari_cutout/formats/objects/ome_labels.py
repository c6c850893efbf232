"""Labels as OME-Zarr: beside the image in its zarr, or as a zarr by themselves.

NGFF 0.5 in zarr 3, and 0.4 where the image's zarr is version 2. The levels are written in
ome_levels.py, piece by piece: memory doesn't grow with the labels. Reading is in
ome_labels_reading.py.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import zarr

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.ome_levels import (
    create_levels,
    own_steps,
    steps_of_image,
    write_levels,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.formats.objects.ome_levels import Steps

    Rgba = tuple[int, int, int, int]
    Version = Literal[2, 3]

_KINDS = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def write_ome_labels(
    path: str | Path,
    labels: Any,
    name: str = "labels",
    *,
    axes: Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    units: Sequence[str | None] | None = None,
    properties: Mapping[int, Mapping[str, object]] | None = None,
    colors: Mapping[int, Rgba] | None = None,
) -> Path:
    """Write labels.

    Parameters
    ----------
    path
        The zarr of an OME-Zarr image: they become ``labels/NAME`` in it. Otherwise a folder that
        isn't there yet, or holds labels by themselves: it becomes one.
    labels
        Integers, 0 is background: of numpy, zarr, dask, anything that is sliced like it.
    name
        What they are called.
    axes, scale, units
        Of each axis: its name, the size of a pixel, and the size's unit. Left out, the names are
        those of the image, or else the last of t, z, y, x, and the sizes 1.
    properties
        What is known of each id, values that JSON has.
    colors
        RGBA of each id, 0 to 255.

    Returns
    -------
    Path
        Of the labels.

    Raises
    ------
    FormatError
        If they can't be written, aren't labels, or not those of the image. What was there still
        is.
    """
    path = Path(path)
    shape = tuple(int(length) for length in labels.shape)
    if np.dtype(labels.dtype).kind not in "biu" or len(shape) < 2:
        raise FormatError(f"labels are (..., rows, cols) integers, not {shape} {labels.dtype}")
    container = _container(path)
    stated = None if container is None else _attributes(container)["multiscales"][0]
    names = tuple(axes or _default_axes(len(shape), stated))
    sizes = tuple(map(float, (1,) * len(shape) if scale is None else scale))
    if not len(names) == len(sizes) == len(units or names) == len(shape):
        raise FormatError(f"labels of shape {shape} have {len(shape)} axes, not {names}, {sizes}")
    if not name or name.startswith(".") or "/" in name or "\\" in name:
        raise FormatError(f"labels can't be called {name!r}; give a name without slashes")
    steps = own_steps(shape)
    if container is not None:
        steps = steps_of_image(stated, container, names, shape)
    place = path if container is None else path / "labels" / name
    version: Version = 3 if container is None else container.metadata.zarr_format
    about = _about(properties or {}, colors or {}, version, container is not None)
    try:
        part = place.with_name(f".{place.name}.{os.getpid()}.part")
        place.parent.mkdir(exist_ok=container is not None or place.parent.is_dir())
        try:
            group = zarr.create_group(part, zarr_format=version, overwrite=True)
            write_levels(group, labels, names, steps, version)
            scales = _multiscales(name, names, sizes, units, steps, version)
            group.attrs.update(_wrapped(scales | about, version))
            _put(part, place)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        if container is not None:
            _list(path, name, version)
    except OSError as error:
        raise FormatError(f"can't write {place}: {error.strerror or error}") from error
    return place


def create_ome_labels(
    path: Path,
    shape: Sequence[int],
    *,
    axes: Sequence[str],
    scale: Sequence[float],
    units: Sequence[str | None],
) -> list[Any]:
    """Labels by themselves that are background all over, to be written region by region.

    Parameters
    ----------
    path
        A folder that isn't there yet, or is empty.
    shape
        ``(..., rows, cols)``.
    axes, scale, units
        Of each axis, as for :func:`write_ome_labels`.

    Returns
    -------
    list of zarr.Array
        The levels, the finest first: uint32. No chunk holds pixels of two frames.

    Raises
    ------
    OSError
        If the folder can't be written.
    """
    steps = own_steps(shape)
    group = zarr.create_group(path, zarr_format=3)
    levels = create_levels(group, shape, np.dtype(np.uint32), axes, steps, 3)
    name, names, sizes = path.stem, tuple(axes), tuple(map(float, scale))
    stated = _multiscales(name, names, sizes, units, steps, 3) | _about({}, {}, 3, False)
    group.attrs.update(_wrapped(stated, 3))
    return levels


def _container(path: Path) -> Any:
    """The group of the image that the labels belong to, None where they stand by themselves."""
    if not path.exists():
        return None
    try:
        group = zarr.open_group(path, mode="r")
    except (ValueError, OSError, KeyError) as error:
        raise FormatError(f"{path} is there, and is no OME-Zarr; give another name") from error
    stated = _attributes(group)
    if "image-label" in stated:
        return None
    if "multiscales" not in stated:
        raise FormatError(f"{path} is a zarr, but no OME-Zarr image; give another name")
    return group


def _attributes(group: Any) -> Any:
    stated: Any = dict(group.attrs)
    return stated.get("ome", stated)


def _default_axes(count: int, stated: Any) -> Sequence[str]:
    """The axes of the image without its channels, if there are as many; or the usual ones."""
    axes = stated.get("axes", []) if stated else []
    # Before version 0.4 an axis was a name alone.
    known = [axis for axis in axes if isinstance(axis, dict) and "name" in axis]
    theirs = [str(axis["name"]) for axis in known if axis.get("type") != "channel"]
    if len(theirs) == count:
        return theirs
    if count > len("tzyx"):
        raise FormatError(f"labels with {count} axes need names for them")
    return "tzyx"[-count:]


def _multiscales(
    name: str,
    names: tuple[str, ...],
    sizes: tuple[float, ...],
    units: Sequence[str | None] | None,
    steps: Sequence[Steps],
    version: int,
) -> dict[str, Any]:
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


def _about(
    properties: Mapping[int, Mapping[str, object]],
    colors: Mapping[int, Rgba],
    version: int,
    has_image: bool,
) -> dict[str, Any]:
    found: dict[str, Any] = {"version": "0.4"} if version == 2 else {}
    if colors:
        found["colors"] = [{"label-value": n, "rgba": list(rgba)} for n, rgba in colors.items()]
    if properties:
        found["properties"] = [{"label-value": n, **known} for n, known in properties.items()]
    if has_image:
        found["source"] = {"image": "../../"}
    return {"image-label": found}


def _wrapped(attributes: dict[str, Any], version: int) -> dict[str, Any]:
    return attributes if version == 2 else {"ome": {"version": "0.5", **attributes}}


def _put(part: Path, place: Path) -> None:
    before = place.with_name(f".{place.name}.before")
    if place.exists():
        os.replace(place, before)
    try:
        os.replace(part, place)
    except OSError:
        if before.exists():
            os.replace(before, place)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _list(path: Path, name: str, version: Version) -> None:
    """Name the labels in the list that readers look for."""
    group = zarr.open_group(path / "labels", mode="a", zarr_format=version)
    listed = list(_attributes(group).get("labels", []))
    if name not in listed:
        group.attrs.update(_wrapped({"labels": [*listed, name]}, version))
