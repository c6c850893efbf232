"""What COCO and SA-1B say of an object besides its class, as JSON and back.

Theirs are (x, y) and boxes (x, y, w, h) in pixel corners; ours (row, col), pixel centres at
integers. Points are SAM's: x is the column, y the row, nothing added.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedObject
from napari_cutout.formats.objects.segmentations import segmentation_from_json
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from napari_cutout.formats.fields import Fields


def scores_to_json(one: AnnotatedObject) -> dict[str, Any]:
    """The stability, the point and the crop box of an object, those that are known."""
    found: dict[str, Any] = {}
    if one.stability is not None:
        found["stability_score"] = one.stability
    if one.point is not None:
        found["point_coords"] = [[one.point[1], one.point[0]]]
    if one.crop_box is not None:
        found["crop_box"] = window_to_json(one.crop_box)
    return found


def window_to_json(window: Window) -> list[int]:
    """``[x, y, w, h]``."""
    return [window.col, window.row, window.cols, window.rows]


def object_from_json(
    fields: Fields, shape: tuple[int, int], number: int, class_name: str = ""
) -> AnnotatedObject:
    """An object of an image.

    Parameters
    ----------
    fields
        Of its annotation. What its box and area say is left aside: the mask tells them.
    shape
        ``(rows, cols)`` of the image.
    number, class_name
        Its id and class.

    Raises
    ------
    FormatError
        If the annotation can't be read.
    """
    mask, origin = segmentation_from_json(fields.get("segmentation"), shape)
    return AnnotatedObject(
        number,
        mask,
        origin,
        class_name,
        score=_number(fields, "predicted_iou", "score"),
        stability=_number(fields, "stability_score"),
        point=_point(fields),
        crop_box=_window(fields),
        is_crowd=_is_crowd(fields),
    )


def _number(fields: Fields, *keys: str) -> float | None:
    return next((fields.number(key) for key in keys if key in fields), None)


def _point(fields: Fields) -> tuple[float, float] | None:
    if "point_coords" not in fields:
        return None
    rows = fields.rows("point_coords", 2)
    return (rows[0][1], rows[0][0]) if rows else None


def _window(fields: Fields) -> Window | None:
    if "crop_box" not in fields:
        return None
    numbers = fields.numbers("crop_box")
    if len(numbers) != 4 or min(numbers[2:]) < 0:
        raise FormatError(f"its crop_box is [x, y, w, h], not {list(numbers)}")
    x, y, width, height = numbers
    col, row = math.floor(x), math.floor(y)
    return Window(row, col, math.ceil(y + height) - row, math.ceil(x + width) - col)


def _is_crowd(fields: Fields) -> bool:
    if "iscrowd" not in fields:
        return False
    value = fields.get("iscrowd")
    if value not in (0, 1):
        raise FormatError(f"its iscrowd is 0 or 1, not {value!r}")
    return bool(value)
