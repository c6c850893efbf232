"""All prompts of an image at one moment, over all its frames, as arrays; and those of one frame.

This is what an undo step of prompts remembers. Coordinates are data coordinates of the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, sliced_axes

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PromptState:
    """The prompts of an image.

    Parameters
    ----------
    points
        ``(N, ndim)`` float.
    positive
        ``(N,)`` bool.
    boxes
        The vertices of each box, ``(V, ndim)`` float.
    """

    points: NDArray[np.float64]
    positive: NDArray[np.bool_]
    boxes: tuple[NDArray[np.float64], ...] = ()

    @classmethod
    def empty(cls, ndim: int) -> PromptState:
        """No prompts for an image of so many axes."""
        return cls(np.empty((0, ndim)), np.empty(0, bool))

    @property
    def ndim(self) -> int:
        """The image's number of axes."""
        return int(self.points.shape[1])

    def __eq__(self, other: object) -> bool:
        """Whether the same prompts are there in the same order."""
        return isinstance(other, PromptState) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def key(self) -> tuple[bytes, ...]:
        """The same for equal states, for looking up."""
        arrays = (self.points, self.positive, *self.boxes)
        return tuple(np.ascontiguousarray(array).tobytes() for array in arrays)

    def extends(self, other: PromptState) -> bool:
        """Whether this has all prompts of another, and at least one more."""
        count = len(other.points)
        return (
            len(self.points) + len(self.boxes) > count + len(other.boxes)
            and np.array_equal(self.points[:count], other.points)
            and np.array_equal(self.positive[:count], other.positive)
            and len(self.boxes) >= len(other.boxes)
            and all(map(np.array_equal, self.boxes, other.boxes))
        )

    def of_frame(self, index: FrameIndex) -> PromptState:
        """Those that lie in a frame; a box does when its first vertex does."""
        here = _lies_in(self.points, index)
        boxes = tuple(box for box in self.boxes if _lies_in(box[:1], index)[0])
        return PromptState(self.points[here], self.positive[here], boxes)

    def without_frame(self, index: FrameIndex) -> PromptState:
        """Those that don't lie in a frame."""
        elsewhere = ~_lies_in(self.points, index)
        boxes = tuple(box for box in self.boxes if not _lies_in(box[:1], index)[0])
        return PromptState(self.points[elsewhere], self.positive[elsewhere], boxes)

    def with_point(self, point: NDArray[np.float64], positive: bool) -> PromptState:
        """These and one more point."""
        points = np.concatenate([self.points, point[None]])
        return PromptState(points, np.append(self.positive, positive), self.boxes)

    def with_box(self, box: NDArray[np.float64]) -> PromptState:
        """These and one more box."""
        return PromptState(self.points, self.positive, (*self.boxes, box))

    def __len__(self) -> int:
        """The number of points and boxes."""
        return len(self.points) + len(self.boxes)

    def frame_points(self, index: FrameIndex) -> NDArray[np.float64]:
        """The (row, col) of all points."""
        return self.points[:, frame_axes(index)]

    def frame_boxes(self, index: FrameIndex) -> NDArray[np.float64]:
        """The (row0, col0, row1, col1) around the vertices of each box."""
        if not self.boxes:
            return np.empty((0, 4))
        axes = frame_axes(index)
        return np.array(
            [[*box[:, axes].min(axis=0), *box[:, axes].max(axis=0)] for box in self.boxes]
        )


def _lies_in(coordinates: NDArray[np.float64], index: FrameIndex) -> NDArray[np.bool_]:
    axes = list(sliced_axes(index))
    here: NDArray[np.bool_] = np.all(
        np.round(coordinates[:, axes]) == [index[axis] for axis in axes], axis=1
    )
    return here
