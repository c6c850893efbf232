"""Labelled frames as other instruments might have given them: scale, intensities, noise, blur.

Every transformation is a value, and always gives the same frame for the same frame and seed. What
they cost a model is in changed_frames.py.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import ndimage
from skimage.transform import resize

from napari_cutout.evaluate.annotator import bounding_box
from napari_cutout.segment.intensity import to_pixels

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_cutout.formats.labelled import LabelledFrame

    Floats = NDArray[np.float64]

LARGEST_SIDE = 2048
"""Pixels of an enlarged frame's longer side at most."""


class Transformation(Protocol):
    """A change of a frame and, where pixels move, of its labels."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def apply(self, frame: LabelledFrame, seed: int) -> LabelledFrame | None:
        """The changed frame; None where the change means nothing for it."""


@dataclass(frozen=True)
class Untouched:
    """Nothing is changed: what the others are compared with."""

    name: str = "untouched"

    def apply(self, frame: LabelledFrame, seed: int) -> LabelledFrame:
        """The frame itself."""
        return frame


@dataclass(frozen=True)
class ObjectSize:
    """Enlarged or shrunk until the median object is so large.

    Parameters
    ----------
    diameter
        In pixels, of the disc of the same area.
    """

    diameter: float

    @property
    def name(self) -> str:
        """With the size."""
        return f"objects of {self.diameter:g} px"

    def apply(self, frame: LabelledFrame, seed: int) -> LabelledFrame | None:
        """None where the frame would have more than :data:`LARGEST_SIDE` pixels on a side."""
        areas = np.bincount(frame.labels.ravel())[1:]
        median = float(np.median(2 * np.sqrt(areas[areas > 0] / np.pi)))
        factor = self.diameter / median
        shape = tuple(max(round(side * factor), 1) for side in frame.labels.shape)
        if max(shape) > LARGEST_SIDE:
            return None
        return resized(frame, (shape[0], shape[1]))


@dataclass(frozen=True)
class FillsFrame:
    """Cropped around one object, chosen by the seed, so that it fills so much of the frame.

    Parameters
    ----------
    share
        Of the crop's side that the object's longer side takes.
    """

    share: float

    @property
    def name(self) -> str:
        """With the share."""
        return f"one object over {self.share:.0%} of the frame"

    def apply(self, frame: LabelledFrame, seed: int) -> LabelledFrame | None:
        """None where no object is small enough for such a crop to lie in the frame."""
        values = np.unique(frame.labels)
        for value in _rng(frame, self.name, seed).permutation(values[values > 0]):
            row0, col0, row1, col1 = bounding_box(frame.labels == value)
            side = round(max(row1 - row0 + 1, col1 - col0 + 1) / self.share)
            if side <= min(frame.labels.shape):
                place = tuple(
                    slice(start, start + side)
                    for start in (
                        _start((row0 + row1) / 2, side, frame.labels.shape[0]),
                        _start((col0 + col1) / 2, side, frame.labels.shape[1]),
                    )
                )
                labels = np.where(frame.labels[place] == value, value, 0).astype(np.int32)
                return replace(frame, frame=np.array(frame.frame[place]), labels=labels)
        return None


@dataclass(frozen=True)
class Intensities:
    """Other intensities, pixels where they were.

    Parameters
    ----------
    name
        What tables call it.
    change
        Given the frame between 0 and 1, ``(rows, cols)`` or ``(rows, cols, 3)``, and a random
        generator; gives one of the same shape, of any dtype.
    coloured
        Whether it means something for frames with colours alone.
    """

    name: str
    change: Callable[[Floats, np.random.Generator], NDArray[np.generic]]
    coloured: bool = False

    def apply(self, frame: LabelledFrame, seed: int) -> LabelledFrame | None:
        """None where it is for colours, and there are none."""
        if self.coloured and frame.frame.ndim == 2:
            return None
        rng = _rng(frame, self.name, seed)
        return replace(frame, frame=self.change(between_0_and_1(frame.frame), rng))


def between_0_and_1(frame: NDArray[np.generic]) -> Floats:
    """A frame's intensities as floats: those between its lowest and highest percentile."""
    pixels = to_pixels(frame)
    scaled = pixels / 255.0
    return scaled if np.ndim(frame) == 3 else scaled[..., 0]


def resized(frame: LabelledFrame, shape: tuple[int, int]) -> LabelledFrame:
    """A frame with more or fewer pixels: smoothly, and its labels to the nearest."""
    rows, cols = (
        np.clip(((np.arange(new) + 0.5) * old / new).astype(int), 0, old - 1)
        for new, old in zip(shape, frame.labels.shape, strict=True)
    )
    shrinks = shape[0] < frame.labels.shape[0]
    pixels: Floats = resize(  # type: ignore[no-untyped-call]
        np.asarray(frame.frame, np.float64),
        (*shape, *frame.frame.shape[2:]),
        order=1,
        anti_aliasing=shrinks,
        preserve_range=True,
    )
    return replace(
        frame, frame=_like(pixels, frame.frame.dtype), labels=frame.labels[np.ix_(rows, cols)]
    )


def inverted(levels: Floats, rng: np.random.Generator) -> Floats:
    """Dark where it was bright."""
    return 1 - levels


def gamma(power: float) -> Callable[[Floats, np.random.Generator], Floats]:
    """Raised to a power: below 1 the dark parts become brighter."""
    return lambda levels, rng: levels**power


def noise(deviation: float) -> Callable[[Floats, np.random.Generator], Floats]:
    """With Gaussian noise of a standard deviation, as a share of the range."""
    return lambda levels, rng: np.clip(levels + rng.normal(0, deviation, levels.shape), 0, 1)


def blur(sigma: float) -> Callable[[Floats, np.random.Generator], Floats]:
    """Blurred by a Gaussian of so many pixels."""

    def blurred(levels: Floats, rng: np.random.Generator) -> Floats:
        along = (sigma, sigma, 0)[: levels.ndim]
        return np.asarray(ndimage.gaussian_filter(levels, along))

    return blurred


def as_8_bit(levels: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The range in 256 steps."""
    return np.rint(levels * 255).astype(np.uint8)


def as_12_in_16_bit(levels: Floats, rng: np.random.Generator) -> NDArray[np.uint16]:
    """As a camera of 12 bits stores it: a dark level of 100, and up to 4,095 of 65,535."""
    return np.rint(100 + levels * (4095 - 100)).astype(np.uint16)


def reversed_colours(levels: Floats, rng: np.random.Generator) -> Floats:
    """Blue, green, red."""
    return levels[..., ::-1]


ALL: tuple[Transformation, ...] = (
    Untouched(),
    ObjectSize(8),
    ObjectSize(16),
    ObjectSize(32),
    ObjectSize(64),
    ObjectSize(128),
    FillsFrame(0.6),
    FillsFrame(0.9),
    Intensities("inverted", inverted),
    Intensities("gamma 0.5", gamma(0.5)),
    Intensities("gamma 2", gamma(2)),
    Intensities("noise 5 %", noise(0.05)),
    Intensities("noise 10 %", noise(0.1)),
    Intensities("noise 20 %", noise(0.2)),
    Intensities("blur 1 px", blur(1)),
    Intensities("blur 2 px", blur(2)),
    Intensities("blur 4 px", blur(4)),
    Intensities("8 bit", as_8_bit),
    Intensities("12 in 16 bit", as_12_in_16_bit),
    Intensities("colours reversed", reversed_colours, coloured=True),
)
"""What :func:`.changed_frames.robustness` tries, the untouched frames first."""


def _start(middle: float, side: int, length: int) -> int:
    """Where a window of so many pixels around a middle begins, inside the frame."""
    return int(np.clip(round(middle - (side - 1) / 2), 0, length - side))


def _like(pixels: Floats, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    """Rounded and kept in range, where the dtype is of integers."""
    if dtype.kind in "iu":
        ends = np.iinfo(dtype)  # type: ignore[type-var]
        return np.clip(np.rint(pixels), ends.min, ends.max).astype(dtype)
    if dtype.kind == "b":
        return pixels >= 0.5
    return pixels.astype(dtype)


def _rng(frame: LabelledFrame, name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([zlib.crc32(f"{frame.name} {name}".encode()), seed])
