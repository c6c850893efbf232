"""Which frames of a stack are meant: a range for each axis, and the frames in their order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, overload

from napari_cutout.stacks.errors import StackError

if TYPE_CHECKING:
    from napari_cutout.stacks.frames.stack import Stack

AxisRange = tuple[str, int | None, int | None, int | None]
"""An axis's name, start, stop and step, as a slice has them."""


@dataclass(frozen=True)
class Selection:
    """A range of frames along each of some axes; of other axes all are meant.

    Parameters
    ----------
    ranges
        ``(axis, start, stop, step)`` each, as in a slice: negative numbers count from the end,
        None is the end itself. Steps go forward.

    Raises
    ------
    StackError
        If an axis is named twice, or a step isn't 1 or more.
    """

    ranges: tuple[AxisRange, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranges", tuple(tuple(part) for part in self.ranges))
        names = [axis for axis, *_ in self.ranges]
        if len(set(names)) != len(names):
            raise StackError(f"frames {str(self)!r} name an axis twice; give one range for each")
        for axis, _, _, step in self.ranges:
            if step is not None and step < 1:
                raise StackError(f"the step of axis {axis} is {step}; give 1 or more")

    def __str__(self) -> str:
        return ",".join(_written(part) for part in self.ranges)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"t=0:100:2,z=3"``: a slice or one frame for each axis, parted by commas.

        Parameters
        ----------
        text
            Empty for all frames.

        Raises
        ------
        StackError
            If it isn't written like that.

        Examples
        --------
        >>> Selection.parse("t=0:100:2,z=3").ranges
        (('t', 0, 100, 2), ('z', 3, 4, None))
        """
        return cls(tuple(_parsed(part, text) for part in text.split(",") if text.strip()))


class Chosen(Sequence[tuple[int, ...]]):
    """Indices of frames, the last axis fastest; made when asked for.

    Parameters
    ----------
    ranges
        The places along each axis.
    """

    def __init__(self, ranges: Sequence[range]) -> None:
        self.ranges = tuple(ranges)
        self._count = math.prod(len(places) for places in self.ranges)

    def __repr__(self) -> str:
        return f"Chosen({list(self.ranges)})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Chosen):
            return self.ranges == other.ranges
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.ranges)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> tuple[int, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> list[tuple[int, ...]]: ...
    def __getitem__(self, at: int | slice) -> tuple[int, ...] | list[tuple[int, ...]]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(self._count))]
        rest = at + self._count if at < 0 else at
        if not 0 <= rest < self._count:
            raise IndexError(f"there are {self._count} frames, and none at {at}")
        index = []
        for places in reversed(self.ranges):
            rest, place = divmod(rest, len(places))
            index.append(places[place])
        return tuple(reversed(index))

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return (self[at] for at in range(self._count))

    def __contains__(self, index: object) -> bool:
        return (
            isinstance(index, tuple)
            and len(index) == len(self.ranges)
            and all(at in places for at, places in zip(index, self.ranges, strict=True))
        )

    def index(self, value: tuple[int, ...], start: int = 0, stop: int | None = None) -> int:
        """Where a frame comes in the order; no search.

        Raises
        ------
        ValueError
            If it isn't among them.
        """
        if value not in self:
            raise ValueError(f"frame {value} isn't among those that were chosen")
        at = 0
        for place, places in zip(value, self.ranges, strict=True):
            at = at * len(places) + places.index(place)
        first, last, _ = slice(start, stop).indices(self._count)
        if not first <= at < last:
            raise ValueError(f"frame {value} isn't among those from {first} to {last}")
        return at


def chosen(stack: Stack, selection: Selection | str | None = None) -> Chosen:
    """The frames that are meant, in order.

    Parameters
    ----------
    stack
        Whose frames.
    selection
        Which; text as :meth:`Selection.parse` reads it. None: all.

    Returns
    -------
    sequence of tuple of int
        Indices for :meth:`.Stack.read`, the last axis fastest. A million of them cost nothing.

    Raises
    ------
    StackError
        If the stack has no such axis, or a range has no frames.
    """
    if isinstance(selection, str):
        selection = Selection.parse(selection)
    ranges = {axis: range(length) for axis, length in zip(stack.axes, stack.shape, strict=True)}
    for axis, start, stop, step in selection.ranges if selection is not None else ():
        if axis not in ranges:
            raise StackError(_no_axis(stack, axis))
        length = len(ranges[axis])
        ranges[axis] = range(length)[start:stop:step]
        if not ranges[axis]:
            raise StackError(
                f"frames {_written((axis, start, stop, step))} are none: axis {axis} of "
                f"{stack.name} has {length}, 0 to {length - 1}"
            )
    return Chosen(tuple(ranges.values()))


def _no_axis(stack: Stack, axis: str) -> str:
    names = ", ".join(stack.axes) or "none, it is one plane"
    said = f"{stack.name} has no axis {axis!r} to choose frames of; it has: {names}"
    if len(stack.axes) != 1 or axis not in ("t", "z"):
        return said
    letters = f"{axis}yx{'c' if stack.is_rgb else ''}"
    return f"{said}. If that is {'time' if axis == 't' else 'depth'}, give --axes {letters}"


def _parsed(part: str, text: str) -> AxisRange:
    axis, equals, places = part.partition("=")
    numbers = places.split(":")
    try:
        if not equals or not axis.strip() or len(numbers) > 3:
            raise ValueError
        values = [int(number) if number.strip() else None for number in numbers]
        if len(values) > 1:
            start, stop, step = (*values, None, None)[:3]
            return axis.strip(), start, stop, step
        only = int(places)
    except ValueError:
        raise StackError(
            f"frames {text!r} can't be read at {part!r}; write each axis as t=3, t=0:100 or "
            "t=0:100:2, parted by commas"
        ) from None
    return axis.strip(), only, only + 1 if only != -1 else None, None


def _written(part: AxisRange) -> str:
    axis, *numbers = part
    start, stop, step = ("" if number is None else str(number) for number in numbers)
    return f"{axis}={start}:{stop}" + (f":{step}" if step else "")
