"""The pieces of a frame that are asked one by one: the frame, and crops of it in layers."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from napari_cutout.segment.windows import Window


@dataclass(frozen=True)
class CropWindow:
    """One piece.

    Parameters
    ----------
    window
        In the frame.
    layer
        0 for all of it; layer ``i`` has ``4 ** i`` crops.
    """

    window: Window
    layer: int


def crop_windows(piece: Window, layers: int, overlap_ratio: float) -> list[CropWindow]:
    """All crops of a piece of the frame, the piece itself first, then column by column.

    Parameters
    ----------
    piece
        What is cut.
    layers
        How often.
    overlap_ratio
        Share of the shorter side by which crops of the first layer overlap; half that in the next.

    Notes
    -----
    Sizes and order are those of SAM (appendix B, "Cropping"), whose crops on the far sides may be
    a pixel smaller.
    """
    found = [CropWindow(piece, 0)]
    for layer in range(1, layers + 1):
        count = 2**layer
        overlap = int(overlap_ratio * min(piece.rows, piece.cols) * (2 / count))
        across = _spans(piece.cols, count, overlap)
        down = _spans(piece.rows, count, overlap)
        for (col, cols), (row, rows) in itertools.product(across, down):
            window = Window(piece.row + row, piece.col + col, rows, cols)
            found.append(CropWindow(window, layer))
    return found


def _spans(length: int, count: int, overlap: int) -> list[tuple[int, int]]:
    """First pixel and length of each of ``count`` pieces of a side."""
    side = math.ceil((overlap * (count - 1) + length) / count)
    starts = [(side - overlap) * index for index in range(count)]
    return [(start, min(side, length - start)) for start in starts]
