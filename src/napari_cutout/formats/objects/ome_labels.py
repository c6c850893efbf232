"""Labels as OME-Zarr: beside the image in its zarr, or as a zarr by themselves.

NGFF 0.5 in zarr 3, and 0.4 where the image's zarr is version 2. The levels are written in
ome_levels.py, piece by piece: memory doesn't grow with the labels. What is said of them is in
ome_stated.py, reading in ome_labels_reading.py.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.ome_levels import (
    create_levels,
    own_steps,
    steps_of_image,
    write_levels,
)
from napari_cutout.formats.objects.ome_stated import (
    about,
    attributes,
    default_axes,
    image_around,
    image_at,
    multiscales,
    put_on_list,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.formats.objects.ome_stated import Rgba, Version


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
    if np.dtype(labels.dtype).kind not in "biu" or len(labels.shape) < 2:
        raise FormatError(
            f"labels are (..., rows, cols) integers, not {tuple(labels.shape)} {labels.dtype}"
        )
    if not name or name.startswith(".") or "/" in name or "\\" in name:
        raise FormatError(f"labels can't be called {name!r}; give a name without slashes")
    image = image_at(path)
    stated = None if image is None else attributes(image)["multiscales"][0]
    shape = tuple(int(length) for length in labels.shape)
    names, sizes = _axes(shape, axes, scale, units, stated)
    steps = own_steps(shape) if image is None else steps_of_image(stated, image, names, shape)
    place = path if image is None else path / "labels" / name
    version: Version = 3 if image is None else image.metadata.zarr_format
    said = multiscales(name, names, sizes, units, steps, version)
    said |= about(properties or {}, colors or {}, version, image is not None)
    try:
        place.parent.mkdir(exist_ok=image is not None or place.parent.is_dir())
        part = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            group = zarr.create_group(part, zarr_format=version, overwrite=True)
            write_levels(group, labels, names, steps, version)
            group.attrs.update(wrapped(said, version))
            _put(part, place)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        if image is not None:
            put_on_list(path, name, version)
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
    """Labels that are background all over, to be written region by region.

    Parameters
    ----------
    path
        A folder that isn't there yet, or has no zarr in it. In the folder ``labels`` of an
        OME-Zarr image they are labels of it, in its version, and are named in its list.
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
    image = image_around(path)
    version: Version = 3 if image is None else image.metadata.zarr_format
    steps = own_steps(shape)
    group = zarr.create_group(path, zarr_format=version)
    levels = create_levels(group, shape, np.dtype(np.uint32), axes, steps, version)
    name, names, sizes = path.stem, tuple(axes), tuple(map(float, scale))
    said = multiscales(name, names, sizes, units, steps, version)
    group.attrs.update(wrapped(said | about({}, {}, version, image is not None), version))
    if image is not None:
        put_on_list(path.absolute().parent.parent, path.name, version)
    return levels


def _axes(
    shape: tuple[int, ...],
    axes: Sequence[str] | None,
    scale: Sequence[float] | None,
    units: Sequence[str | None] | None,
    stated: Any,
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The names of all axes and the sizes of a pixel."""
    names = tuple(axes or default_axes(len(shape), stated))
    sizes = tuple(map(float, (1,) * len(shape) if scale is None else scale))
    if not len(names) == len(sizes) == len(units or names) == len(shape):
        raise FormatError(f"labels of shape {shape} have {len(shape)} axes, not {names}, {sizes}")
    return names, sizes


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
