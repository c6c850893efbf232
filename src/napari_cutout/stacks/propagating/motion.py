"""Where masks are expected in the next frame: moved and bent as the image is.

Optical flow between two frames, at a scale that suits the objects. What a model makes of the
expected mask is in asking.py.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from skimage.registration import optical_flow_ilk, phase_cross_correlation
from skimage.transform import downscale_local_mean

from napari_cutout.segment.windows import Window
from napari_cutout.stacks.propagating.pieces import Piece, depth
from napari_cutout.stacks.propagating.views import view_of, views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.embedding import Embedding

RADIUS = 0.6
"""What moves together, in sizes of the objects."""

_LARGEST = 32
"""Pixels across an object at which its motion is seen well; larger ones are shrunk."""

_LEAST_RADIUS = 2
_FEWEST = 16
_WARPS = 3
_ROOM = 1.5
_CLEARLY = 0.02


def expect(
    before: Embedding,
    after: Embedding,
    pieces: Sequence[Piece],
    shifts: Sequence[NDArray[np.float64]],
) -> list[Piece | None]:
    """Where masks are expected in the next frame; None for one that is moved out of it.

    Parameters
    ----------
    before, after
        The two frames.
    pieces
        In the earlier one.
    shifts
        How far each would go if it went on as it did, (rows, cols) in pixels.
    """
    windows = views(after)
    by_view: dict[Window, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        by_view[view_of(piece, windows, after)].append(number)
    found: dict[int, Piece | None] = {}
    for members in by_view.values():
        some = [pieces[number] for number in members]
        flow = Flow.of(before, after, some, [shifts[number] for number in members])
        for number, piece in zip(members, some, strict=True):
            found[number] = piece if flow is None else flow.moved(piece, after.shape)
    return [found[number] for number in range(len(pieces))]


@dataclass(frozen=True, eq=False)
class Flow:
    """How the image of a window moves from one frame to the next.

    Parameters
    ----------
    window
        Of the later frame.
    back
        ``(2, h, w)``: from each place of the later frame, (rows, cols) in pixels to where it was.
    step
        Pixels of the frame that one of ``back`` spans, along (rows, cols).
    """

    window: Window
    back: NDArray[np.float32]
    step: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        before: Embedding,
        after: Embedding,
        pieces: Sequence[Piece],
        shifts: Sequence[NDArray[np.float64]],
    ) -> Flow | None:
        """Compare the surroundings of objects; None where they are too small for that.

        Parameters
        ----------
        before, after, pieces, shifts
            See :func:`expect`.
        """
        size = float(np.median([piece.size for piece in pieces]))
        window = _surroundings(pieces, shifts, size, after.shape)
        images = [_grey(embedding.read(window)) for embedding in (before, after)]
        read = np.array([window.rows, window.cols]) / images[0].shape
        shrink = max(1, int(np.ceil(size / read.max() / _LARGEST)))
        earlier, later = (_shrunk(image, shrink) for image in images)
        if min(later.shape) < _FEWEST:
            return None
        step = read * shrink
        guess = np.median(shifts, axis=0) / step
        offset = _best_offset(earlier, later, guess)
        radius = max(_LEAST_RADIUS, round(RADIUS * size / float(step.max())))
        back = _flow(_rolled(earlier, offset), later, radius)
        back -= offset[:, None, None].astype(np.float32)
        return cls(window, back * step[:, None, None].astype(np.float32), step)

    def moved(self, piece: Piece, shape: tuple[int, int]) -> Piece | None:
        """Where a mask is expected in the later frame; None where nothing of it is left.

        Parameters
        ----------
        piece
            In the earlier frame.
        shape
            ``(rows, cols)`` of the frames.
        """
        shift = -self._at(piece.centre[:1], piece.centre[1:])[:, 0, 0]
        reach = round(0.5 * piece.size + float(np.abs(shift).max())) + 2
        there = piece.around(reach, shape)
        rows = np.arange(there.row, there.row + there.rows, dtype=float)
        cols = np.arange(there.col, there.col + there.cols, dtype=float)
        back = self._at(rows, cols)
        inner = depth(piece.drawn(there))
        places = [
            rows[:, None] - there.row + back[0],
            cols[None, :] - there.col + back[1],
        ]
        came = ndimage.map_coordinates(inner, places, order=1, mode="nearest")
        return Piece.of(came > 0, (there.row, there.col))

    def _at(self, rows: NDArray[np.float64], cols: NDArray[np.float64]) -> NDArray[np.float32]:
        """The motion ``(2, len(rows), len(cols))`` where rows and columns of the frame cross."""
        down = (rows + 0.5 - self.window.row) / self.step[0] - 0.5
        right = (cols + 0.5 - self.window.col) / self.step[1] - 0.5
        grid = np.meshgrid(down, right, indexing="ij")
        return np.stack(
            [ndimage.map_coordinates(part, grid, order=1, mode="nearest") for part in self.back]
        )


def _surroundings(
    pieces: Sequence[Piece],
    shifts: Sequence[NDArray[np.float64]],
    size: float,
    shape: tuple[int, int],
) -> Window:
    """A window around objects, with room for them to move."""
    boxes = np.array([piece.box for piece in pieces])
    room = _ROOM * size + float(np.abs(shifts).max(initial=0)) + _FEWEST
    low = np.maximum(np.floor(boxes[:, :2].min(axis=0) - room).astype(int), 0)
    high = np.minimum(np.ceil(boxes[:, 2:].max(axis=0) + room).astype(int), np.array(shape) - 1)
    return Window(*low.tolist(), *(high - low + 1).tolist())


def _best_offset(
    earlier: NDArray[np.float32], later: NDArray[np.float32], guess: NDArray[np.float64]
) -> NDArray[np.int64]:
    """How far all has moved together, in whole pixels: 0 unless another shift fits clearly better.

    Parameters
    ----------
    earlier, later
        The images.
    guess
        (rows, cols) to be tried as well.
    """
    if not (np.ptp(earlier) > 0 and np.ptp(later) > 0):
        return np.zeros(2, np.int64)
    found, _, _ = phase_cross_correlation(  # type: ignore[no-untyped-call]
        later, earlier, normalization=None
    )
    best, most = np.zeros(2, np.int64), _likeness(earlier, later, np.zeros(2, np.int64)) + _CLEARLY
    for shift in (np.rint(found).astype(np.int64), np.rint(guess).astype(np.int64)):
        if (np.abs(shift) * 2 < later.shape).all():
            likeness = _likeness(earlier, later, shift)
            if likeness > most:
                best, most = shift, likeness
    return best


def _likeness(
    earlier: NDArray[np.float32], later: NDArray[np.float32], shift: NDArray[np.int64]
) -> float:
    """The correlation of two images where they overlap after the earlier one was shifted."""
    ours, theirs = [], []
    for move, length in zip(shift.tolist(), later.shape, strict=True):
        ours.append(slice(max(-move, 0), length - max(move, 0)))
        theirs.append(slice(max(move, 0), length - max(-move, 0)))
    one, other = earlier[tuple(ours)], later[tuple(theirs)]
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0


def _rolled(image: NDArray[np.float32], shift: NDArray[np.int64]) -> NDArray[np.float32]:
    """An image shifted by whole pixels; what comes in has the values of the side."""
    if not shift.any():
        return image
    return np.asarray(ndimage.shift(image, shift, order=0, mode="nearest"), np.float32)


def _flow(
    earlier: NDArray[np.float32], later: NDArray[np.float32], radius: int
) -> NDArray[np.float32]:
    """From each pixel of the later image to where it was, ``(2, rows, cols)`` in pixels."""
    with np.errstate(all="ignore"):
        back = optical_flow_ilk(  # type: ignore[no-untyped-call]
            later, earlier, radius=radius, num_warp=_WARPS, gaussian=True
        )
    found: NDArray[np.float32] = np.nan_to_num(back, posinf=0.0, neginf=0.0).astype(np.float32)
    return found


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A grey image from 0 to 1."""
    return np.asarray(pixels.mean(axis=2, dtype=np.float32) / np.float32(255), np.float32)


def _shrunk(image: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """An image of means of blocks."""
    if factor == 1:
        return image
    rows, cols = (length - length % factor for length in image.shape)
    means = downscale_local_mean(  # type: ignore[no-untyped-call]
        image[:rows, :cols], (factor, factor)
    )
    return np.asarray(means, np.float32)
