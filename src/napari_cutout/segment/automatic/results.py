"""Objects as others want them: one image of labels, or Meta's list of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.segment.automatic.placing import placed
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.rle import many_runs

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from napari_cutout.segment.automatic.objects import FoundObject, Objects

OutputMode = Literal["binary_mask", "uncompressed_rle", "coco_rle"]
Order = Literal["large first", "best last"]


def label_image(
    objects: Objects, dtype: DTypeLike | None = None, order: Order = "large first"
) -> NDArray[Any]:
    """Objects as labels: object ``i`` gets ``i + 1``.

    Parameters
    ----------
    objects
        The objects.
    dtype
        Of the result. None: the smallest of uint8, uint16 and uint32 that holds all labels.
    order
        What is drawn over what. ``"large first"``: so that small objects on large ones show.
        ``"best last"``: objects with a higher score show.

    Returns
    -------
    ndarray
        ``(rows, cols)``. O(the frame, and the boxes of the objects).

    Raises
    ------
    OptionError
        If the dtype can't hold that many labels, or the order isn't one.
    """
    if order not in get_args(Order):
        raise OptionError(f"order is one of {get_args(Order)}, not {order!r}")
    wanted = np.min_scalar_type(len(objects)) if dtype is None else np.dtype(dtype)
    if wanted.kind not in "iu" or len(objects) > np.iinfo(wanted).max:
        raise OptionError(f"{wanted} does not hold {len(objects)} labels; choose a larger dtype")
    image = np.zeros(objects.shape, wanted)
    runs, counts = many_runs([one.mask for one in objects])
    ends = counts.cumsum()
    starts = ends - counts
    # Background and mask take turns down the columns.
    is_mask = (np.arange(len(runs)) - starts.repeat(counts)) % 2 == 1
    areas = np.bincount(np.arange(len(counts)).repeat(counts), runs * is_mask, len(counts))
    for index in _drawn(areas, order):
        part = slice(starts[index], ends[index])
        (row, col), (height, width) = objects[index].origin, objects[index].mask.size
        there = is_mask[part].repeat(runs[part]).reshape(width, height)
        image.T[col : col + width, row : row + height][there] = index + 1
    return image


def records(objects: Objects, output_mode: OutputMode = "binary_mask") -> list[dict[str, Any]]:
    """Objects as the records that SAM's automatic mask generator gives.

    Parameters
    ----------
    objects
        The objects.
    output_mode
        What ``segmentation`` is. ``"binary_mask"``: ``(rows, cols)`` bool, each of the frame's
        size. ``"uncompressed_rle"``: ``{"size": [rows, cols], "counts": [...]}``, the runs down
        the columns, background first. ``"coco_rle"``: the same with COCO's text for counts.

    Returns
    -------
    list of dict
        ``segmentation``; ``area`` in pixels; ``bbox`` (x, y, w, h); ``predicted_iou``;
        ``point_coords`` [[x, y]]; ``stability_score``; ``crop_box`` (x, y, w, h).

    Raises
    ------
    OptionError
        If the output mode isn't one.

    Notes
    -----
    As there: the width and height of ``bbox`` are differences of the outermost pixels, one less
    than the extent, and a mask without pixels has the box (0, 0, 0, 0). Points and boxes are (x, y)
    with the reference's zero at the outer corner of the first pixel.
    """
    if output_mode not in get_args(OutputMode):
        raise OptionError(f"output_mode is one of {get_args(OutputMode)}, not {output_mode!r}")
    return [_record(one, objects.shape, output_mode) for one in objects]


def full_mask(one: FoundObject, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The mask of an object in a frame: ``(rows, cols)`` bool."""
    mask = np.zeros(shape, bool)
    (row, col), (height, width) = one.origin, one.mask.size
    mask[row : row + height, col : col + width] = one.decode()
    return mask


def _drawn(areas: NDArray[Any], order: Order) -> NDArray[np.intp]:
    if order == "best last":
        return np.arange(len(areas))[::-1]
    # Of equal ones the earlier, which is the better, is drawn over the other.
    return np.argsort(areas, kind="stable")[::-1]


def _record(one: FoundObject, shape: tuple[int, int], output_mode: OutputMode) -> dict[str, Any]:
    row0, col0, row1, col1 = one.box if one.area else (0, 0, 0, 0)
    window = one.window
    return {
        "segmentation": _segmentation(one, shape, output_mode),
        "area": one.area,
        "bbox": [col0, row0, col1 - col0, row1 - row0],
        "predicted_iou": one.score,
        "point_coords": [] if one.point is None else [[one.point[1], one.point[0]]],
        "stability_score": one.stability,
        "crop_box": [window.col, window.row, window.cols, window.rows],
    }


def _segmentation(one: FoundObject, shape: tuple[int, int], output_mode: OutputMode) -> Any:
    if output_mode == "binary_mask":
        return full_mask(one, shape)
    if output_mode == "coco_rle":
        return placed(one.mask, one.origin, shape).to_json()
    runs = placed(one.mask, one.origin, shape).runs()
    return {"size": list(shape), "counts": runs.tolist()}
