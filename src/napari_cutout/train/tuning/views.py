"""Frames as a model is going to see them: as they are, and turned, scaled and in other lights.

Geometry can't be changed in an embedding, so there are several views of each frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.windows import around, sides, whole
from napari_cutout.train.augment import augment
from napari_cutout.train.crops import ZOOMS, Source, prepare, resample, turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.formats.labelled import LabelledFrame

_SCALES = (0.6, 1.15)
_IN_ANOTHER_LIGHT = 0.5
_CENTRE_WITHIN = 0.3
_LARGEST_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class View:
    """A piece of a frame, or all of it.

    Parameters
    ----------
    pixels
        ``(rows, cols, 3)`` uint8.
    labels
        ``(rows, cols)`` int32, 0 is background.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int32]


def views(
    frame: LabelledFrame, input_size: int, count: int, rng: np.random.Generator
) -> Iterator[View]:
    """Views of a frame that show objects; the first is what a segmenter looks at.

    Parameters
    ----------
    frame
        With its labels; of one without objects there is no view.
    input_size
        Of the model.
    count
        How many. The second and all after it are changed at random.
    rng
        Where chance comes from.
    """
    source = prepare(frame)
    if source is None:
        return
    base = _side(source, input_size)
    for number in range(count):
        view = _changed(source, base, input_size, rng) if number else _plain(source, base, rng)
        if view.labels.any():
            yield view


def _side(source: Source, input_size: int) -> int:
    """The side of the window that a segmenter takes for most objects: see choice.py."""
    shape = source.labels.shape
    extent = (source.boxes[:, 2:] - source.boxes[:, :2]).max(axis=1)
    for side in sides((shape[0], shape[1]), input_size):
        if np.median(extent) <= _LARGEST_SHARE * side:
            return side
    return int(max(shape))


def _plain(source: Source, side: int, rng: np.random.Generator) -> View:
    """The whole frame, or a window around an object where it is too large."""
    rows, cols = source.labels.shape
    window = whole((rows, cols))
    if side < max(rows, cols):
        window = around(_some_centre(source, rng) - 0.5, side, (rows, cols))
    return View(source.levels[0][window.slices], source.labels[window.slices])


def _changed(source: Source, base: int, input_size: int, rng: np.random.Generator) -> View:
    """A square around an object, turned, scaled, and half of the time in another light."""
    side = base * np.exp(rng.uniform(*np.log(_SCALES)))
    zoom = float(np.clip(input_size / side, *ZOOMS))
    centre = _some_centre(source, rng)
    centre += rng.uniform(-_CENTRE_WITHIN, _CENTRE_WITHIN, 2) * side
    shape = np.array(source.labels.shape)
    half = np.minimum(side / 2, shape / 2)
    centre = np.clip(centre, half, shape - half)
    crop = resample(source, turn(rng) / zoom, centre, input_size, zoom)
    pixels = crop.pixels
    if rng.random() < _IN_ANOTHER_LIGHT:
        pixels = np.where(crop.inside[..., None], augment(pixels, rng), 0.5)
    return View(np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8), crop.labels)


def _some_centre(source: Source, rng: np.random.Generator) -> NDArray[np.float64]:
    """The middle of an object, in continuous pixels."""
    box = source.boxes[rng.integers(len(source.boxes))].astype(np.float64)
    return np.asarray((box[:2] + box[2:]) / 2)
