"""What the dense head finds in pieces of a frame at a scale, and how two scales differ.

Which of them is taken is decided in zooming.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.windowed.pieces import box_window, inside
from napari_cutout.segment.dense import region
from napari_cutout.segment.windows import Window, tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.dense import FrameMaps
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter

_SURE = 0.91
"""Objects whose mean score is at least this leave nothing to be asked."""

_SAMPLES = 9
_ENOUGH = 5
"""Objects that have to be found before their number says anything."""


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
        """Windows of this size that cover a piece of the frame, or all of the region.

        They reach beyond a piece that is smaller, and not beyond the region.
        """
        piece = self._widened(self.region if piece is None else piece)
        return [
            replace(tile, row=tile.row + piece.row, col=tile.col + piece.col)
            for tile in tiles((piece.rows, piece.cols), self.side, self.side // 4)
        ]

    def _widened(self, piece: Window) -> Window:
        """The piece with what is around it, as large as a window where the region is."""
        row, rows = self._span(piece.row, piece.rows, self.region.row, self.region.rows)
        col, cols = self._span(piece.col, piece.cols, self.region.col, self.region.cols)
        return Window(row, col, rows, cols)

    def _span(self, start: int, length: int, first: int, room: int) -> tuple[int, int]:
        wanted = max(length, min(self.side, room))
        start -= (wanted - length) // 2
        return max(first, min(start, first + room - wanted)), wanted


@dataclass(frozen=True)
class Look:
    """What was found in pieces of a frame at a scale.

    Parameters
    ----------
    zoom
        Pixels of the input for one of the frame.
    found
        Of each piece.
    """

    zoom: float
    found: dict[Window, list[FoundObject]]

    @property
    def diameter(self) -> float:
        """The median one in pixels of the input; NaN if nothing was found."""
        areas = [one.area for found in self.found.values() for one in found]
        return 2 * float(np.sqrt(np.median(areas) / np.pi)) * self.zoom if areas else np.nan

    @property
    def is_sure(self) -> bool:
        """Whether the scores leave nothing to be asked."""
        scores = [one.score for found in self.found.values() for one in found]
        return not scores or float(np.mean(scores)) >= _SURE

    def of(self, window: Window, piece: Window) -> list[FoundObject]:
        """What was found in a window of one of its pieces."""
        return [part for one in self.found[piece] if (part := inside(one, window)) is not None]

    def compare(self, finer: Look) -> tuple[float, float]:
        """How a finer look at the same pieces differs.

        Returns
        -------
        seen : float
            The share of its objects that mostly lie on objects of this look; 1 where it found
            too few to tell.
        ratio : float
            How many times as many they are.
        """
        seen = [
            _mostly_on(one, ground, piece)
            for piece, found in finer.found.items()
            for ground in [_drawn(self.found[piece], piece)]
            for one in found
        ]
        count = sum(len(found) for found in self.found.values())
        if len(seen) < _ENOUGH:
            return 1.0, 1.0
        return float(np.mean(seen)), len(seen) / max(count, 1)


@dataclass(frozen=True)
class Sight:
    """A frame and who looks at it."""

    segmenter: Segmenter
    embedding: Embedding
    find: Callable[[FrameMaps], list[FoundObject]]

    @property
    def fitting(self) -> float:
        """The zoom at which the frame fills the input."""
        looked_at = region(self.embedding)
        return self.segmenter.info.input_size / max(looked_at.rows, looked_at.cols)

    def scale(self, zoom: float) -> Scale:
        """The windows that are seen at a zoom."""
        side = max(round(self.segmenter.info.input_size / zoom), 1)
        return Scale(region(self.embedding), side)

    def look(self, zoom: float, pieces: Sequence[Window] | None = None) -> Look:
        """Look at pieces of the frame; None: at some of the windows of that zoom."""
        scale = self.scale(zoom)
        if pieces is None:
            pieces = some(scale.windows(), _SAMPLES)
        maps = (self.segmenter.dense(self.embedding, one, scale.windows(one)) for one in pieces)
        return Look(zoom, {one.window: self.find(one) for one in maps})


def some(windows: Sequence[Window], count: int) -> list[Window]:
    """A few of them, at even distances."""
    chosen = np.unique(np.linspace(0, len(windows) - 1, count).round().astype(int))
    return [windows[index] for index in chosen]


def _drawn(found: Sequence[FoundObject], piece: Window) -> NDArray[np.bool_]:
    """The pixels of a piece that objects cover."""
    drawn = np.zeros((piece.rows, piece.cols), bool)
    for one in found:
        drawn[box_window(one).relative_to(piece).slices] |= one.decode()
    return drawn


def _mostly_on(one: FoundObject, drawn: NDArray[np.bool_], piece: Window) -> bool:
    """Whether an object of a piece has more than half of its pixels on those drawn."""
    there = drawn[box_window(one).relative_to(piece).slices]
    return bool(2 * (there & one.decode()).sum() > one.area)
