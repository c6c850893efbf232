"""How well outlines agree: boundary precision and recall within a tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import Objects

    Mask = NDArray[np.bool_]

TOLERANCE = 2.0
"""Pixels that an outline may be off."""


def boundary_f(labels: NDArray[np.integer], found: Objects, tolerance: float = TOLERANCE) -> float:
    """The harmonic mean of boundary precision and recall; 1 if there are no outlines at all.

    Precision is the share of the found outlines' pixels that lie within ``tolerance`` of a
    labelled one, recall the other way round (Martin et al., 2004, without one-to-one pairing).

    Parameters
    ----------
    labels
        ``(rows, cols)``, 0 is background.
    found
        In the same frame.
    tolerance
        In pixels, from centre to centre.
    """
    there, answer = label_outlines(labels), object_outlines(found)
    if not there.any() and not answer.any():
        return 1.0
    precision, recall = _near(answer, there, tolerance), _near(there, answer, tolerance)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def label_outlines(labels: NDArray[np.integer]) -> Mask:
    """Pixels of objects that share a side with another label. The frame's sides aren't outlines."""
    outline = np.zeros(labels.shape, bool)
    down = labels[1:] != labels[:-1]
    across = labels[:, 1:] != labels[:, :-1]
    outline[1:] |= down
    outline[:-1] |= down
    outline[:, 1:] |= across
    outline[:, :-1] |= across
    outline &= labels != 0
    return outline


def object_outlines(found: Objects) -> Mask:
    """The same for objects, which may overlap."""
    outlines = np.zeros(found.shape, bool)
    for one in found:
        row0, col0, row1, col1 = one.box
        # A pixel more on each side, as far as the frame goes.
        top, left = max(row0 - 1, 0), max(col0 - 1, 0)
        bottom, right = min(row1 + 2, found.shape[0]), min(col1 + 2, found.shape[1])
        canvas = np.zeros((bottom - top, right - left), np.uint8)
        canvas[row0 - top : row1 + 1 - top, col0 - left : col1 + 1 - left] = one.decode()
        outlines[top:bottom, left:right] |= label_outlines(canvas)
    return outlines


def _near(some: Mask, others: Mask, tolerance: float) -> float:
    """The share of pixels of some outlines that lie near others; 0 where there are none."""
    if not some.any() or not others.any():
        return 0.0
    distance = np.asarray(ndimage.distance_transform_edt(~others))
    return float(np.mean(distance[some] <= tolerance))
