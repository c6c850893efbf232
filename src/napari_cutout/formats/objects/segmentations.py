"""The field ``segmentation`` of COCO and SA-1B: masks in the words of these files, and back.

All three ways in which COCO writes a mask are read as pycocotools reads them: compressed runs,
lists of runs, and lists of polygons, whose parts add up and can't have holes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycocotools import mask as coco

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.formats.objects.frame_masks import EMPTY, cropped, of_runs
from napari_cutout.formats.objects.outlines import outlines
from napari_cutout.segment.automatic.placing import placed
from napari_cutout.segment.errors import MaskError
from napari_cutout.segment.rle import LARGEST, Rle

if TYPE_CHECKING:
    from napari_cutout.formats.objects.annotated import AnnotatedObject
    from napari_cutout.formats.objects.frame_masks import BoxedMask

    Shape = tuple[int, int]

_FEWEST_NUMBERS = 6


def segmentation_to_json(one: AnnotatedObject, shape: Shape) -> dict[str, Any]:
    """The mask of an object as compressed runs of the whole image.

    O(runs, and the columns of the box).

    Raises
    ------
    FormatError
        If the image has more pixels than runs can count.
    """
    check_countable(shape)
    return placed(one.mask, one.origin if one.area else (0, 0), shape).to_json()


def polygons_to_json(one: AnnotatedObject, shape: Shape) -> Any:
    """The mask as polygons, which give exactly its pixels; as runs where it has holes or none."""
    polygons = outlines(one.mask.decode(), one.origin)
    if not polygons or any(polygon.holes for polygon in polygons):
        return segmentation_to_json(one, shape)
    return [polygon.outer.ravel().tolist() for polygon in polygons]


def box_to_json(one: AnnotatedObject) -> list[int]:
    """``[x, y, w, h]`` in pixel corners: a pixel by itself is 1 wide."""
    (row, col), (height, width) = one.origin, one.mask.size
    return [col, row, width, height]


def segmentation_from_json(value: object, shape: Shape) -> BoxedMask:
    """A mask in the smallest box that holds its pixels, and where that is.

    Parameters
    ----------
    value
        ``{"size": [h, w], "counts": "..." or [...]}``, or a list of polygons
        ``[x0, y0, x1, y1, ...]``.
    shape
        ``(rows, cols)`` of the image.

    Raises
    ------
    FormatError
        If it isn't one of these, or one of another image's size.
    """
    check_countable(shape)
    if isinstance(value, list):
        return _of_polygons(value, shape)
    fields = Fields(value, "a segmentation")
    if fields.pair("size") != shape:
        size = "{} rows and {} columns".format(*fields.pair("size"))
        raise FormatError(
            f"its segmentation has {size}, the image {shape[0]} rows and {shape[1]} columns"
        )
    try:
        if not isinstance(fields.get("counts"), list):
            return cropped(Rle.from_json(value))
        return cropped(of_runs(shape, fields.wholes("counts", 0)))
    except MaskError as error:
        raise FormatError(str(error)) from error


def check_countable(shape: Shape) -> None:
    """Refuse an image with more pixels than COCO's runs can count.

    Raises
    ------
    FormatError
        If it is.
    """
    if shape[0] * shape[1] > LARGEST:
        raise FormatError(
            f"masks of COCO and SA-1B count up to {LARGEST} pixels, and an image of {shape[0]} "
            f"rows and {shape[1]} columns has more; GeoJSON and OME-Zarr hold it"
        )


def _of_polygons(value: list[Any], shape: Shape) -> BoxedMask:
    # Tools that cut an object off at the edge of an image leave empty parts.
    value = [polygon for polygon in value if polygon != []]
    if not value:
        return EMPTY, (0, 0)
    # pycocotools walks along each edge, however long.
    reach = 2 * max(shape)
    parts = []
    for polygon in value:
        numbers = Fields({"polygon": polygon}, "a segmentation").numbers("polygon")
        if len(numbers) < _FEWEST_NUMBERS or len(numbers) % 2:
            raise FormatError(
                f"a polygon is [x0, y0, x1, y1, x2, y2, ...], not a list of {len(numbers)} numbers"
            )
        if max(map(abs, numbers)) > reach:
            raise FormatError(
                f"a polygon goes to {max(numbers, key=abs):g}, far outside of the image's "
                f"{shape[0]} rows and {shape[1]} columns"
            )
        parts.append(list(numbers))
    merged = coco.merge(coco.frPyObjects(parts, *shape))
    return cropped(Rle(shape, merged["counts"].decode("ascii")))
