"""Annotations as in the data set SA-1B: a JSON file for each image, with the masks of everything.

``{"image": {...}, "annotations": [...]}``. A list of annotations without an image is read as well,
as ``amg.py`` of Segment Anything writes it. Classes have no place in these files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.formats.json_files import dumps, named, read_json, write_text
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.records import object_from_json, scores_to_json, window_to_json
from napari_cutout.formats.objects.segmentations import (
    box_to_json,
    check_countable,
    segmentation_to_json,
)
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_sa1b(path: str | Path, image: AnnotatedImage) -> None:
    """Write an image's objects.

    What nobody said of an object is null, for its point an empty list; its crop box is then the
    whole image.

    Parameters
    ----------
    path
        A ``.json``; replaced in one step when it is there.
    image
        With its objects. Classes and measurements aren't written.

    Raises
    ------
    FormatError
        If it can't be written, is one of a stack, or has more pixels than the format can count.
    """
    path = Path(path)
    if image.frame:
        raise FormatError(
            f"SA-1B holds one image a file, and this is frame {list(image.frame)} of a stack; "
            "write that frame by itself, or COCO"
        )
    check_countable(image.shape)
    write_text(path, _pieces(image))


def read_sa1b(path: str | Path) -> AnnotatedImage:
    """Read an image's objects.

    Raises
    ------
    FormatError
        If the file can't be read, isn't SA-1B, or an annotation is wrong; it is named.
    """
    path = Path(path)
    value = read_json(path)
    with named(path):
        return _of_list(value, path) if isinstance(value, list) else _of_object(value)


def is_sa1b(value: object) -> bool:
    """Whether a JSON value looks like one of these files."""
    if isinstance(value, list):
        return bool(value) and all(
            isinstance(one, dict) and "segmentation" in one and "image_id" not in one
            for one in value
        )
    return isinstance(value, dict) and {"image", "annotations"} <= value.keys()


def _pieces(image: AnnotatedImage) -> Iterator[str]:
    rows, cols = image.shape
    facts = {
        "image_id": 0 if image.id is None else image.id,
        "width": cols,
        "height": rows,
        "file_name": image.file_name,
    }
    yield f'{{"image":{dumps(facts)},"annotations":['
    for place, one in enumerate(image.objects):
        yield ("," if place else "") + dumps(_annotation(one, image.shape))
    yield "]}\n"


def _annotation(one: AnnotatedObject, shape: tuple[int, int]) -> dict[str, Any]:
    unknown = {
        "stability_score": None,
        "crop_box": window_to_json(Window(0, 0, *shape)),
        "point_coords": [],
    }
    return {
        "bbox": box_to_json(one),
        "area": one.area,
        "segmentation": segmentation_to_json(one, shape),
        "predicted_iou": one.score,
        **unknown,
        **scores_to_json(one),
        "id": one.id,
    }


def _of_object(value: object) -> AnnotatedImage:
    if not is_sa1b(value):
        raise FormatError('SA-1B is {"image": {...}, "annotations": [...]}, which this is not')
    fields = Fields(value, "the file")
    facts = Fields(fields.get("image"), "the image")
    shape = facts.whole("height", 0), facts.whole("width", 0)
    number = facts.whole("image_id") if "image_id" in facts else None
    name = facts.text("file_name") if "file_name" in facts else ""
    objects = _objects(fields.each("annotations", lambda one: one), shape)
    return AnnotatedImage(name, shape, objects, id=number)


def _of_list(value: list[Any], path: Path) -> AnnotatedImage:
    if not is_sa1b(value):
        raise FormatError("SA-1B is a list of annotations of one image, which this is not")
    first = Fields(value[0], "annotation 0").get("segmentation")
    if not isinstance(first, dict):
        raise FormatError("the size of the image isn't said: its masks aren't run-length encoded")
    shape = Fields(first, "a segmentation").pair("size")
    return AnnotatedImage(path.stem, shape, _objects(value, shape))


def _objects(annotations: Any, shape: tuple[int, int]) -> tuple[AnnotatedObject, ...]:
    objects = []
    for place, annotation in enumerate(annotations):
        with named(f"annotation {place}"):
            fields = Fields(annotation, "an annotation")
            number = fields.whole("id") if "id" in fields else place + 1
            objects.append(object_from_json(fields, shape, number))
    return tuple(objects)
