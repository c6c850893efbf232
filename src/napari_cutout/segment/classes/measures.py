"""Shapes and intensities of objects as a few numbers, none of which depends on where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.refining import Placed

SHAPES = 6
"""How many numbers :func:`shape_measures` gives."""

INTENSITIES = 9
"""How many numbers :func:`intensities` gives."""

_AROUND = 0.25
_LEAST_AROUND = 2


def shape_measures(mask: NDArray[np.bool_]) -> list[float]:
    """The size and shape of a mask ``(h, w)``.

    Returns
    -------
    list of float
        Logarithm of the area; logarithm of the ratio of the axes of the ellipse with the same
        second moments; share of its box, and of its convex hull; compactness, 1 for a disc and
        less for others; holes.
    """
    from skimage.measure import regionprops

    (found,) = regionprops(np.pad(mask, 1).astype(np.uint8))  # type: ignore[no-untyped-call]
    area = float(found.area)
    # A pixel has an extent of its own: a line isn't endlessly long for its width.
    major, minor = found.axis_major_length + 1, found.axis_minor_length + 1
    hull = _hull_area(mask)
    perimeter = max(float(found.perimeter), 1.0)
    return [
        float(np.log(area)),
        float(np.log(major / minor)),
        float(found.extent),
        area / hull,
        min(4 * np.pi * area / perimeter**2, 1.5),
        float(1 - found.euler_number),
    ]


def intensities(embedding: Embedding, placed: Placed) -> list[float]:
    """The intensities of an object as the model is given them, 0 to 1.

    Returns
    -------
    list of float
        The mean and the standard deviation of each of three channels, and how each mean differs
        from that of what lies around.
    """
    mask, (row, col) = placed
    margin = max(int(_AROUND * max(mask.shape)), _LEAST_AROUND)
    rows, cols = embedding.shape
    top, left = max(row - margin, 0), max(col - margin, 0)
    bottom = min(row + mask.shape[0] + margin, rows)
    right = min(col + mask.shape[1] + margin, cols)
    window = Window(top, left, bottom - top, right - left)
    inside = np.zeros((window.rows, window.cols), bool)
    here = inside[row - top :, col - left :][: mask.shape[0], : mask.shape[1]]
    here[:] = mask[: here.shape[0], : here.shape[1]]
    pixels = embedding.read(window).astype(np.float32) / 255
    if pixels.shape[:2] != inside.shape:
        # A large window of a frame that is read lazily has fewer pixels.
        inside = _nearest(inside, (pixels.shape[0], pixels.shape[1]))
    around = ndimage.binary_dilation(inside, iterations=margin) & ~inside
    of_object = pixels[inside] if inside.any() else pixels.reshape(-1, 3)
    outside = pixels[around] if around.any() else of_object
    mean = of_object.mean(axis=0)
    return [*mean, *of_object.std(axis=0), *(mean - outside.mean(axis=0))]


def _hull_area(mask: NDArray[np.bool_]) -> float:
    """Pixels of the convex hull: at least those of the mask, also of one that has no width."""
    from skimage.morphology import convex_hull_image

    if min(mask.shape) < 2:
        return float(mask.size)
    hull = convex_hull_image(mask)  # type: ignore[no-untyped-call]
    return float(max(np.count_nonzero(hull), np.count_nonzero(mask)))


def _nearest(mask: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    places = [
        np.minimum((np.arange(new) + 0.5) * old / new, old - 1).astype(int)
        for old, new in zip(mask.shape, shape, strict=True)
    ]
    return mask[np.ix_(*places)]
