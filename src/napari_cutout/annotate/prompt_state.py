"""All prompts of an image at one moment, over all its frames, as arrays; and those of one frame.

This is what an undo step of prompts remembers. Coordinates are data coordinates of the image.
Which prompts are of the same object is decided in grouping.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, sliced_axes

if TYPE_CHECKING:
    from numpy.typing import NDArray

ShapeKind = Literal["box", "ellipse", "polygon", "scribble"]
"""A box; an ellipse or a polygon (a lasso is one too), taken as a mask and a box; a path, along
which points are taken."""

KINDS: tuple[ShapeKind, ...] = get_args(ShapeKind)


@dataclass(frozen=True, eq=False)
class PromptShape:
    """A drawn prompt.

    Parameters
    ----------
    kind
        See :data:`ShapeKind`.
    vertices
        ``(V, ndim)`` float; of a box and an ellipse the four corners around it.
    group
        Number of the object that it belongs to; 0 for none in particular.
    positive
        Whether a scribble runs inside the object. The others always surround it.
    """

    kind: ShapeKind
    vertices: NDArray[np.float64]
    group: int = 0
    positive: bool = True

    def key(self) -> tuple[object, ...]:
        """The same for equal shapes."""
        return self.kind, self.group, self.positive, _bytes(self.vertices)

    def frame_vertices(self, index: FrameIndex) -> NDArray[np.float64]:
        """``(V, 2)``: the (row, col) of its vertices."""
        return self.vertices[:, frame_axes(index)]

    def box(self, index: FrameIndex) -> NDArray[np.float64]:
        """(row0, col0, row1, col1) around its vertices."""
        corners = self.frame_vertices(index)
        return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


@dataclass(frozen=True, eq=False)
class PromptMask:
    """A mask from elsewhere, in its box: an object that is there already and is to be refined.

    Parameters
    ----------
    frame
        Where it is.
    mask
        ``(h, w)`` bool.
    origin
        (row, col) of its box in the frame.
    group
        Number of the object that it belongs to; 0 for none in particular.
    """

    frame: FrameIndex
    mask: NDArray[np.bool_]
    origin: tuple[int, int]
    group: int = 0

    def key(self) -> tuple[object, ...]:
        """The same for equal masks."""
        return self.frame, self.origin, self.group, self.mask.shape, _bytes(self.mask)


@dataclass(frozen=True, eq=False)
class PromptState:
    """The prompts of an image.

    Parameters
    ----------
    points
        ``(N, ndim)`` float.
    positive
        ``(N,)`` bool.
    groups
        ``(N,)`` int: the numbers of the objects that the points belong to; 0 for none in
        particular, and all 0 when left out.
    shapes
        What was drawn.
    masks
        Existing objects that are refined.
    """

    points: NDArray[np.float64]
    positive: NDArray[np.bool_]
    groups: NDArray[np.int64] = None  # type: ignore[assignment]
    shapes: tuple[PromptShape, ...] = ()
    masks: tuple[PromptMask, ...] = ()

    def __post_init__(self) -> None:
        if self.groups is None:
            object.__setattr__(self, "groups", np.zeros(len(self.points), np.int64))

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

    def __len__(self) -> int:
        """The number of points, shapes and masks."""
        return len(self.points) + len(self.shapes) + len(self.masks)

    def key(self) -> tuple[object, ...]:
        """The same for equal states, for looking up."""
        arrays = (_bytes(array) for array in (self.points, self.positive, self.groups))
        drawn = (shape.key() for shape in self.shapes)
        return (*arrays, *drawn, *(mask.key() for mask in self.masks))

    def extends(self, other: PromptState) -> bool:
        """Whether this has all prompts of another, and at least one more."""
        count = len(other.points)
        return (
            len(self) > len(other)
            and np.array_equal(self.points[:count], other.points)
            and np.array_equal(self.positive[:count], other.positive)
            and _begins(self.shapes, other.shapes)
            and _begins(self.masks, other.masks)
        )

    def of_frame(self, index: FrameIndex) -> PromptState:
        """Those that lie in a frame; a shape does when its first vertex does."""
        return self._split(index, True)

    def without_frame(self, index: FrameIndex) -> PromptState:
        """Those that don't lie in a frame."""
        return self._split(index, False)

    def with_point(self, point: NDArray[np.float64], positive: bool, group: int = 0) -> PromptState:
        """These and one more point."""
        return replace(
            self,
            points=np.concatenate([self.points, np.asarray(point, float)[None]]),
            positive=np.append(self.positive, bool(positive)),
            groups=np.append(self.groups, group),
        )

    def with_shape(self, shape: PromptShape) -> PromptState:
        """These and one more shape."""
        return replace(self, shapes=(*self.shapes, shape))

    def with_mask(self, mask: PromptMask) -> PromptState:
        """These and one more mask."""
        return replace(self, masks=(*self.masks, mask))

    def with_all(self, other: PromptState) -> PromptState:
        """These and all of another state."""
        return PromptState(
            np.concatenate([self.points, other.points]),
            np.concatenate([self.positive, other.positive]),
            np.concatenate([self.groups, other.groups]),
            (*self.shapes, *other.shapes),
            (*self.masks, *other.masks),
        )

    def frame_points(self, index: FrameIndex) -> NDArray[np.float64]:
        """The (row, col) of all points."""
        return self.points[:, frame_axes(index)]

    def _split(self, index: FrameIndex, here: bool) -> PromptState:
        points = _lies_in(self.points, index) == here
        return PromptState(
            self.points[points],
            self.positive[points],
            self.groups[points],
            tuple(
                shape
                for shape in self.shapes
                if bool(_lies_in(shape.vertices[:1], index)[0]) == here
            ),
            tuple(mask for mask in self.masks if (mask.frame == index) == here),
        )


def _lies_in(coordinates: NDArray[np.float64], index: FrameIndex) -> NDArray[np.bool_]:
    axes = list(sliced_axes(index))
    here: NDArray[np.bool_] = np.all(
        np.round(coordinates[:, axes]) == [index[axis] for axis in axes], axis=1
    )
    return here


def _begins(longer: tuple[PromptShape | PromptMask, ...], first: tuple[object, ...]) -> bool:
    keys = [item.key() for item in longer[: len(first)]]
    return keys == [item.key() for item in first if isinstance(item, PromptShape | PromptMask)]


def _bytes(array: NDArray[np.generic]) -> bytes:
    return np.ascontiguousarray(array).tobytes()
