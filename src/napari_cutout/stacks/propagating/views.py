"""In which window of a frame an object is looked at: as few windows as possible for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.choice import EXTENT_SHARE
from napari_cutout.segment.windows import Window, around, sides, tiles, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.stacks.propagating.pieces import Piece

_ROOM = 0.25
"""Share of an object's size that a window shows around it, or else another one is taken."""


def views(embedding: Embedding) -> list[Window]:
    """The windows of a frame in which objects are looked at first; the same in every frame.

    Those that are encoded ahead, too, see :func:`.session_windows`.
    """
    if embedding.window is not None:
        return [embedding.window]
    if not sides(embedding.shape, embedding.input_size):
        return [whole(embedding.shape)]
    side = embedding.input_size
    return list(tiles(embedding.shape, side, side // 4))


def view_of(piece: Piece, seen: Sequence[Window], embedding: Embedding) -> Window:
    """The window that shows a mask with room around, its middle nearest to the mask's.

    A larger one around it where none of ``seen`` does.
    """
    shape = embedding.shape
    row0, col0, row1, col1 = piece.box
    room = _ROOM * max(row1 - row0 + 1, col1 - col0 + 1)
    low = np.maximum([row0 - room, col0 - room], 0)
    high = np.minimum([row1 + room, col1 + room], np.array(shape) - 1)
    extent = np.concatenate([low, high])
    middle = np.array([row0 + row1, col0 + col1]) / 2

    def distance(window: Window) -> float:
        centre = (window.row + (window.rows - 1) / 2, window.col + (window.cols - 1) / 2)
        return float(np.abs(middle - centre).max())

    shows = [window for window in seen if window.holds(extent)]
    if shows:
        return min(shows, key=distance)
    if embedding.window is not None:
        return embedding.window
    longest = max(row1 - row0, col1 - col0) + 1
    for side in sides(shape, embedding.input_size):
        near = around(middle, side, shape)
        if longest <= EXTENT_SHARE * side and near.holds(extent):
            return near
    return whole(shape)
