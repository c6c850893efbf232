"""Reading instances as COCO has them: one JSON file for the images of a folder.

The file is held in memory; the masks of an image are made when they are asked for. Writing is in
coco_writing.py.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.formats.json_files import named, read_json
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.records import object_from_json


@dataclass(frozen=True)
class CocoImage:
    """What a file says of one of its images.

    Parameters
    ----------
    id, file_name, shape, frame
        See :class:`.AnnotatedImage`.
    """

    id: int
    file_name: str
    shape: tuple[int, int]
    frame: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class CocoFile:
    """A file of instances.

    Parameters
    ----------
    path
        Of the file.
    images
        In its order.
    categories
        The classes by their ids.
    annotations
        As they were written, with their place in the file, by the id of their image.
    """

    path: Path
    images: tuple[CocoImage, ...]
    categories: dict[int, str]
    annotations: dict[int, list[tuple[int, Any]]]

    def read(self, place: int) -> AnnotatedImage:
        """One of its images with its objects.

        Parameters
        ----------
        place
            Among the images.

        Raises
        ------
        FormatError
            If one of its annotations is wrong; it is named.
        """
        image = self.images[place]
        objects = []
        for at, annotation in self.annotations.get(image.id, ()):
            with named(self.path), named(_name(at, annotation)):
                objects.append(self._object(Fields(annotation, "an annotation"), at, image.shape))
        return AnnotatedImage(image.file_name, image.shape, tuple(objects), image.frame, image.id)

    def _object(self, fields: Fields, at: int, shape: tuple[int, int]) -> AnnotatedObject:
        class_name = ""
        if "category_id" in fields:
            category = fields.whole("category_id")
            if self.categories and category not in self.categories:
                raise FormatError(f"its category {category} isn't among those of the file")
            # A file that names no category at all still tells them apart.
            class_name = self.categories.get(category, str(category))
        key = "object_id" if "object_id" in fields else "id"
        number = fields.whole(key) if key in fields else at + 1
        return object_from_json(fields, shape, number, class_name)


def open_coco(path: str | Path) -> CocoFile:
    """Open a file of instances. Masks are made later, image by image.

    Raises
    ------
    FormatError
        If the file can't be read, isn't COCO's, or what it says of images and categories is wrong.
    """
    path = Path(path)
    value = read_json(path)
    with named(path):
        if not is_coco(value):
            raise FormatError(
                'COCO is {"images": [...], "annotations": [...], "categories": [...]}, which this '
                "is not"
            )
        fields = Fields(value, "the file")
        images = _unique(fields.each("images", _image))
        categories = dict(fields.each("categories", _category) if "categories" in fields else ())
        return CocoFile(path, images, categories, _by_image(value["annotations"], images))


def is_coco(value: object) -> bool:
    """Whether a JSON value looks like one of these files."""
    keys = ("images", "annotations")
    return isinstance(value, dict) and all(isinstance(value.get(key), list) for key in keys)


def _image(value: object) -> CocoImage:
    fields = Fields(value, "an image")
    number = fields.whole("id")
    with named(f"image {number}"):
        name = fields.text("file_name")
        frame = fields.wholes("frame", 0) if "frame" in fields else ()
        return CocoImage(number, name, (fields.whole("height", 0), fields.whole("width", 0)), frame)


def _category(value: object) -> tuple[int, str]:
    fields = Fields(value, "a category")
    is_unnamed = "is_unnamed" in fields and fields.flag("is_unnamed")
    return fields.whole("id"), "" if is_unnamed else fields.text("name")


def _unique(images: tuple[CocoImage, ...]) -> tuple[CocoImage, ...]:
    seen: set[int] = set()
    for image in images:
        if image.id in seen:
            raise FormatError(f"two images have the id {image.id}")
        seen.add(image.id)
    return images


def _by_image(
    annotations: list[Any], images: tuple[CocoImage, ...]
) -> dict[int, list[tuple[int, Any]]]:
    known = {image.id for image in images}
    found: dict[int, list[tuple[int, Any]]] = defaultdict(list)
    for at, annotation in enumerate(annotations):
        with named(_name(at, annotation)):
            number = Fields(annotation, "an annotation").whole("image_id")
            if number not in known:
                raise FormatError(f"its image {number} isn't among those of the file")
        found[number].append((at, annotation))
    return dict(found)


def _name(at: int, annotation: object) -> str:
    number = annotation.get("id") if isinstance(annotation, dict) else None
    return f"annotation {at}" if number is None else f"annotation {at} (id {number})"
