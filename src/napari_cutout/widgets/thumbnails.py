"""Small pictures of candidates: each mask over the piece of the image around it. Arrays only.

They are made in a thread, see :func:`thumbnails`; showing them is in candidates.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from napari_cutout.annotate import frame_slices
from napari_cutout.layers.image.coordinates import frame_shape
from napari_cutout.layers.preview import COLOR
from napari_cutout.segment.errors import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.segment import MaskOptions, Prediction

    Backdrop = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.uint8]]
    Crop = tuple[NDArray[np.bool_], tuple[int, int]]

LARGEST_WINDOW = 1 << 24
"""Pixels of a window whose candidates are drawn: bringing them to the frame's resolution costs."""

LARGEST_PIECE = 1 << 22
"""Pixels of the image that are read for the backdrop."""

_MARGIN = 1.3
_WIDEST = 6
"""Times its own size that a candidate's picture shows at most, for the sake of a larger one."""

_FILL = 0.45
_NOTHING = 96


def thumbnails(
    prediction: Prediction, options: MaskOptions, side: int, backdrop: Backdrop | None = None
) -> list[NDArray[np.uint8]]:
    """Pictures of all candidates, at the same place and scale unless one is very much larger.

    Parameters
    ----------
    prediction
        The candidates.
    options
        How they become masks.
    side
        Rows and columns of a picture.
    backdrop
        Gives the image's colours ``(h, w, 3)`` at rows and columns of the frame. Default: grey.

    Returns
    -------
    list of ndarray
        ``(side, side, 3)`` uint8 RGB each; none when they would take long.
    """
    if prediction.window.rows * prediction.window.cols > LARGEST_WINDOW:
        return []
    try:
        crops = [prediction.crop(k, options) for k in range(len(prediction.scores))]
    except TooLargeError:
        return []
    boxes = [
        np.array([*origin, *np.add(origin, mask.shape)]) for mask, origin in crops if mask.size
    ]
    if not boxes:
        return [np.full((side, side, 3), _NOTHING, np.uint8) for _ in crops]
    low = np.min([box[:2] for box in boxes], axis=0)
    high = np.max([box[2:] for box in boxes], axis=0)
    return [_draw(crop, _view(crop, low, high), side, backdrop) for crop in crops]


def backdrop_of(image: Image, index: FrameIndex, shape: tuple[int, int]) -> Backdrop | None:
    """The backdrop for candidates of a frame of an image; None where they are of another size.

    Reading is left to whoever calls it. O(pixels between the first and the last that are asked).
    """
    data = image.data[0] if image.multiscale else image.data
    rows, cols = frame_shape(image, index)
    if (rows, cols) != shape:
        return None
    low, high = image.contrast_limits
    is_rgb = bool(image.rgb)

    def read(at_rows: NDArray[np.intp], at_cols: NDArray[np.intp]) -> NDArray[np.uint8]:
        places = np.clip(at_rows, 0, rows - 1), np.clip(at_cols, 0, cols - 1)
        starts, ends = ([int(find(at)) for at in places] for find in (np.min, np.max))
        if (ends[0] + 1 - starts[0]) * (ends[1] + 1 - starts[1]) > LARGEST_PIECE:
            return np.full((len(at_rows), len(at_cols), 3), _NOTHING, np.uint8)
        piece = tuple(slice(start, end + 1) for start, end in zip(starts, ends, strict=True))
        slices = frame_slices(index, piece)
        pixels = np.asarray(data[(*slices, slice(None)) if is_rgb else slices])
        shown = pixels[np.ix_(places[0] - starts[0], places[1] - starts[1])]
        beyond = (at_rows != places[0])[:, None] | (at_cols != places[1])[None, :]
        colors = _colors(shown, is_rgb, low, high)
        colors[beyond] = _NOTHING
        return colors

    return read


def _colors(pixels: NDArray[Any], is_rgb: bool, low: float, high: float) -> NDArray[np.uint8]:
    if is_rgb:
        rgb = pixels[..., :3]
        return rgb.copy() if rgb.dtype == np.uint8 else _scaled(rgb, 0, _full(rgb.dtype))
    return np.repeat(_scaled(pixels, low, high)[..., None], 3, axis=2)


def _full(dtype: np.dtype[Any]) -> float:
    return float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0


def _scaled(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    shares = (np.nan_to_num(values.astype(np.float64)) - low) / max(high - low, 1e-300)
    return np.asarray(np.clip(shares, 0, 1) * 255, np.uint8)


def _view(crop: Crop, low: NDArray[Any], high: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
    """The middle and the side of the square that a picture shows."""
    mask, origin = crop
    whole = float(np.max(high - low)) * _MARGIN
    own = max(mask.shape, default=0) * _MARGIN
    if not own or whole <= _WIDEST * own:
        return (low + high - 1) / 2, whole
    return np.add(origin, np.subtract(mask.shape, 1) / 2), _WIDEST * own


def _draw(
    crop: Crop, view: tuple[NDArray[np.float64], float], side: int, backdrop: Backdrop | None
) -> NDArray[np.uint8]:
    (middle, extent), (mask, origin) = view, crop
    steps = (np.arange(side) + 0.5) / side * extent - extent / 2
    rows, cols = (np.round(at + steps).astype(np.intp) for at in middle)
    picture = np.full((side, side, 3), _NOTHING, np.uint8)
    if backdrop is not None:
        picture = backdrop(rows, cols)
    width = max(1, int(extent / side))
    shown = _any_along(mask, rows - origin[0], width, 0)
    shown = _any_along(shown, cols - origin[1], width, 1)
    color = np.array(list(bytes.fromhex(COLOR.removeprefix("#"))))
    picture[shown] = (1 - _FILL) * picture[shown] + _FILL * color
    # A line of two colours is told from any image.
    picture[ndimage.binary_dilation(shown, iterations=2) & ~shown] = 0
    picture[shown & ~ndimage.binary_erosion(shown, iterations=2, border_value=1)] = color
    return picture


def _any_along(
    mask: NDArray[np.bool_], places: NDArray[np.intp], width: int, axis: int
) -> NDArray[np.bool_]:
    """Whether any pixel from a place up to the next one belongs to a mask: thin parts stay."""
    length = mask.shape[axis]
    starts = np.append(places, places[-1] + width)
    counts = np.cumsum(mask, axis=axis, dtype=np.int32)
    counts = np.insert(counts, 0, 0, axis)
    low = np.clip(starts[:-1], 0, length)
    high = np.clip(np.maximum(starts[1:], starts[:-1] + 1), 0, length)
    return np.asarray(counts.take(high, axis) > counts.take(low, axis), bool)
