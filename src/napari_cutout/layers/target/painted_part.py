"""A part of labels that is painted in: where it is, what it holds, what a stroke changes there.

No viewer here. The layer that shows it is in paint_window.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_slices
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.target.writing import Change, read
from napari_cutout.segment import Window

if TYPE_CHECKING:
    from napari.layers import Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.target.targets import TargetFrame


@dataclass(frozen=True, eq=False)
class PaintedPart:
    """The part.

    Parameters
    ----------
    labels, frame
        What is painted in, and where the image's frame lies there.
    index
        The frame of the image.
    window
        The part of that, all of it in the labels.
    """

    labels: Labels
    frame: TargetFrame
    index: FrameIndex
    window: Window

    @classmethod
    def around(
        cls, view: Window, labels: Labels, frame: TargetFrame, index: FrameIndex, largest: int
    ) -> PaintedPart:
        """What is in a view, and half a view more on each side where that isn't too much.

        Parameters
        ----------
        view
            What is seen of the frame.
        labels, frame, index
            As above.
        largest
            Pixels that aren't too much.

        Raises
        ------
        SessionError
            If the labels have nothing there.
        """
        return cls(labels, frame, index, _within(_around(view, largest), frame))

    def holds(self, view: Window, index: FrameIndex) -> bool:
        """Whether all that is seen of a frame, and is in the labels, is in it."""
        mine, wanted = self.window, _within(view, self.frame)
        return (
            index == self.index
            and mine.row <= wanted.row
            and mine.col <= wanted.col
            and wanted.row + wanted.rows <= mine.row + mine.rows
            and wanted.col + wanted.cols <= mine.col + mine.cols
        )

    def read(self) -> NDArray[np.integer]:
        """Its pixels ``(rows, cols)`` as they are in the labels, a copy."""
        return np.array(read(self.labels, self._slices(self.window)))

    def in_labels(self, change: Change) -> Change | None:
        """A change of the part as one of the labels; None where it changes nothing there."""
        rows, cols = (part for part in change.slices if isinstance(part, slice))
        height, width = change.pixels.shape
        mine = self.window
        slices = self._slices(Window(mine.row + rows.start, mine.col + cols.start, height, width))
        there = read(self.labels, slices)
        after = np.zeros_like(there)
        after[change.pixels] = change.after
        pixels = change.pixels & (there != after)
        if not pixels.any():
            return None
        new = after[pixels]
        return Change(slices, pixels, there[pixels], int(new[0]) if (new == new[0]).all() else new)

    def _slices(self, window: Window) -> tuple[int | slice, ...]:
        """Where a part of the image's frame is in the labels."""
        row, col = np.add(self.frame.offset, (window.row, window.col)).tolist()
        box = slice(row, row + window.rows), slice(col, col + window.cols)
        return frame_slices(self.frame.index, box)


def _around(view: Window, largest: int) -> Window:
    """Half a view more on each side, where that isn't too much."""
    down, across = view.rows // 2, view.cols // 2
    if (view.rows + 2 * down) * (view.cols + 2 * across) > largest:
        return view
    return Window(view.row - down, view.col - across, view.rows + 2 * down, view.cols + 2 * across)


def _within(window: Window, frame: TargetFrame) -> Window:
    """The part of it that the labels have."""
    spans = []
    sides = ((window.row, window.rows), (window.col, window.cols))
    for (first, length), offset, size in zip(sides, frame.offset, frame.shape, strict=True):
        low = min(max(first, -offset), size - offset)
        high = max(min(first + length, size - offset), low)
        spans.append((low, high - low))
    (row, rows), (col, cols) = spans
    if not rows or not cols:
        raise SessionError("what is in view lies outside the labels; move to where they are")
    return Window(row, col, rows, cols)
