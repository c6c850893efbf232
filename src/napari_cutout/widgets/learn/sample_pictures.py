"""Small pictures of how objects are cut out: the model's mask and the person's. Arrays only.

The mask of the model is a solid line, that of the labels a dotted one, and the click a disc.
Showing them is in samples.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.layers.preview import COLOR
from napari_cutout.layers.prompts import BLUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.train.tuning import TuningSample

_MARGIN = 1.3
_DOT = 3
"""Pixels of the picture that a dot of the dotted line is long."""

_NOTHING = 96


def sample_picture(sample: TuningSample, side: int) -> NDArray[np.uint8]:
    """One object, as the labels have it and as the model cuts it out.

    Parameters
    ----------
    sample
        The two, and the pixels around them.
    side
        Rows and columns of the picture.

    Returns
    -------
    ndarray
        ``(side, side, 3)`` uint8 RGB.
    """
    rows, cols, inside = _places(sample, side)
    here = np.ix_(rows, cols)
    picture = np.array(sample.pixels[here])
    picture[~inside] = _NOTHING
    mask, truth = (part[here] & inside for part in (sample.mask, sample.truth))
    # A line of two colours is told from any image.
    picture[ndimage.binary_dilation(mask, iterations=2) & ~mask] = 0
    picture[_rim(mask, 2)] = _rgb(COLOR)
    dotted = (np.add.outer(np.arange(side), np.arange(side)) // _DOT) % 2 == 0
    rim = _rim(truth, 2)
    picture[rim & dotted], picture[rim & ~dotted] = 255, 0
    _disc(picture, (np.searchsorted(rows, sample.click[0]), np.searchsorted(cols, sample.click[1])))
    return picture


def _places(
    sample: TuningSample, side: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """The rows and columns of the pixels that are shown, and which places lie in the image."""
    shown = sample.truth | sample.mask
    found = [np.flatnonzero(shown.any(axis=axis)) for axis in (1, 0)]
    ends = [
        (min([at, *places[:1].tolist()]), max([at, *places[-1:].tolist()]))
        for places, at in zip(found, sample.click, strict=True)
    ]
    extent = max(max(high - low + 1 for low, high in ends) * _MARGIN, 8)
    steps = (np.arange(side) + 0.5) / side * extent - extent / 2
    wanted = [np.round((low + high) / 2 + steps).astype(np.intp) for low, high in ends]
    sizes = sample.truth.shape
    clipped = [np.clip(at, 0, size - 1) for at, size in zip(wanted, sizes, strict=True)]
    inside = np.logical_and.outer(*(at == to for at, to in zip(wanted, clipped, strict=True)))
    return clipped[0], clipped[1], inside


def _rim(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    inner = ndimage.binary_erosion(mask, iterations=width, border_value=1)
    return np.asarray(mask & ~inner, bool)


def _disc(picture: NDArray[np.uint8], place: tuple[np.intp, np.intp]) -> None:
    side = len(picture)
    radius = max(side / 24, 2.0)
    far = np.hypot(*np.ogrid[-place[0] : side - place[0], -place[1] : side - place[1]])
    picture[far <= radius + 1.5] = 255
    picture[far <= radius] = _rgb(BLUE)


def _rgb(color: str) -> list[int]:
    return list(bytes.fromhex(color.removeprefix("#")))
