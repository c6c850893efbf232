"""What a person gives for one object in one frame: points with polarity, a box, a mask.

Values that check themselves; what becomes of them is decided in segmenter.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from napari_cutout.segment.errors import PromptError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from napari_cutout.segment.windows import Window

_Number = TypeVar("_Number", bound=np.generic)

_NO_POINTS = np.empty((0, 2))


@dataclass(frozen=True, eq=False)
class LowResLogits:
    """A previous answer, to be fed back: logits and the window that they belong to.

    Parameters
    ----------
    values
        ``(h, w)`` float32, the decoder's own resolution.
    window
        The piece of the frame that they cover.
    key
        Of the embedding that was asked.
    """

    values: NDArray[np.float32]
    window: Window
    key: str


@dataclass(frozen=True, eq=False)
class Prompts:
    """What is asked of one object in one frame.

    Coordinates are (row, col) in data coordinates of the frame, pixel centres at integers.

    Parameters
    ----------
    points
        ``(N, 2)`` float. One ``(2,)`` point is taken as a list of one.
    positive
        ``(N,)`` bool; True means "belongs to the object". All positive when left out.
    box
        ``(4,)``: row0, col0, row1, col1, both corners inside the box; or None.
    mask
        ``(rows, cols)`` bool, a mask from elsewhere to be refined; or None. With ``mask_origin``
        a piece of one.
    logits
        What :meth:`.Prediction.feedback` gave for the same object on the same embedding; or an
        ``(h, w)`` array out of :attr:`.Prediction.logits` where the whole frame is one window.
    mask_origin
        (row, col) of the mask's first pixel in the frame, for a mask in its box; nothing beyond it
        belongs to the mask. None for one of the frame's size.

    Raises
    ------
    PromptError
        If it isn't well formed, or asks for nothing.

    Examples
    --------
    >>> Prompts(points=[[40, 52], [10, 10]], positive=[True, False]).points.shape
    (2, 2)
    """

    points: NDArray[np.float64] = None  # type: ignore[assignment]
    positive: NDArray[np.bool_] = None  # type: ignore[assignment]
    box: NDArray[np.float64] | None = None
    mask: NDArray[np.bool_] | None = None
    logits: LowResLogits | NDArray[np.float32] | None = None
    mask_origin: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        points = _points(self.points)
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "positive", _positive(self.positive, len(points)))
        object.__setattr__(self, "box", None if self.box is None else _box(self.box))
        object.__setattr__(self, "mask", None if self.mask is None else _mask(self.mask))
        if self.logits is not None and not isinstance(self.logits, LowResLogits):
            object.__setattr__(self, "logits", _logits(self.logits))
        if not len(points) and self.box is None and self.mask is None and self.logits is None:
            raise PromptError("the prompt is empty: give a point, a box or a mask")
        if self.mask_origin is not None:
            object.__setattr__(self, "mask_origin", _origin(self.mask_origin, self.mask))
        if self.mask is not None and self.logits is not None:
            raise PromptError(
                "a prompt has a mask from elsewhere or the logits of a previous answer, not both; "
                "leave out one of them"
            )

    def check(self, shape: tuple[int, int]) -> None:
        """Check against the frame's ``(rows, cols)``.

        Raises
        ------
        PromptError
            If a point or the whole box lies outside, or the mask has another size or does.
        """
        rows, cols = shape
        high = np.array([rows, cols]) - 0.5
        outside = ((self.points < -0.5) | (self.points > high)).any(axis=1)
        if outside.any():
            row, col = self.points[outside][0]
            raise PromptError(
                f"the point ({row:g}, {col:g}) lies outside the frame of {rows} rows and "
                f"{cols} columns; points are (row, col) in pixels"
            )
        if self.box is not None and ((self.box[2:] < -0.5).any() or (self.box[:2] > high).any()):
            raise PromptError(
                f"the box {tuple(self.box.tolist())} lies outside the frame of {rows} rows and "
                f"{cols} columns; boxes are (row0, col0, row1, col1) in pixels"
            )
        if self.mask is not None:
            self._check_mask(self.mask, shape)

    def _check_mask(self, mask: NDArray[np.bool_], shape: tuple[int, int]) -> None:
        if self.mask_origin is None and mask.shape != shape:
            raise PromptError(
                f"the mask prompt has shape {mask.shape}, the frame has {shape}; "
                "give a mask of the frame's size, or where its first pixel lies as mask_origin"
            )
        low = np.array(self.mask_origin or (0, 0))
        if (low < 0).any() or (low + mask.shape > shape).any():
            raise PromptError(
                f"the mask prompt of shape {mask.shape} at {self.mask_origin} reaches out of the "
                f"frame of {shape[0]} rows and {shape[1]} columns; cut it at the frame's sides"
            )


def _points(points: Any) -> NDArray[np.float64]:
    if points is None:
        return _NO_POINTS
    array = _floats(points, "points")
    if array.size == 0:
        return _NO_POINTS
    if array.shape == (2,):
        array = array[None]
    if array.ndim != 2 or array.shape[1] != 2:
        raise PromptError(
            f"points have shape (N, 2), a (row, col) each, not {array.shape}; "
            "leave out the other axes' coordinates"
        )
    return _frozen(array)


def _positive(positive: Any, count: int) -> NDArray[np.bool_]:
    if positive is None:
        return _frozen(np.ones(count, bool))
    array = np.atleast_1d(np.asarray(positive))
    if array.shape != (count,):
        raise PromptError(f"positive has shape {array.shape}, but there are {count} points")
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise PromptError(f"positive holds True and False (or 1 and 0), not {array.tolist()}")
    return _frozen(array.astype(bool))


def _box(box: Any) -> NDArray[np.float64]:
    array = _floats(box, "box")
    if array.shape != (4,):
        raise PromptError(f"a box is (row0, col0, row1, col1), not of shape {array.shape}")
    if (array[:2] > array[2:]).any():
        raise PromptError(
            f"the box {tuple(array.tolist())} is upside down: "
            "give (row0, col0, row1, col1) with row0 <= row1 and col0 <= col1"
        )
    return _frozen(array)


def _mask(mask: ArrayLike) -> NDArray[np.bool_]:
    try:
        array = np.asarray(mask)
    except ValueError as error:
        raise PromptError(f"a mask prompt has rows of one length: {error}") from error
    if array.ndim != 2 or array.dtype.kind not in "biu":
        raise PromptError(
            f"a mask prompt is (rows, cols) bool, not {array.shape} {array.dtype}; "
            "for one object of a label image give labels == id"
        )
    if not array.any():
        raise PromptError("the mask prompt is empty: no pixel of it is set")
    return _frozen(array.astype(bool))


def _origin(origin: Any, mask: NDArray[np.bool_] | None) -> tuple[int, int]:
    array = np.asarray(origin)
    if mask is None or array.shape != (2,) or array.dtype.kind not in "iu":
        raise PromptError(
            f"mask_origin is (row, col) of a mask's first pixel, in whole numbers, not {origin!r}; "
            "leave it out where there is no mask"
        )
    return int(array[0]), int(array[1])


def _logits(logits: Any) -> NDArray[np.float32]:
    array = _floats(logits, "logits").astype(np.float32)
    if array.ndim == 3 and len(array) == 1:
        array = array[0]
    if array.ndim != 2:
        raise PromptError(
            f"logits are one candidate's, (h, w), not {array.shape}; use prediction.feedback(k)"
        )
    return _frozen(array)


def _floats(values: Any, name: str) -> NDArray[np.float64]:
    try:
        if np.iscomplexobj(values):
            raise TypeError("complex numbers have no place in a frame")
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PromptError(f"{name} must be real numbers: {error}") from error
    if not np.isfinite(array).all():
        raise PromptError(f"{name} must be finite, but there is NaN or infinity in {values!r}")
    return array


def _frozen(array: NDArray[_Number]) -> NDArray[_Number]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
