"""Which object is carried from which frame up to which, in which direction. No pixel is read.

Frames are meant by their place in the order in which they are gone through.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.errors import StackError, frame_in_words
from napari_cutout.stacks.propagating.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.propagating.values import Division, Index, Start

Direction = Literal["forward", "backward", "both"]


@dataclass(frozen=True, eq=False)
class Course:
    """Where one object is known, and how far it may be carried.

    Parameters
    ----------
    id
        The object's.
    given
        Its masks as the person has them, by place.
    first
        The first place that it may have.
    end
        Where it is no more, and why; None where nothing says so.
    stops
        Places at which it isn't carried on.
    direction
        Where to from the outermost given masks; between two it is always both.
    """

    id: int
    given: Mapping[int, Piece]
    first: int
    end: tuple[int, str] | None
    stops: frozenset[int]
    direction: Direction

    def legs(self, step: int, count: int) -> list[range]:
        """The places it is carried through in a direction, without those it starts from.

        Parameters
        ----------
        step
            1 forward, -1 backward.
        count
            How many frames there are.
        """
        wanted = self.direction in ("both", "forward" if step > 0 else "backward")
        last = self.first - 1 if step < 0 else count if self.end is None else self.end[0] + 1
        places = sorted(self.given, reverse=step < 0)
        ends = [*places[1:], last if wanted else places[-1] + step]
        found = [range(start + step, end, step) for start, end in zip(places, ends, strict=True)]
        return [leg for leg in found if leg]

    def between(self) -> list[range]:
        """The places between two given ones that follow each other."""
        places = sorted(self.given)
        gaps = (range(one + 1, next_one) for one, next_one in itertools.pairwise(places))
        return [gap for gap in gaps if gap]


def courses(
    stack: Stack,
    frames: Sequence[Index],
    starts: Mapping[Index, Sequence[Start]],
    stops: Collection[tuple[int, Index]],
    divisions: Mapping[int, Division],
    direction: Direction,
) -> list[Course]:
    """The course of every object, by rising id.

    Raises
    ------
    StackError
        If a frame isn't among those gone through, a mask is empty, lies outside its frame or isn't
        the only one of its object there, or stops and divisions contradict the masks.
    """
    if direction not in ("forward", "backward", "both"):
        raise StackError(f"the direction is forward, backward or both, not {direction!r}")
    place_of = {tuple(index): place for place, index in enumerate(frames)}
    if len(place_of) != len(frames):
        raise StackError("a frame is there twice among those to go through; give each once")

    def place(index: Index) -> int:
        if tuple(index) not in place_of:
            raise StackError(
                f"{frame_in_words(tuple(index), stack.axes)} isn't among those to carry through; "
                "choose frames that hold every start, stop and division"
            )
        return place_of[tuple(index)]

    given: dict[int, dict[int, Piece]] = defaultdict(dict)
    born, ends = _divided(stack, divisions, place, given)
    for index, some in starts.items():
        for start in some:
            if start.id in born:
                raise StackError(f"object {start.id} is a daughter already; give it another id")
            _add(given[start.id], place(index), start, stack, index)
    halted: dict[int, set[int]] = defaultdict(set)
    for number, index in stops:
        halted[number].add(place(index))
    found = []
    for number, masks in sorted(given.items()):
        first = born.get(number, 0)
        course = Course(
            number, masks, first, ends.get(number), frozenset(halted[number]), direction
        )
        _check(course, stack, frames)
        found.append(course)
    return found


def _divided(
    stack: Stack,
    divisions: Mapping[int, Division],
    place: Callable[[Index], int],
    given: Mapping[int, dict[int, Piece]],
) -> tuple[dict[int, int], dict[int, tuple[int, str]]]:
    """Where daughters are born, and where mothers end and why."""
    born: dict[int, int] = {}
    ends: dict[int, tuple[int, str]] = {}
    twice = Counter(one.id for division in divisions.values() for one in division.daughters)
    for mother, division in divisions.items():
        names = [daughter.id for daughter in division.daughters]
        if len(names) != 2 or mother in names or any(twice[name] > 1 for name in names):
            raise StackError(
                f"object {mother} divides into two others, not into {names}; give two new ids"
            )
        here = place(division.index)
        ends[mother] = here, f"it divided into {names[0]} and {names[1]}"
        for daughter in division.daughters:
            _add(given[daughter.id], here, daughter, stack, division.index)
            born[daughter.id] = here
    return born, ends


def _add(masks: dict[int, Piece], place: int, start: Start, stack: Stack, index: Index) -> None:
    where = f"object {start.id} in {frame_in_words(tuple(index), stack.axes)}"
    if not isinstance(start.id, int) or start.id < 1:
        raise StackError(f"the id of an object is a whole number from 1 on, not {start.id!r}")
    if place in masks:
        raise StackError(f"{where} has two masks; give one")
    if not isinstance(start.mask, Rle) or not start.mask.area:
        raise StackError(f"{where} has an empty mask; leave it out, or cut it out first")
    (row, col), (height, width) = start.origin, start.mask.size
    rows, cols = stack.frame_shape
    if row < 0 or col < 0 or row + height > rows or col + width > cols:
        raise StackError(
            f"the mask of {where}, {height} x {width} pixels at {(row, col)}, reaches out of the "
            f"frame of {rows} rows and {cols} columns; cut it at the frame's sides"
        )
    piece = Piece.of(start.mask.decode(), (row, col))
    assert piece is not None, "it has pixels"
    masks[place] = piece


def _check(course: Course, stack: Stack, frames: Sequence[Index]) -> None:
    end = len(frames) if course.end is None else course.end[0]
    for place in course.given:
        where = frame_in_words(tuple(frames[place]), stack.axes)
        if place >= end:
            raise StackError(
                f"object {course.id} has a mask in {where}, but divides before; take that away, "
                "or the division"
            )
        if place in course.stops:
            raise StackError(
                f"object {course.id} has a mask in {where} and is to stop there; choose one"
            )
