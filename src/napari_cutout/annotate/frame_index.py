"""Which 2-D plane of an N-D image is meant: its index on the other axes. A value, nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

FrameIndex: TypeAlias = tuple[int | None, ...]
"""One entry an axis of the image: a position, or None on the two axes of the frame.

``(3, None, None)`` is frame 3 of a (time, row, col) image; ``(3, None, 7, None)`` another kind of
frame of another image. The frame's rows and columns are the two axes in data order.
"""


def frame_axes(index: FrameIndex) -> tuple[int, int]:
    """The two axes that the frame's rows and columns lie along, in data order."""
    row, col = (axis for axis, position in enumerate(index) if position is None)
    return row, col


def sliced_axes(index: FrameIndex) -> tuple[int, ...]:
    """The axes on which the frame is one position."""
    return tuple(axis for axis, position in enumerate(index) if position is not None)


def frame_slices(
    index: FrameIndex, box: Sequence[slice] = (slice(None), slice(None))
) -> tuple[int | slice, ...]:
    """What to index the image's data with for the frame, or for a box of it."""
    pieces = iter(box)
    return tuple(next(pieces) if position is None else position for position in index)
