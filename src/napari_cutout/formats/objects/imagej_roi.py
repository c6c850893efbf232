"""Outlines as ROIs of ImageJ and Fiji: a zip with an entry for each object, as its ROI Manager has.

A piece without holes is a polygon; several pieces, holes, and what lies beyond the numbers of a
polygon are a composite. Both run along the edges of pixels. Reading is in imagej_reading.py.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from roifile import ROI_TYPE, ImagejRoi

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.outlines import outlines
from napari_cutout.formats.writing import check_folder, replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
    from napari_cutout.formats.objects.outlines import Ring

# ImageJ reads corners of polygons as 16-bit numbers, and those of composites as 32-bit floats.
_LARGEST_CORNER = 2**15 - 1
_LARGEST_EXACT = 2**24
_MOST_AXES = 2
_MOVE, _LINE, _CLOSE = 0, 1, 4


def write_rois(path: str | Path, images: Iterable[AnnotatedImage]) -> None:
    """Write the outlines of objects.

    Parameters
    ----------
    path
        A ``.zip``; replaced in one step when it is there.
    images
        An image, or the frames of a stack with one or two leading axes: slices, or time and z.
        Objects without a pixel have no outline and are left out.

    Raises
    ------
    FormatError
        If it can't be written, a frame has more leading axes, or an object lies so far out that
        ImageJ couldn't read its corners exactly.
    """
    path = Path(path)
    check_folder(path)
    with (
        replacing(path) as partial,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        names: set[str] = set()
        for image in images:
            for one in image.objects:
                if one.area:
                    roi = _roi(one, image)
                    entry = _free(roi.name, names)
                    file.writestr(f"{entry}.roi", roi.tobytes())


def _roi(one: AnnotatedObject, image: AnnotatedImage) -> ImagejRoi:
    polygons = outlines(one.mask.decode(), one.origin)
    rings = [ring for polygon in polygons for ring in polygon.rings]
    farthest = max(int(ring.max()) for ring in rings)
    if farthest > _LARGEST_EXACT:
        raise FormatError(
            f"object {one.id} of {image.file_name} has a corner at {farthest}, and ImageJ's ROIs "
            f"are exact up to {_LARGEST_EXACT}; GeoJSON and OME-Zarr hold it"
        )
    is_polygon = len(rings) == 1 and farthest <= _LARGEST_CORNER
    roi = _polygon(rings[0]) if is_polygon else _composite(rings)
    roi.name = "-".join(f"{number:04d}" for number in [*image.frame, one.id])
    roi.props = _properties(one)
    _place(roi, image)
    return roi


def _polygon(ring: Ring) -> ImagejRoi:
    roi = ImagejRoi.frompoints(ring)
    roi.roitype = ROI_TYPE.POLYGON
    _bound(roi, [ring])
    return roi


def _composite(rings: Sequence[Ring]) -> ImagejRoi:
    path: list[float] = []
    for ring in rings:
        for place, point in enumerate(ring.tolist()):
            path += [_LINE if place else _MOVE, *point]
        path.append(_CLOSE)
    roi = ImagejRoi(roitype=ROI_TYPE.RECT)
    roi.multi_coordinates = np.array(path, np.float32)
    roi.shape_roi_size = len(path)
    _bound(roi, rings)
    return roi


def _bound(roi: ImagejRoi, rings: Sequence[Ring]) -> None:
    corners = np.concatenate(rings)
    # ImageJ takes the bounds of a composite from its path; they have no room for large numbers.
    low, high = np.minimum([corners.min(axis=0), corners.max(axis=0)], _LARGEST_CORNER).tolist()
    (roi.left, roi.top), (roi.right, roi.bottom) = low, high


def _place(roi: ImagejRoi, image: AnnotatedImage) -> None:
    frame = image.frame
    if len(frame) > _MOST_AXES:
        raise FormatError(
            f"ImageJ's ROIs know slices, or time and z, not the frame {list(frame)} of "
            f"{image.file_name}; write fewer frames"
        )
    if len(frame) == 1:
        roi.position = frame[0] + 1
    elif frame:
        roi.t_position, roi.z_position = (place + 1 for place in frame)


def _properties(one: AnnotatedObject) -> str:
    """What is known, as the properties of a ROI: a line each, in the escapes of Java's files."""
    values = {"id": one.id, "score": one.score, "stability": one.stability}
    lines = [f"{name}: {value!r}\n" for name, value in values.items() if value is not None]
    if one.class_name:
        text = json.dumps(one.class_name)[1:-1]
        blanks = len(text) - len(text.lstrip(" "))
        lines.append("class: " + "\\u0020" * blanks + text[blanks:] + "\n")
    return "".join(lines)


def _free(name: str, names: set[str]) -> str:
    """A name that no other entry of the zip has."""
    free, number = name, 1
    while free in names:
        number += 1
        free = f"{name}-{number}"
    names.add(free)
    return free
