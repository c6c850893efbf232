"""A stack: frames of one size along named axes, read one at a time. Not where they lie."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.stacks.errors import FrameReadError, StackError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike, NDArray


class Stack(ABC):
    """Frames of one size along axes that are looped over.

    A stack can be pickled, opens its files again in another process, and is read in any number of
    threads at once.

    Parameters
    ----------
    name
        In words, for messages: a path, or what the array is.
    axes
        Names of the looped axes, for example ``("t", "z")``; ``()`` for one plane.
    shape
        Their lengths.
    frame_shape
        ``(rows, cols)`` of the frames, as the first of them says.
    dtype
        Of the frames, as the first of them says; others are read as they are.
    identity
        Short text that is another one when the data are others, but for single frames of which
        :meth:`frame_identity` tells that.
    is_rgb
        Whether frames are ``(rows, cols, 3)``.
    scale
        Size of a pixel along the looped axes, rows and cols. None: 1.0 each.
    units
        Of the scale, in the same order. None: unknown.

    Raises
    ------
    StackError
        If the axes aren't different names, or the lengths don't fit them.
    """

    def __init__(
        self,
        *,
        name: str,
        axes: Sequence[str],
        shape: Sequence[int],
        frame_shape: tuple[int, int],
        dtype: DTypeLike,
        identity: str,
        is_rgb: bool = False,
        scale: Sequence[float] | None = None,
        units: Sequence[str | None] | None = None,
    ) -> None:
        self.name = name
        self.axes: tuple[str, ...] = tuple(axes)
        self.shape: tuple[int, ...] = tuple(int(length) for length in shape)
        self.frame_shape: tuple[int, int] = (int(frame_shape[0]), int(frame_shape[1]))
        self.is_rgb = is_rgb
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        all_axes = len(self.axes) + 2
        self.scale: tuple[float, ...] = (1.0,) * all_axes if scale is None else tuple(scale)
        self.units: tuple[str | None, ...] = (None,) * all_axes if units is None else tuple(units)
        self.identity = identity
        self._check()

    def __len__(self) -> int:
        return math.prod(self.shape)

    def __repr__(self) -> str:
        looped = ", ".join(f"{axis}={n}" for axis, n in zip(self.axes, self.shape, strict=True))
        rows, cols = self.frame_shape
        colours = " RGB" if self.is_rgb else ""
        return f"<{self.name}: {looped or 'one plane'}; {rows} x {cols}{colours} {self.dtype}>"

    def read(self, index: Sequence[int]) -> NDArray[Any]:
        """One frame.

        Parameters
        ----------
        index
            A number for each looped axis, from 0.

        Returns
        -------
        ndarray
            ``(rows, cols)``, or ``(rows, cols, 3)`` where :attr:`is_rgb`.

        Raises
        ------
        FrameReadError
            If it is damaged, missing or of another size than the others.
        StackError
            If the stack has no such frame.
        """
        place = self._place(index)
        try:
            frame = np.asarray(self._read(place))
        except FrameReadError as error:
            raise FrameReadError(place, error.reason, self.axes) from error
        except MemoryError:
            raise
        except Exception as error:  # back ends raise whatever they like
            reason = " ".join(str(error).split()) or type(error).__name__
            raise FrameReadError(place, reason, self.axes) from error
        if self.is_rgb and frame.ndim == 3:
            frame = frame[..., :3]
        expected = (*self.frame_shape, 3) if self.is_rgb else self.frame_shape
        if frame.shape != expected:
            raise FrameReadError(place, self._other_size(place, frame.shape, expected), self.axes)
        return frame

    def frame_identity(self, index: Sequence[int]) -> str:
        """Short text that is another one when a frame is another, where :attr:`identity` is not.

        What was found in a frame holds as long as both are the same. So a file among many can be
        repaired or replaced, and only its frames are others.

        Parameters
        ----------
        index
            A number for each looped axis, from 0.

        Returns
        -------
        str
            Empty where :attr:`identity` tells of all frames.

        Raises
        ------
        StackError
            If the stack has no such frame.
        """
        return self._identity_of(self._place(index))

    def identity_of_first(self, count: int) -> str | None:
        """The :attr:`identity` that a stack of only the first of these frames has.

        So what was found in a folder goes on to hold when more files come.

        Parameters
        ----------
        count
            How many places of the first axis it would have.

        Returns
        -------
        str or None
            None where that can't be known.
        """
        return None

    @abstractmethod
    def _read(self, index: tuple[int, ...]) -> NDArray[Any]:
        """The frame at an index that the stack has, in any thread; any exception is a reason."""

    def _identity_of(self, index: tuple[int, ...]) -> str:
        """The identity of the frame at an index that the stack has."""
        return ""

    def _where(self, index: tuple[int, ...]) -> str:
        """What a frame is read from, in words."""
        return self.name

    def _place(self, index: Sequence[int]) -> tuple[int, ...]:
        place = tuple(int(at) for at in index)
        fits = len(place) == len(self.shape)
        if not fits or not all(0 <= at < n for at, n in zip(place, self.shape, strict=True)):
            lengths = zip(self.axes, self.shape, strict=True)
            ranges = ", ".join(f"{axis} 0 to {length - 1}" for axis, length in lengths)
            raise StackError(
                f"{self.name} has no frame {place}; "
                + (f"give a number for each of: {ranges}" if ranges else "it is one plane, ()")
            )
        return place

    def _other_size(
        self, index: tuple[int, ...], found: tuple[int, ...], expected: tuple[int, ...]
    ) -> str:
        return (
            f"{self._where(index)} is a frame of shape {found}, but the first frame of the stack "
            f"has {expected}; all frames of a stack have one size"
        )

    def _check(self) -> None:
        if len(set(self.axes)) != len(self.axes):
            raise StackError(f"{self.name}: the axes {self.axes} aren't different; name each once")
        if len(self.shape) != len(self.axes):
            raise StackError(
                f"{self.name}: the axes {self.axes} have lengths {self.shape}; give one for each"
            )
        if not all(self.frame_shape) or not all(self.shape):
            full = (*self.shape, *self.frame_shape)
            raise StackError(f"{self.name} is empty: its shape is {full}")
        if self.dtype.kind not in "biuf":
            raise StackError(
                f"{self.name} holds {self.dtype}, but a frame holds real numbers; convert it first"
            )
        for what, values in (("scale", self.scale), ("units", self.units)):
            if len(values) != len(self.axes) + 2:
                raise StackError(
                    f"{self.name}: {len(values)} {what} {values}, but the axes are "
                    f"{(*self.axes, 'y', 'x')}; give one for each"
                )
