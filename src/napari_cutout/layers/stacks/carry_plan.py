"""What is carried where, as it was asked for: changing marks or options later changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import SessionError
from napari_cutout.stacks.propagating.plan import courses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.stacks.division import Division
    from napari_cutout.layers.stacks.layer_stack import LayerStack
    from napari_cutout.stacks.propagating.options import PropagateOptions
    from napari_cutout.stacks.propagating.plan import Direction
    from napari_cutout.stacks.propagating.values import Start

    Index = tuple[int, ...]
    Starts = Mapping[Index, Sequence[Start]]


@dataclass(frozen=True, eq=False)
class CarryPlan:
    """What is to be carried.

    Parameters
    ----------
    stack
        Whose frames.
    places
        The frames that are gone through, in order: what the image calls each.
    numbers
        The ids of the objects, with those that they divide into.
    direction
        Where to.
    stops
        Where objects aren't carried on.
    divisions
        By the id of the mother.
    options
        How.
    """

    stack: LayerStack
    places: Mapping[Index, FrameIndex]
    numbers: tuple[int, ...]
    direction: Direction
    stops: frozenset[tuple[int, Index]]
    divisions: Mapping[int, Division]
    options: PropagateOptions

    @property
    def frames(self) -> tuple[Index, ...]:
        """The frames, in order."""
        return tuple(self.places)

    @property
    def called(self) -> str:
        """The objects in words."""
        numbers = self.numbers
        return f"object {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} objects"

    def check(self, starts: Starts) -> None:
        """Refuse masks of which nothing can be carried, before anything is begun.

        Raises
        ------
        SessionError
            If an object has none, or there is one frame only.
        StackError
            If stops or divisions contradict the masks.
        """
        known = {start.id for some in starts.values() for start in some}
        missing = [number for number in self.numbers if number not in known]
        if missing:
            raise SessionError(
                f"object {missing[0]} is in none of the {len(self.places)} frames but where it "
                "was carried; correct or commit it in one of them, or choose frames with it"
            )
        if len(self.places) < 2:
            raise SessionError("there is one frame only; choose more to carry objects through")
        courses(self.stack, self.frames, starts, self.stops, {}, self.direction)


def with_daughters(
    numbers: Sequence[int], divisions: Mapping[int, Division], frames: Collection[Index]
) -> tuple[int, ...]:
    """The objects, and those that they divide into in some frames."""
    found = dict.fromkeys(numbers)
    waiting = list(numbers)
    while waiting:
        division = divisions.get(waiting.pop())
        if division is not None and division.index in frames:
            waiting += [one for one in division.daughters if one not in found]
            found |= dict.fromkeys(division.daughters)
    return tuple(sorted(found))


def stops_of(
    numbers: Collection[int],
    stops: Iterable[tuple[int, Index]],
    divisions: Mapping[int, Division],
    frames: Sequence[Index],
) -> frozenset[tuple[int, Index]]:
    """Where objects stop: as was marked, a mother where she divides, daughters before that."""
    found = {(one, index) for one, index in stops if one in numbers and index in frames}
    for mother, division in divisions.items():
        if mother not in numbers or division.index not in frames:
            continue
        found.add((mother, division.index))
        place = frames.index(division.index)
        if place:
            found |= {(one, frames[place - 1]) for one in division.daughters}
    return frozenset(found)
