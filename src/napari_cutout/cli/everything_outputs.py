"""The files that ``napari-cutout everything`` makes, and which of them are there already.

Each appears whole or not at all. COCO's one file for all images is put together in the end, from
one for each image in a folder that is hidden until then.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from napari_cutout.cli.errors import InputError
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.writing import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.cli.image_list import ListedImage
    from napari_cutout.formats.objects.annotated import AnnotatedImage
    from napari_cutout.segment.automatic.objects import Objects

SETTINGS = ".napari-cutout.json"
INSTANCES = "instances.json"
_PARTS = ".instances"


class Format(StrEnum):
    """What is written of the objects of an image."""

    labels = "labels"
    coco = "coco"
    sa1b = "sa1b"
    geojson = "geojson"
    rois = "rois"
    csv = "csv"
    masks = "masks"


_ENDINGS = {
    Format.labels: ".labels.tif",
    Format.sa1b: ".json",
    Format.geojson: ".geojson",
    Format.rois: ".rois.zip",
    Format.csv: ".csv",
    Format.masks: ".masks",
}
_PICTURE = ".objects.png"


class Outputs:
    """A folder of results.

    Parameters
    ----------
    folder
        Made if need be.
    formats
        What is written of each image.
    picture
        Whether its objects are drawn, too.
    settings
        Whatever the results depend on.
    overwrite
        Whether results that are there are made anew.

    Raises
    ------
    InputError
        If there are results of other settings, or the folder can't be made.
    """

    def __init__(
        self,
        folder: Path,
        formats: tuple[Format, ...],
        picture: bool,
        settings: dict[str, Any],
        overwrite: bool,
    ) -> None:
        self._folder, self._formats, self._picture = folder, formats, picture
        self._overwrite = overwrite
        self._parts = folder / _PARTS
        _begin(folder, settings, overwrite)
        if overwrite:
            shutil.rmtree(self._parts, ignore_errors=True)
        self._listed = {} if overwrite else self._in_instances()

    def has(self, image: ListedImage) -> bool:
        """Whether all that is wanted of an image is there."""
        if self._overwrite:
            return False
        if Format.coco in self._formats and image.file_name not in self._listed:
            return self._part(image).is_file() and self._has_own(image)
        return self._has_own(image)

    def write(self, image: ListedImage, pixels: NDArray[np.uint8], objects: Objects) -> list[Path]:
        """Write what is wanted of an image; the files that it is in.

        Raises
        ------
        FormatError
            If one can't be written.
        """
        from napari_cutout.formats.objects.annotated import AnnotatedImage
        from napari_cutout.formats.pictures import overlay, write_picture

        annotated = AnnotatedImage.of_found(objects, image.file_name)
        own = self._own(image)
        for path in own.values():
            _make_folder(path.parent)
        for kind, path in own.items():
            if kind is not None:
                _WRITERS[kind](path, objects, annotated)
        if self._picture:
            crops = [(one.decode(), one.origin) for one in objects]
            write_picture(own[None], overlay(pixels, crops))
        if Format.coco not in self._formats:
            return list(own.values())
        part = self._part(image)
        _make_folder(part.parent)
        _write_sa1b(part, objects, annotated)
        return [*own.values(), self._folder / INSTANCES]

    def finish(self) -> None:
        """Put the one file of all images together, where one is wanted.

        Raises
        ------
        FormatError
            If it can't be written.
        """
        from napari_cutout.formats.objects.coco_writing import write_coco

        if not self._parts.is_dir():
            return
        write_coco(self._folder / INSTANCES, self._instances())
        shutil.rmtree(self._parts)

    def _instances(self) -> Iterator[AnnotatedImage]:
        """All images that are to be in the one file: new ones, and those that it had."""
        from napari_cutout.formats.objects.coco import open_coco
        from napari_cutout.formats.objects.sa1b import read_sa1b

        parts = sorted(self._parts.rglob("*.json"))
        new = {path.relative_to(self._parts).as_posix().removesuffix(".json") for path in parts}
        before = open_coco(self._folder / INSTANCES) if self._listed else None
        for name, place in self._listed.items():
            if before is not None and name not in new:
                yield replace(before.read(place), id=None)
        for part in parts:
            yield read_sa1b(part)

    def _in_instances(self) -> dict[str, int]:
        """The images in the one file that is there, by name."""
        from napari_cutout.formats.objects.coco import open_coco

        path = self._folder / INSTANCES
        if Format.coco not in self._formats or not path.exists():
            return {}
        return {image.file_name: place for place, image in enumerate(open_coco(path).images)}

    def _has_own(self, image: ListedImage) -> bool:
        return all(path.exists() for path in self._own(image).values())

    def _own(self, image: ListedImage) -> dict[Format | None, Path]:
        """The files of an image alone; that of None is the picture."""
        endings: dict[Format | None, str] = {
            kind: ending for kind, ending in _ENDINGS.items() if kind in self._formats
        }
        if self._picture:
            endings[None] = _PICTURE
        return {kind: self._folder / f"{image.name}{ending}" for kind, ending in endings.items()}

    def _part(self, image: ListedImage) -> Path:
        return self._parts / f"{image.file_name}.json"


def _begin(folder: Path, settings: dict[str, Any], overwrite: bool) -> None:
    """Make the folder, with the settings in it; or make sure that they are the same."""
    path = folder / SETTINGS
    try:
        before = json.loads(path.read_text("utf-8")) if path.exists() else settings
    except (OSError, ValueError):
        before = {}
    if before != settings and not overwrite:
        changed = [name for name in settings if before.get(name) != settings[name]]
        raise InputError(
            f"{folder} has results of other settings ({', '.join(changed)}); give another --out, "
            "or --overwrite"
        )
    _make_folder(folder)
    with replacing(path) as partial:
        partial.write_text(json.dumps(settings), "utf-8")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"can't make {folder}: {error.strerror or error}") from error


def _write_labels(path: Path, objects: Objects, _annotated: AnnotatedImage) -> None:
    from napari_cutout.formats.writing import write_labels
    from napari_cutout.segment.automatic.results import label_image

    write_labels(path, label_image(objects))


def _write_sa1b(path: Path, _objects: Objects, annotated: AnnotatedImage) -> None:
    from napari_cutout.formats.objects.sa1b import write_sa1b

    write_sa1b(path, annotated)


def _write_geojson(path: Path, _objects: Objects, annotated: AnnotatedImage) -> None:
    from napari_cutout.formats.objects.geojson import write_geojson

    write_geojson(path, [annotated], object_type="detection")


def _write_rois(path: Path, _objects: Objects, annotated: AnnotatedImage) -> None:
    from napari_cutout.formats.objects.imagej_roi import write_rois

    write_rois(path, [annotated])


def _write_csv(path: Path, _objects: Objects, annotated: AnnotatedImage) -> None:
    from napari_cutout.formats.objects.objects_csv import write_objects_csv

    write_objects_csv(path, [annotated])


def _write_masks(path: Path, objects: Objects, _annotated: AnnotatedImage) -> None:
    from napari_cutout.formats.objects.mask_folder import write_mask_folder

    write_mask_folder(path, objects)


_WRITERS: dict[Format, Callable[[Path, Objects, AnnotatedImage], None]] = {
    Format.labels: _write_labels,
    Format.sa1b: _write_sa1b,
    Format.geojson: _write_geojson,
    Format.rois: _write_rois,
    Format.csv: _write_csv,
    Format.masks: _write_masks,
}
