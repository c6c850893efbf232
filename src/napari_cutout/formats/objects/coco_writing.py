"""Writing instances as COCO has them: one JSON file for the images of a folder.

Images come one after the other, so that memory is needed for one. Reading is in coco.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.json_files import dumps, named, write_text
from napari_cutout.formats.objects.records import scores_to_json
from napari_cutout.formats.objects.segmentations import (
    box_to_json,
    check_countable,
    polygons_to_json,
    segmentation_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject

_NO_CLASS = {"name": "object", "supercategory": "", "is_unnamed": True}


def write_coco(
    path: str | Path, images: Iterable[AnnotatedImage], *, polygons: bool = False
) -> None:
    """Write the objects of images.

    Each class becomes a category; objects without one get a category of theirs, "object". Ids of
    images and of annotations are kept where they are free, as COCO wants them to be unique.

    Parameters
    ----------
    path
        A ``.json``; replaced in one step when it is there.
    images
        With their objects, taken one after the other.
    polygons
        Whether masks are written as polygons along the edges of pixels, for programs that don't
        take run lengths. They give exactly the same pixels. Masks with holes, which COCO's
        polygons can't have, and crowds are run lengths all the same.

    Raises
    ------
    FormatError
        If it can't be written, or an image has more pixels than the format can count.
    """
    write_text(Path(path), _Writing(polygons).pieces(images))


class _Writing:
    """The text of a file, and which ids were given so far."""

    def __init__(self, polygons: bool) -> None:
        self._polygons = polygons
        self._images: dict[int, dict[str, Any]] = {}
        self._annotations: set[int] = set()
        self._categories: dict[str, int] = {}
        self._next = 1

    def pieces(self, images: Iterable[AnnotatedImage]) -> Iterator[str]:
        yield '{"info":{"description":"napari-cutout"},"annotations":['
        is_first = True
        for image in images:
            number = self._add(image)
            for one in image.objects:
                with named(f"object {one.id} of {image.file_name}"):
                    yield ("" if is_first else ",") + dumps(self._annotation(one, image, number))
                is_first = False
        classes = [
            {"id": number, **({"name": name, "supercategory": ""} if name else _NO_CLASS)}
            for name, number in self._categories.items()
        ]
        entries = list(self._images.values())
        yield f'],"images":{dumps(entries)},"categories":{dumps(classes)}}}\n'

    def _add(self, image: AnnotatedImage) -> int:
        check_countable(image.shape)
        number = image.id
        if number is None or number in self._images:
            number = max(self._images, default=0) + 1
        rows, cols = image.shape
        entry = {"id": number, "width": cols, "height": rows, "file_name": image.file_name}
        self._images[number] = entry | ({"frame": list(image.frame)} if image.frame else {})
        return number

    def _annotation(
        self, one: AnnotatedObject, image: AnnotatedImage, number: int
    ) -> dict[str, Any]:
        as_polygons = self._polygons and not one.is_crowd
        write = polygons_to_json if as_polygons else segmentation_to_json
        found = {
            "id": self._free(one.id),
            "image_id": number,
            "category_id": self._categories.setdefault(one.class_name, len(self._categories) + 1),
            "segmentation": write(one, image.shape),
            "area": one.area,
            "bbox": box_to_json(one),
            "iscrowd": int(one.is_crowd),
        }
        if found["id"] != one.id:
            found["object_id"] = one.id
        if one.score is not None:
            found["score"] = one.score
        return found | scores_to_json(one)

    def _free(self, number: int) -> int:
        if number < 1 or number in self._annotations:
            while self._next in self._annotations:
                self._next += 1
            number = self._next
        self._annotations.add(number)
        return number
