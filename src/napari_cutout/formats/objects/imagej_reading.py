"""ROIs of ImageJ and Fiji as objects: of every pixel whose centre is inside.

Writing is in imagej_roi.py.
"""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from roifile import ROI_SUBTYPE, ROI_TYPE, ImagejRoi

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.json_files import named
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.filling import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Rings = list[NDArray[np.float64]]

_OUTLINED = {ROI_TYPE.POLYGON, ROI_TYPE.FREEHAND, ROI_TYPE.TRACED}
_LARGEST_ENTRY = 1 << 28
_ARC = 256
"""Corners that stand for an ellipse: half a pixel off at a diameter of 13,000."""


def read_rois(path: str | Path, shape: tuple[int, int] | None = None) -> list[AnnotatedImage]:
    """Read ROIs as objects.

    Parameters
    ----------
    path
        A ``.zip`` of ROIs, or a single ``.roi``.
    shape
        ``(rows, cols)`` of the image, which the file doesn't know. Left out, the smallest that
        holds all ROIs.

    Returns
    -------
    list of AnnotatedImage
        One for each frame that has ROIs, in order. The file name is empty.

    Raises
    ------
    FormatError
        If the file can't be read, or one of its ROIs is damaged, or has no pixels, as a line; it
        is named.
    """
    path = Path(path)
    parsed = []
    for name, data in _entries(path):
        with named(path), named(name):
            roi = _roi(data)
            parsed.append((roi, _rings(roi)))
    shape = shape or _smallest([ring for _, rings in parsed for ring in rings])
    frames: dict[tuple[int, ...], list[AnnotatedObject]] = {}
    for number, (roi, rings) in enumerate(parsed, 1):
        frames.setdefault(_frame(roi), []).append(_object(roi, rings, shape, number))
    return [AnnotatedImage("", shape, tuple(frames[frame]), frame) for frame in sorted(frames)]


def _entries(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if path.suffix.lower() == ".roi":
            yield path.name, path.read_bytes()
            return
        with zipfile.ZipFile(path) as file:
            entries = [one for one in file.infolist() if one.filename.lower().endswith(".roi")]
            for entry in entries:
                if entry.file_size > _LARGEST_ENTRY:
                    raise FormatError(f"{path}: {entry.filename} is too large for a ROI")
                yield entry.filename, file.read(entry)
    except OSError as error:
        raise FormatError(f"can't read {path}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise FormatError(f"{path} is no whole zip of ROIs: {error}") from error
    if not entries:
        raise FormatError(f"{path} holds no ROI: none of its entries ends in .roi")


def _roi(data: bytes) -> ImagejRoi:
    try:
        return ImagejRoi.frombytes(data)
    except (ValueError, TypeError, struct.error, UnicodeError) as error:
        raise FormatError(f"it is damaged, or no ROI of ImageJ ({error})") from error


def _rings(roi: ImagejRoi) -> Rings:
    """The outline; of a composite all of them."""
    if roi.subtype in (ROI_SUBTYPE.TEXT, ROI_SUBTYPE.IMAGE):
        raise FormatError(f"it is a ROI of {roi.subtype.name.lower()}, which has no outline")
    try:
        if roi.composite or (roi.roitype in _OUTLINED and roi.n_coordinates):
            return [np.asarray(ring, float) for ring in roi.coordinates(multi=True)]
    except (ValueError, RuntimeError, NotImplementedError, IndexError) as error:
        raise FormatError(f"its outline can't be read ({error})") from error
    if roi.roitype not in (ROI_TYPE.RECT, ROI_TYPE.OVAL) or roi.rounded_rect_arc_size:
        kind = "rounded rectangle" if roi.rounded_rect_arc_size else roi.roitype.name.lower()
        raise FormatError(f"it is a {kind}, which isn't read; make it an area in ImageJ")
    corner, size = (roi.left, roi.top), (roi.right - roi.left, roi.bottom - roi.top)
    low, extent = np.array(corner, float), np.array(size, float)
    if roi.subpixelrect:
        low, extent = np.array([roi.xd, roi.yd]), np.array([roi.widthd, roi.heightd])
    if roi.roitype == ROI_TYPE.RECT:
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    else:
        angle = np.linspace(0, 2 * np.pi, _ARC, endpoint=False)
        corners = np.stack([np.cos(angle), np.sin(angle)], axis=1) / 2 + 0.5
    return [corners * extent + low]


def _object(roi: ImagejRoi, rings: Rings, shape: tuple[int, int], number: int) -> AnnotatedObject:
    values = _properties(roi.props)
    mask, origin = fill([rings], shape)
    stated = values.get("id", "")
    return AnnotatedObject(
        int(stated) if stated.isdecimal() and len(stated) < 19 else number,
        mask,
        origin,
        _unescaped(values.get("class", "")),
        score=_number(values.get("score")),
        stability=_number(values.get("stability")),
    )


def _frame(roi: ImagejRoi) -> tuple[int, ...]:
    if roi.t_position or roi.z_position:
        return max(roi.t_position - 1, 0), max(roi.z_position - 1, 0)
    return (roi.position - 1,) if roi.position > 0 else ()


def _properties(text: str) -> dict[str, str]:
    lines = [line.partition(":") for line in text.split("\n") if ":" in line]
    return {key.strip(): value.strip() for key, _, value in lines}


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _smallest(rings: Rings) -> tuple[int, int]:
    x, y = np.ceil(np.max([ring.max(axis=0) for ring in rings if len(ring)], axis=0))
    return max(int(y), 0), max(int(x), 0)
