"""The pixels of pictures: png, jpg and bmp, as Pillow reads them, without what it would lose.

Pillow's modes have no colours of 16 bits, and show palettes as colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# Others, as CMYK and palettes, are colours in other words.
_MODES = {"L", "I", "I;16", "I;16B", "F", "RGB", "RGBA"}
_GREY = "L"
# PNG's colours and grey with transparency, of 16 bits: Pillow keeps the upper 8 of them.
_WIDE = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}
_WIDE_GREY = "LA;16B"


def read_picture(path: Path) -> NDArray[np.generic]:
    """The pixels of a picture as intensities or colours.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    ndarray
        ``(rows, cols)``, or ``(rows, cols, 3 or 4)`` of colours, in the depth of the file; the
        transparency of grey ones is left out.
    """
    from PIL import Image  # what scikit-image reads with, after trying it on twenty plugins

    with Image.open(path) as image:
        raw = _raw_mode(image)
        if raw in _WIDE:
            upper = np.asarray(image)
            with Image.open(path) as again:
                lower = _read_as(again, _WIDE[raw])
            return upper.astype(np.uint16) << 8 | lower
        if raw == _WIDE_GREY and image.mode == "RGBA":
            # Two bytes of grey and two of transparency are as long as four colours.
            parts = _read_as(image, "RGBA").astype(np.uint16)
            return parts[..., 0] << 8 | parts[..., 1]
        if image.mode == "1":
            # Its trues are 255, and numpy's are 1.
            return np.asarray(image.convert(_GREY)).astype(np.bool_)
        if image.mode == "LA":
            return np.asarray(image)[..., 0]
        return np.asarray(image if image.mode in _MODES else image.convert("RGB"))


def read_indices(path: Path) -> NDArray[np.generic]:
    """The pixels of a picture as numbers: of a palette of colours the places in it.

    A palette of greys is only a way to store them.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    ndarray
        As :func:`read_picture` gives it, but for palettes of colours ``(rows, cols)``.
    """
    from PIL import Image

    with Image.open(path) as image:
        if image.mode != "P":
            return read_picture(path)
        indices = np.asarray(image)
        colours = np.asarray(image.convert("RGB"))
    is_grey = bool((colours == colours[..., :1]).all())
    return colours[..., 0] if is_grey else indices


def _raw_mode(image: Any) -> str:
    """How the file's pixels are packed; empty for all but PNG."""
    if image.format != "PNG" or not image.tile:
        return ""
    packed = image.tile[0][3]
    return packed if isinstance(packed, str) else str(packed[0])


def _read_as(image: Any, raw: str) -> NDArray[np.uint8]:
    """The pixels unpacked in another way than that which belongs to the file."""
    image.tile = [(*tile[:3], raw) for tile in image.tile]
    return np.asarray(image, np.uint8)
