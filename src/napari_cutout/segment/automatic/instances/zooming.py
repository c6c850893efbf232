"""At which scale a frame is looked at by the dense head: found by looking.

Objects of a few pixels in a large field are looked at enlarged, windows of a part of the input's
size; large ones, which fall into parts when they are seen too closely, from further away. What
becomes of maps at that scale is in find.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.windowed.pieces import box_window
from napari_cutout.segment.dense import region
from napari_cutout.segment.windows import Window, tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.dense import FrameMaps
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter

SMALL = 28.0
"""Objects whose median diameter is less, in pixels of the model's input, are looked at enlarged."""

STILL_LARGE = 24.0
"""Those of a coarser scale aren't smaller than this, where it is taken for the finer one."""

MEDIUM = 45.0
"""Beside objects that are smaller than this there may be some that are too small to be seen."""

_FALLING_APART = 1.3
"""So many times as many objects there are where those of the coarser scale fall into parts."""

_SEEN, _UNSEEN = 0.7, 0.6
"""Shares of objects that a coarser scale sees too: it is good enough from the first on, and not
below the second."""

_LARGEST_ZOOM = 4.0
_SAMPLES = 9
_FEW = 4
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
class _Look:
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

    def of(self, pieces: Sequence[Window]) -> _Look:
        """The same of some of its pieces."""
        return _Look(self.zoom, {piece: self.found[piece] for piece in pieces})

    def compare(self, finer: _Look) -> tuple[float, float]:
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
class _Sight:
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

    def look(self, zoom: float, pieces: Sequence[Window] | None = None) -> _Look:
        """Look at pieces of the frame; None: at some of the windows of that zoom."""
        scale = self.scale(zoom)
        if pieces is None:
            pieces = _some(scale.windows(), _SAMPLES)
        maps = (self.segmenter.dense(self.embedding, one, scale.windows(one)) for one in pieces)
        return _Look(zoom, {one.window: self.find(one) for one in maps})


def choose_scale(
    segmenter: Segmenter,
    embedding: Embedding,
    zoom: float | None,
    find: Callable[[FrameMaps], list[FoundObject]],
) -> Scale:
    """The scale that suits the objects of a frame.

    Parameters
    ----------
    segmenter, embedding
        What is looked at.
    zoom
        Pixels of the input for one of the frame, where it is given.
    find
        Finds the objects of dense maps.

    Raises
    ------
    TypeError
        If the model has no dense head.

    Notes
    -----
    A few windows are looked at where a large frame is not enlarged and a small one fills the
    input. A frame is looked at more closely while its objects are small, or while there are others
    at the next scale which this one doesn't see; from further away while its objects are parts of
    larger ones there, few of which would be lost.
    """
    sight = _Sight(segmenter, embedding, find)
    if zoom is not None:
        return sight.scale(zoom)
    fitting = min(sight.fitting, _LARGEST_ZOOM)
    first = sight.look(max(fitting, 1.0))
    now = _closer(sight, first)
    return sight.scale((_further(sight, first, fitting) if now is first else now).zoom)


def _closer(sight: _Sight, now: _Look) -> _Look:
    """The look that is close enough for small objects, and for those that aren't seen yet."""
    while 2 * now.zoom <= _LARGEST_ZOOM and now.diameter < MEDIUM:
        if now.diameter >= SMALL:
            few = now.of(_some(list(now.found), _FEW))
            seen, _ = few.compare(sight.look(2 * now.zoom, list(few.found)))
            if seen >= _UNSEEN:
                break
        now = sight.look(2 * now.zoom)
    return now


def _further(sight: _Sight, now: _Look, fitting: float) -> _Look:
    """The look from which objects are whole that fall apart from closer by."""
    while now.zoom > fitting and now.diameter >= SMALL:
        coarser = sight.look(max(now.zoom / 2, fitting), list(now.found))
        seen, ratio = coarser.compare(now)
        if seen < _SEEN or ratio < _FALLING_APART or not coarser.diameter >= STILL_LARGE:
            break
        now = coarser
    return now


def _some(windows: Sequence[Window], count: int) -> list[Window]:
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
