"""The page: plots side by side, which colour is which model, and each model's worst cases below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.evaluate.picture.marks import dot, image, words
from napari_cutout.evaluate.picture.panels import legend, plots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.evaluate.comparison import Comparison
    from napari_cutout.evaluate.worst import WorstCase

WIDTH, HEIGHT = 380, 320
SIDE, GAP = 130, 12
TRUTH, ANSWER = (0x00, 0x9E, 0x73), (0xD5, 0x5E, 0x00)
DOT = 4
"""Pixels that a dot of the label's outline is long."""

_HEAD, _ROW = 34, SIDE + 62


def picture(found: Comparison) -> str:
    """The picture of a comparison.

    Returns
    -------
    str
        An SVG document of its own: small images are in it.
    """
    drawn = plots(found)
    rows = [one for one in found.prompted if one.worst]
    most = max((len(one.worst) for one in rows), default=0)
    width = max(len(drawn) * WIDTH, most * (SIDE + GAP) + 2 * GAP, WIDTH)
    below = _HEAD + (HEIGHT if drawn else 0)
    height = below + len(rows) * _ROW + (GAP if rows else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *_legend(found),
        *(plot.svg(n * WIDTH, _HEAD, WIDTH, HEIGHT) for n, plot in enumerate(drawn)),
    ]
    for number, one in enumerate(rows):
        parts += _worst_row(one.model, one.worst, below + number * _ROW)
    return "\n".join([*parts, "</svg>"]) + "\n"


def outlined(case: WorstCase, side: int = 2 * SIDE) -> NDArray[np.uint8]:
    """A case with its outlines, magnified by whole numbers, square, on a white ground.

    The label's outline is green and dotted, the answer's vermillion; where both run, the answer's
    is seen.
    """
    factor = max(side // max(case.truth.shape), 1)
    pixels = _magnified(case.pixels, factor)
    for mask, shown in ((case.truth, TRUTH), (case.mask, ANSWER)):
        large = _magnified(mask, factor)
        outline = large & ~ndimage.binary_erosion(large, iterations=2)
        if shown == TRUTH:
            rows, cols = np.indices(outline.shape, sparse=True)
            outline &= (rows // DOT + cols // DOT) % 2 == 0
        pixels[outline] = shown
    longer = max(pixels.shape[:2])
    square = np.full((longer, longer, 3), 255, np.uint8)
    row, col = ((longer - length) // 2 for length in pixels.shape[:2])
    square[row : row + pixels.shape[0], col : col + pixels.shape[1]] = pixels
    return square


def _legend(found: Comparison) -> list[str]:
    parts, x = [], 58.0
    for model, ink in legend(found):
        parts += [dot((x, 20), ink, 5), words((x + 10, 24), model)]
        x += 34 + 7 * len(model)
    return parts


def _worst_row(model: str, cases: tuple[WorstCase, ...], top: float) -> list[str]:
    title = f"{model}, worst after one click: label dotted, answer solid"
    parts = [words((GAP, top + 16), title, size=13)]
    for number, case in enumerate(cases):
        x, y = GAP + number * (SIDE + GAP), top + 24
        where = f"{case.image}, object {case.label}"
        parts.append(image((x, y), SIDE, outlined(case), where))
        said = f"IoU {case.iou:.2f}, predicted {case.score:.2f}"
        parts.append(words((x, y + SIDE + 13), said, size=10))
        parts.append(words((x, y + SIDE + 26), _short(case.image), size=9, fill="#666666"))
    return parts


def _magnified(array: NDArray[np.generic], factor: int) -> NDArray[np.generic]:
    return np.array(array.repeat(factor, axis=0).repeat(factor, axis=1))


def _short(name: str, length: int = 24) -> str:
    """The end of a name, which tells images apart."""
    last = name.rsplit("/", 1)[-1]
    return last if len(last) <= length else f"…{last[1 - length :]}"
