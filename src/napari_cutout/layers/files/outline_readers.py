"""Outlines from napari's Open: GeoJSON and ROIs of ImageJ, as labels on the image beside them.

How the files are read is in formats/; SA-1B and COCO, which know their image, are in readers.py.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.objects.geojson import read_geojson
from napari_cutout.formats.objects.image_beside import find_image
from napari_cutout.formats.objects.imagej_reading import read_rois
from napari_cutout.layers.files.annotated_layers import image_layer, layers_with, spatial_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.formats.images import StoredImage
    from napari_cutout.formats.objects.annotated import AnnotatedImage
    from napari_cutout.layers.files.annotated_layers import LayerData

_READERS = {".geojson": read_geojson, ".roi": read_rois, ".zip": read_rois}
_ROIS = ".rois"
"""Before ``.zip`` in the names that the shell command gives."""


def get_outline_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """What reads a file, for napari; None for a zip without ROIs, and for several files."""
    if isinstance(path, list) or Path(path).suffix.lower() not in _READERS:
        return None
    is_other = path.lower().endswith(".zip") and not _holds_rois(Path(path))
    return None if is_other else read_outlines


def read_outlines(path: str | Path) -> list[LayerData]:
    """The layers of a file of outlines.

    Parameters
    ----------
    path
        A ``.geojson``, a ``.zip`` of ROIs, or a ``.roi``.

    Returns
    -------
    list of (data, dict, str)
        An Image layer, if a file of the same name is beside it, and a Labels layer with a row of
        features for each object. Labels are as large as the image; without one, just large enough
        for the outlines. Outlines that don't say their frame lie on all frames of a stack.

    Raises
    ------
    FormatError
        If it can't be read, holds no object, or its frames aren't those of the image.
    """
    path = Path(path)
    read = _READERS[path.suffix.lower()]
    images = read(path)
    if not images:
        raise FormatError(f"{path} holds no object")
    if len({len(image.frame) for image in images}) > 1:
        raise FormatError(
            f"some outlines in {path} say their frame and others don't; give all of them one, or "
            "none"
        )
    stored = _image_beside(path)
    if stored is None:
        return layers_with(path, images, None, _leading(images))
    # What reaches beyond the image's border is cut off there.
    frame = _fitting(images, stored)[0].frame
    axes = len(frame) or max(len(stored.shape) - 3, 0)
    shape = spatial_shape(stored, axes)
    if len(shape) < 2:
        raise FormatError(f"{stored.path} has shape {stored.shape}, and an image has two axes")
    images = _fitting(read(path, (shape[-2], shape[-1])), stored)
    images = [replace(image, file_name=stored.path.name) for image in images]
    if not images[0].frame:
        return [image_layer(stored), *layers_with(path, images, None)]
    return layers_with(path, images, stored, _leading(images))


def _image_beside(path: Path) -> StoredImage | None:
    found = find_image(path.with_name(path.stem.removesuffix(_ROIS) + ".json"))
    return None if found is None else open_image(found)


def _fitting(images: list[AnnotatedImage], stored: StoredImage) -> list[AnnotatedImage]:
    """Without leading axes that the image doesn't have, where all lie at their beginning."""
    count = len(images[0].frame)
    while count and len(spatial_shape(stored, count)) < count + 2:
        if any(image.frame[0] for image in images):
            return images
        images = [replace(image, frame=image.frame[1:]) for image in images]
        count -= 1
    return images


def _leading(images: list[AnnotatedImage]) -> tuple[int, ...]:
    """The lengths of the leading axes, at least."""
    axes = zip(*(image.frame for image in images), strict=True)
    return tuple(max(places) + 1 for places in axes)


def _holds_rois(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
            return any(name.lower().endswith(".roi") for name in file.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
