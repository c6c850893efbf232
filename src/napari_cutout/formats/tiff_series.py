"""What belongs together in a TIFF, and the colours that aren't read. No pixel is read here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tifffile import TiffFile

# By tifffile's names. Its codec of JPEG makes RGB of YCBCR.
_OTHER_COLOURS = {"SEPARATED": "CMYK", "CIELAB": "Lab", "ICCLAB": "Lab", "ITULAB": "Lab"}
_FRAME, _CHANNELS = ("y", "x"), ("c", "s")
_UNNAMED = "qi"
"""What tifffile calls axes of which the file says nothing."""
_WITHOUT_LOSS = {"NONE", "LZW", "DEFLATE", "ADOBE_DEFLATE", "PACKBITS", "ZSTD", "LZMA"}


def series_together(file: TiffFile, kinds: tuple[str, ...] = ("shaped",)) -> list[Any]:
    """The series of a file that are frames of one stack; of other files the first alone.

    A file that tifffile wrote frame by frame has a series for each of them.

    Parameters
    ----------
    file
        As tifffile opened it.
    kinds
        Of series, that are taken together where they are alike.
    """
    several = list(file.series)
    first = several[0]
    kind = first.kind, first.shape, first.axes, first.dtype
    alike = all((one.kind, one.shape, one.axes, one.dtype) == kind for one in several)
    plane = first.keyframe.shape
    leading = first.shape[: len(first.shape) - len(plane)]
    by_pages = first.shape[len(leading) :] == plane
    by_pages = by_pages and all(len(one.pages) == math.prod(leading) for one in several)
    return several if first.kind in kinds and alike and by_pages else several[:1]


def named_axes(axes: Sequence[str], shape: Sequence[int]) -> tuple[str | None, ...]:
    """The axes of a series in lower case, None for one of which the file says nothing.

    tifffile, like other programs, may write a few planes of uint8 as the colours of one picture
    where it isn't told otherwise. Where the file names them, as ``ZYX``, they are what it says;
    else they are what its tags say, colours: nothing tells such a stack from a picture.

    Of pixels that nobody names tifffile takes the axes of length 1 away before it looks for rows
    and columns: those of a stack 1 pixel wide are ``YXQ`` to it. They count before y and x here,
    so that these are the last two, as in any other stack.

    Parameters
    ----------
    axes
        As tifffile calls them, in one letter each.
    shape
        Their lengths.
    """
    lower = (axis.lower() for axis in axes)
    said = tuple(None if axis in _UNNAMED else axis for axis in lower)
    first = next((place for place, axis in enumerate(said) if axis in _FRAME), len(said))
    behind = list(zip(said, shape, strict=True))[first:]
    named = tuple(axis for axis, length in behind if axis is not None or length != 1)
    return (*said[:first], *(None,) * (len(behind) - len(named)), *named)


def has_channels_last(axes: Sequence[str], shape: Sequence[int]) -> bool | None:
    """Whether the last axis of a series holds channels; None where it is 1 long and unnamed.

    Parameters
    ----------
    axes, shape
        See :func:`named_axes`.
    """
    last = axes[-1].lower()
    return None if last in _UNNAMED and shape[-1] == 1 else last in _CHANNELS


def check_pages(file: TiffFile, name: str) -> None:
    """Refuse a file without a page, of which tifffile only says that an index is out of range.

    Raises
    ------
    FormatError
        If it has none.
    """
    if not len(file.pages):
        raise FormatError(
            f"{name}: not a readable image (it holds no page; it was cut short, or is something "
            "else)"
        )


def check_colours(page: Any, name: str) -> None:
    """Refuse colours that would be taken for others.

    Parameters
    ----------
    page
        Of tifffile.
    name
        Of its file, for messages.

    Raises
    ------
    FormatError
        If they are CMYK, Lab, or luminance with two chromas.
    """
    photometric = getattr(page.photometric, "name", "")
    found = _OTHER_COLOURS.get(photometric)
    if photometric == "YCBCR" and getattr(page.compression, "name", "") in _WITHOUT_LOSS:
        found = "YCbCr"
    if found is not None and page.samplesperpixel > 1:
        raise FormatError(f"{name}: not a readable image (its colours are {found}); save it as RGB")
