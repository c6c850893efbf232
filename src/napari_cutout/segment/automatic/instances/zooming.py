"""At which scale a frame is looked at by the dense head, and its maps at that scale.

Objects of a few pixels in a large field are looked at enlarged: windows of a part of the input's
size. What their sizes are is found by looking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.dense import region
from napari_cutout.segment.windows import Window, tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cutout.segment.dense import FrameMaps
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter

SMALL = 23.0
"""Objects whose median diameter is less, in pixels of the model's input, are looked at enlarged."""

_LARGEST_ZOOM = 4.0
_SAMPLES = 9


@dataclass(frozen=True)
class Scale:
    """The windows in which a frame is looked at.

    Parameters
    ----------
    region
        What of the frame is looked at.
    side
        Of a window, in pixels of the frame.
    """

    region: Window
    side: int

    def windows(self, piece: Window | None = None) -> list[Window]:
        """Windows of this size that cover a piece of the frame, or all of the region."""
        piece = self.region if piece is None else piece
        return [
            replace(tile, row=tile.row + piece.row, col=tile.col + piece.col)
            for tile in tiles((piece.rows, piece.cols), self.side, self.side // 4)
        ]


def choose_scale(
    segmenter: Segmenter,
    embedding: Embedding,
    zoom: float | None,
    diameters: Callable[[FrameMaps], Sequence[float]],
) -> Scale:
    """The scale that suits the objects of a frame.

    Parameters
    ----------
    segmenter, embedding
        What is looked at.
    zoom
        Pixels of the input for one of the frame, where it is given.
    diameters
        Of the objects that are found in dense maps, in pixels of the frame.

    Raises
    ------
    TypeError
        If the model has no dense head.
    """
    looked_at = region(embedding)
    size, longest = segmenter.info.input_size, max(looked_at.rows, looked_at.cols)
    if zoom is not None:
        return Scale(looked_at, max(round(size / zoom), 1))
    # Not coarser: fields of small objects are taken for a few large ones there.
    zoom = min(max(size / longest, 1.0), _LARGEST_ZOOM)
    scale = Scale(looked_at, round(size / zoom))
    while zoom * 2 <= _LARGEST_ZOOM:
        found = [d for maps in _samples(segmenter, embedding, scale) for d in diameters(maps)]
        if not found or float(np.median(found)) * zoom >= SMALL:
            break
        zoom *= 2
        scale = Scale(looked_at, round(size / zoom))
    return scale


def _samples(segmenter: Segmenter, embedding: Embedding, scale: Scale) -> list[FrameMaps]:
    """Maps of a few windows at even distances."""
    windows = scale.windows()
    chosen = np.unique(np.linspace(0, len(windows) - 1, _SAMPLES).round().astype(int))
    pieces = [windows[index] for index in chosen]
    return [segmenter.dense(embedding, piece, [piece]) for piece in pieces]
