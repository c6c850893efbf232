"""What a TIFF says of its planes: axes, lengths, sizes of pixels, and whether it was cut short.

Reading the planes is in tiff.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

from napari_cutout.formats.tiff_series import (
    check_colours,
    check_pages,
    named_axes,
    series_together,
)
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.units import unit_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tifffile import TiffFile

Scales = dict[str, tuple[float, str | None]]

_STACKED = ("shaped", "ome")
_POSITIONS = "p"
"""The axis along the images of an OME-TIFF, which are mostly places on the stage."""


@dataclass(frozen=True)
class TiffFacts:
    """What is in a TIFF.

    Parameters
    ----------
    axes, shape
        Of all of it; None for an axis that nobody names.
    plane
        How many of the last axes a page has.
    dtype
        As it is stored.
    offset
        Where the pixels begin, if they lie there one after another.
    pages
        Which pages of the file the planes are, or None: those of its first series.
    cut
        Why planes are missing; empty where none are.
    scales
        Size of a pixel and its unit, by axis.
    series
        How many series of the file the planes are in, of each as many.
    """

    axes: tuple[str | None, ...]
    shape: tuple[int, ...]
    plane: int
    dtype: np.dtype[Any]
    offset: int | None
    pages: int | None = None
    cut: str = ""
    scales: Mapping[str, tuple[float, str | None]] = field(default_factory=dict)
    series: int = 1


def facts_of(file: TiffFile, name: str) -> TiffFacts:
    """What is in an open TIFF.

    Parameters
    ----------
    file
        As tifffile opened it.
    name
        Its path, for messages.

    Raises
    ------
    StackError
        If its planes aren't stored one by one.
    FormatError
        If there are none, or their colours aren't read.
    """
    check_pages(file, name)
    scales = _scales(file)
    if _is_cut(file):
        # Not its series: tifffile may find none.
        return _of_cut(file, scales, f"{name} is cut short")
    together = series_together(file, _STACKED)
    series = together[0]
    keyframe = series.keyframe
    check_colours(keyframe, name)
    dtype = _dtype(file, keyframe)
    if series.kind in ("generic", "uniform") and len(file.series) > 1:
        return _of_pages(file, scales, len(file.pages))
    shape = tuple(int(length) for length in series.shape)
    said, plane = named_axes(series.axes, shape), _plane(keyframe.shape, shape)
    if series.dataoffset is None and not plane:
        raise StackError(
            f"{name} has shape {shape}, but pages of {keyframe.shape}; save it anew, for "
            "example as OME-TIFF"
        )
    offset = series.dataoffset
    if len(together) > 1:
        along = _POSITIONS if series.kind == "ome" else None
        said, shape, offset = (along, *said), (len(together), *shape), None
    return TiffFacts(said, shape, plane, dtype, offset, scales=scales, series=len(together))


def _plane(page: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """How many of the last axes a page has, which may lack some that are 1 long; 0: none."""
    wanted = [length for length in page if length != 1]
    for count in range(len(page), len(shape) + 1):
        if [length for length in shape[len(shape) - count :] if length != 1] == wanted:
            return count
    return 0


def _dtype(file: TiffFile, page: Any) -> np.dtype[Any]:
    """As the pixels are stored."""
    dtype: np.dtype[Any] = np.dtype(file.byteorder + page.dtype.char)
    return dtype


def _is_cut(file: TiffFile) -> bool:
    """Whether the file says that there is a page after the last one that it has."""
    pages = file.pages
    len(pages)  # goes through all of them
    handle, place = file.filehandle, pages.next_page_offset
    if not place:
        return False
    handle.seek(place)
    number = handle.read(file.tiff.offsetsize)
    return any(number) or len(number) < file.tiff.offsetsize


def _of_cut(file: TiffFile, scales: Scales, cut: str) -> TiffFacts:
    """Of a file that ends before its pages do; what its first page says may be left."""
    first = file.pages.first
    looped, is_raw = _said_by_first_page(file), False
    if looped is not None:
        is_raw = first.compression == 1 and first.is_contiguous is not False
        if math.prod(looped.values()) <= len(file.pages):
            looped = None
    if looped is None:
        return _of_pages(file, scales, len(file.pages) + 1, cut)
    axes, shape = (*looped, *first.axes.lower()), (*looped.values(), *first.shape)
    offset = int(first.dataoffsets[0]) if is_raw else None
    return TiffFacts(
        named_axes(axes, shape),
        shape,
        len(first.shape),
        _dtype(file, first),
        offset,
        len(file.pages),
        cut,
        scales,
    )


def _of_pages(file: TiffFile, scales: Scales, count: int, cut: str = "") -> TiffFacts:
    """Of pages of any sizes, one frame each."""
    first = file.pages.first
    axes, shape = (None, *named_axes(first.axes, first.shape)), (count, *first.shape)
    return TiffFacts(
        axes, shape, len(first.shape), _dtype(file, first), None, len(file.pages), cut, scales
    )


def _said_by_first_page(file: TiffFile) -> dict[str, int] | None:
    """Axes of pages and their lengths, from what ImageJ and tifffile write into the first page."""
    plane = file.pages.first.shape
    if file.is_imagej and (stated := file.imagej_metadata):
        counts = {"t": "frames", "z": "slices", "c": "channels"}
        looped = {axis: int(stated.get(name, 1)) for axis, name in counts.items()}
        looped = {axis: length for axis, length in looped.items() if length > 1}
        return looped or {"q": int(stated.get("images", 1))}
    if file.is_shaped and (shaped := file.shaped_metadata):
        shape = shaped[0].get("shape", ())
        axes = str(shaped[0].get("axes", "q" * len(shape))).lower()
        leading = len(shape) - len(plane)
        if leading > 0 and len(set(axes[:leading])) == leading:
            return dict(zip(axes[:leading], shape[:leading], strict=True))
    return None


def _scales(file: TiffFile) -> Scales:
    if file.is_ome:
        return _of_ome(file.ome_metadata or "")
    return _of_imagej(file) if file.is_imagej else {}


def _of_ome(text: str) -> Scales:
    """From the sizes that OME's Pixels element has."""
    try:
        elements = ElementTree.fromstring(text).iter()
    except ElementTree.ParseError:
        return {}
    pixels = next((one.attrib for one in elements if one.tag.endswith("}Pixels")), {})
    names = {axis: f"PhysicalSize{axis.upper()}" for axis in "xyz"} | {"t": "TimeIncrement"}
    found: Scales = {}
    for axis, name in names.items():
        size = _positive(pixels.get(name))
        if size is not None:
            unit = pixels.get(f"{name}Unit", "s" if axis == "t" else "µm")
            found[axis] = size, unit_name(unit)
    return found


def _of_imagej(file: TiffFile) -> Scales:
    """From ImageJ's description, and the resolution, which is in pixels a unit."""
    stated = file.imagej_metadata or {}
    unit = unit_name(str(stated.get("unit", "")))
    found: Scales = {}
    for axis, name in (("x", "XResolution"), ("y", "YResolution")):
        tag = file.pages.first.tags.get(name)
        count, over = tag.value if tag is not None else (0, 1)
        if count and over and unit is not None:
            found[axis] = over / count, unit
    if (spacing := _positive(stated.get("spacing"))) is not None and unit is not None:
        found["z"] = spacing, unit
    if (interval := _positive(stated.get("finterval"))) is not None:
        found["t"] = interval, unit_name(str(stated.get("tunit", "s"))) or "second"
    return found


def _positive(value: object) -> float | None:
    try:
        size = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return size if math.isfinite(size) and size > 0 else None
