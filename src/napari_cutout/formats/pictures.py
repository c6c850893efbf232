"""Pictures to look at: a frame with objects and prompts drawn on it, as large as the frame.

For people, not for measuring: label images are written by writing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.writing import check_folder, replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.segment.prompts import Prompts

    Crop = tuple[NDArray[np.bool_], tuple[int, int]]
    Picture = NDArray[np.uint8]

# Okabe and Ito's colours, which people who see colours differently tell apart.
POSITIVE, NEGATIVE = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)
OBJECTS = ((0xE6, 0x9F, 0x00), (0x56, 0xB4, 0xE9), (0x00, 0x9E, 0x73), (0xF0, 0xE4, 0x42))
_WHITE = (255, 255, 255)
_SHARE = 0.4
_SUFFIXES = {".png", ".jpg", ".jpeg"}


def overlay(
    pixels: Picture, objects: Sequence[Crop] = (), prompts: Sequence[Prompts] = ()
) -> Picture:
    """Draw objects and prompts on a frame.

    Parameters
    ----------
    pixels
        ``(rows, cols, 3)`` uint8.
    objects
        Masks in their bounding boxes and the (row, col) of their first pixels.
    prompts
        Positive points become blue discs, negative ones vermillion crosses, boxes white lines.

    Returns
    -------
    ndarray
        ``(rows, cols, 3)`` uint8, a new array.
    """
    picture = np.array(pixels)
    for number, (mask, origin) in enumerate(objects):
        _paint(picture, mask, origin, OBJECTS[number % len(OBJECTS)])
    radius = max(1, round(min(picture.shape[:2]) / 110))
    for prompt in prompts:
        if prompt.box is not None:
            _frame(picture, prompt.box)
        for point, positive in zip(prompt.points, prompt.positive, strict=True):
            _disc(picture, point, radius) if positive else _cross(picture, point, radius)
    return picture


def check_picture_path(path: Path) -> None:
    """Make sure that a picture could be written there.

    Raises
    ------
    FormatError
        If it is no picture's name, or the folder isn't there.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise FormatError(f"{path}: pictures are written as {', '.join(sorted(_SUFFIXES))}")
    check_folder(path)


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture, in one step.

    Parameters
    ----------
    path
        A ``.png`` or ``.jpg``.
    picture
        ``(rows, cols, 3)`` uint8.

    Raises
    ------
    FormatError
        If it can't be written.
    """
    check_picture_path(path)
    from skimage.io import imsave

    with replacing(path) as partial:
        imsave(partial, picture, check_contrast=False)


def _paint(
    picture: Picture, mask: NDArray[np.bool_], origin: tuple[int, int], colour: tuple[int, ...]
) -> None:
    from scipy.ndimage import binary_erosion

    if not mask.size:
        return
    piece = picture[origin[0] : origin[0] + mask.shape[0], origin[1] : origin[1] + mask.shape[1]]
    edge = mask & ~binary_erosion(mask)
    piece[mask] = ((1 - _SHARE) * piece[mask] + _SHARE * np.array(colour)).astype(np.uint8)
    piece[edge] = colour


def _disc(picture: Picture, point: NDArray[np.float64], radius: int) -> None:
    distance = np.hypot(*_from(picture, point))
    picture[distance <= radius + 1] = _WHITE
    picture[distance <= max(radius, 0.5)] = POSITIVE


def _cross(picture: Picture, point: NDArray[np.float64], radius: int) -> None:
    rows, cols = (np.abs(axis) for axis in _from(picture, point))
    reach = np.maximum(rows, cols)
    off = np.abs(rows - cols)
    picture[(reach <= radius + 2) & (off <= 2)] = _WHITE
    picture[(reach <= radius + 1) & (off <= 1)] = NEGATIVE


def _from(picture: Picture, point: NDArray[np.float64]) -> tuple[Any, Any]:
    rows, cols = np.ogrid[: picture.shape[0], : picture.shape[1]]
    return rows - np.rint(point[0]), cols - np.rint(point[1])


def _frame(picture: Picture, box: NDArray[np.float64]) -> None:
    limits = np.array(picture.shape[:2]) - 1
    top, left = np.clip(np.rint(box[:2]), 0, limits).astype(int)
    bottom, right = np.clip(np.rint(box[2:]), 0, limits).astype(int)
    picture[[top, bottom], left : right + 1] = _WHITE
    picture[top : bottom + 1, [left, right]] = _WHITE
