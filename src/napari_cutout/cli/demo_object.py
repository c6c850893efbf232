"""What the demo cuts out: the broadest object that the model itself sees, wherever it lies.

Nothing here is known beforehand: the click comes from the model's dense maps of the image that is
given. No napari and no window; that is demo_window.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.annotator import deepest_point
from napari_cutout.formats.pictures import overlay, write_picture
from napari_cutout.formats.writing import write_labels

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.segment import Embedding, Segmenter


_SMALLEST = 64
_SOLID = 0.94
"""Share of its convex hull that a single nucleus fills at least; two that touch rarely do."""


@dataclass(frozen=True)
class FirstCut:
    """What the demo did.

    Parameters
    ----------
    point
        (row, col) of its click.
    score
        The model's own estimate of its mask's IoU.
    area
        Pixels of the mask.
    """

    point: tuple[int, int]
    score: float
    area: int


def where_to_click(segmenter: Segmenter, embedding: Embedding) -> tuple[int, int]:
    """The deepest point inside all objects that the model sees.

    Parameters
    ----------
    segmenter
        With a dense head.
    embedding
        Of the frame.

    Returns
    -------
    tuple of int
        (row, col).
    """
    return deepest_point(_objects(segmenter.dense(embedding).foreground))


def cut_without_window(segmenter: Segmenter, image: NDArray[np.generic], picture: Path) -> FirstCut:
    """Click on the broadest object, and write a picture and a label image beside it.

    Parameters
    ----------
    segmenter
        With a dense head.
    image
        One frame.
    picture
        Where the picture goes; the labels go where :func:`labels_beside` says.
    """
    from napari_cutout.segment import Prompts

    embedding = segmenter.encode(image)
    point = where_to_click(segmenter, embedding)
    prompts = Prompts(points=[point])  # type: ignore[arg-type]
    prediction = segmenter.predict(embedding, prompts)
    mask, origin = prediction.crop()
    write_picture(picture, overlay(embedding.pixels, [(mask, origin)], [prompts]))
    write_labels(labels_beside(picture), prediction.masks[0].astype(np.uint8))
    return FirstCut(point, float(prediction.scores[0]), int(mask.sum()))


def labels_beside(picture: Path) -> Path:
    """Where the labels of a demo go whose picture goes there."""
    return picture.with_name(f"{picture.stem}-labels.tif")


def _objects(foreground: NDArray[np.float32]) -> NDArray[np.bool_]:
    """What the model takes for objects, whole and each by itself, while there are such.

    Where it sees none, everything: a click has to go somewhere.
    """
    from skimage.measure import label

    parts = np.asarray(label(foreground > 0.5, connectivity=1))  # type: ignore[no-untyped-call]
    border = np.concatenate([parts[[0, -1]].ravel(), parts[:, [0, -1]].ravel()])
    whole: NDArray[np.bool_] = (parts > 0) & ~np.isin(parts, border)
    for chosen in (whole & ~np.isin(parts, _clumps(parts)), whole, parts > 0):
        if chosen.any():
            return chosen
    return np.ones(parts.shape, bool)


def _clumps(parts: NDArray[np.integer[Any]]) -> list[int]:
    """The parts with a waist, which are likely to be several objects that touch."""
    from skimage.measure import regionprops

    large = [p for p in regionprops(parts) if p.area >= _SMALLEST]  # type: ignore[no-untyped-call]
    return [p.label for p in large if p.solidity < _SOLID]
