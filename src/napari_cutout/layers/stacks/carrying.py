"""A run that carries objects, as its steps come: what is written, what is said of each frame."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.stacks.propagate_steps import CarriedTo
from napari_cutout.layers.stacks.run import Equipped
from napari_cutout.stacks.errors import frame_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_cutout.layers.stacks.carry_plan import CarryPlan
    from napari_cutout.layers.stacks.carry_writer import CarryWriter
    from napari_cutout.layers.stacks.frame_states import FrameStates, State
    from napari_cutout.layers.stacks.run import At
    from napari_cutout.stacks.propagating.values import CarriedObject, Start

    Index = tuple[int, ...]

_ENDS = ("stopped", "left")


@dataclass(eq=False)
class Carrying:
    """What a run came to so far.

    Parameters
    ----------
    plan
        What is carried.
    starts
        Objects as they were known.
    write_by
        Gives what writes, by the fingerprint of the model.
    keep
        Keeps the model, once it is there.
    """

    plan: CarryPlan
    starts: Mapping[Index, Sequence[Start]]
    write_by: Callable[[str], CarryWriter]
    keep: Callable[[Any], None]
    _told: set[tuple[int, Index]] = field(default_factory=set)
    _there: dict[Index, int] = field(default_factory=dict)
    _ended: dict[tuple[int, Index], str] = field(default_factory=dict)
    _failed: set[Index] = field(default_factory=set)
    _write: CarryWriter | None = None

    def take(self, at: At, states: FrameStates) -> str:
        """Take the next step; what it came to in words, empty where nothing is to be said."""
        if isinstance(at, Equipped):
            self.keep(at.found)
            self._write = self.write_by(at.found[0].fingerprint)
            return ""
        assert isinstance(at, CarriedTo)
        assert at.index is not None
        assert self._write is not None, "the model comes first"
        index = at.index
        there = [one for one in at.objects if one.state == "carried"]
        gone = [one.id for one in at.objects if one.state in _ENDS]
        self._there[index] = self._write.write(self.plan.places[index], there, gone)
        self._told |= {(one.id, index) for one in at.objects}
        self._note(at, states)
        return f"Frame {at.done} of {at.total}: {self._there[index]} carried."

    def finish(self, early: bool) -> str:
        """What it came to; what was carried earlier where nothing is now is taken away."""
        if not early and self._write is not None:
            self._clear()
        text = self._outcome(early)
        if self._ended:
            (number, index), reason = min(self._ended.items(), key=lambda one: one[0][1])
            rest = len(self._ended) - 1
            more = f" and {rest} more; see the marks" if rest else ""
            where = frame_in_words(index, self.plan.stack.axes)
            text += f" Object {number} ended in {where}: {reason}{more}."
        if self._failed:
            text += f" {_counted(len(self._failed), 'frame')} could not be read."
        return text

    def _outcome(self, early: bool) -> str:
        """How much was carried; where there was nothing to do, why."""
        count, frames = sum(self._there.values()), sum(map(bool, self._there.values()))
        if count:
            return f"{_counted(count, 'mask')} carried into {_counted(frames, 'frame')}."
        given = {(start.id, index) for index, some in self.starts.items() for start in some}
        if early or self._told - given or self._failed:
            return "No mask was carried."
        numbers, total = self.plan.numbers, len(self.plan.places)
        who, its = f"object {numbers[0]} has a mask", "its"
        if len(numbers) > 1:
            who, its = f"all {len(numbers)} objects have masks", "their"
        if len(given) == len(numbers) * total:
            return f"There was nothing to carry: {who} of {its} own in all {total} frames."
        where = {"forward": "after", "backward": "before"}.get(self.plan.direction, "beside")
        return f"There was nothing to carry: no frame comes {where} those with {its} own masks."

    def _note(self, at: CarriedTo, states: FrameStates) -> None:
        """Say what happened in a frame: of several things, the one to be looked at."""
        assert at.index is not None
        parts, state = [], ""
        kinds = {kind: [one for one in at.objects if one.state == kind] for kind in _KINDS}
        if kinds["carried"]:
            written, found = self._there[at.index], len(kinds["carried"])
            parts.append(f"{written} carried")
            if written < found:
                parts.append(f"{found - written} had no room, or were corrected meanwhile")
            state = "carried"
        if kinds["corrected"]:
            parts.append(f"{len(kinds['corrected'])} made here")
            state = "corrected"
        ends = [*kinds["stopped"], *kinds["left"]]
        for number, index in list(self._ended):
            if index == at.index:
                del self._ended[number, index]
        for one in ends:
            reason = self._reason(one, at.index)
            self._ended[one.id, at.index] = reason
            parts.append(f"object {one.id} ended: {reason}")
            state = "stopped"
        self._failed.discard(at.index)
        if at.problem:
            self._failed.add(at.index)
            parts.insert(0, at.problem)
            state = "failed"
        chosen: State = state  # type: ignore[assignment]
        states.set(at.index, chosen, "; ".join(parts) + ".", len(at.objects) - len(ends))

    def _reason(self, one: CarriedObject, index: Index) -> str:
        division = self.plan.divisions.get(one.id)
        if division is not None and division.index == index:
            return f"it divided into {division.daughters[0]} and {division.daughters[1]}"
        return one.reason or "it left the frame"

    def _clear(self) -> None:
        """Take away what an earlier run carried to where nothing was carried now."""
        assert self._write is not None
        frames, direction = self.plan.frames, self.plan.direction
        given: dict[int, list[int]] = defaultdict(list)
        for place, index in enumerate(frames):
            for start in self.starts.get(index, ()):
                given[start.id].append(place)
        left: dict[Index, list[int]] = defaultdict(list)
        for number, places in given.items():
            first = places[0] if direction == "forward" else 0
            last = places[-1] if direction == "backward" else len(frames) - 1
            for index in frames[first : last + 1]:
                if (number, index) not in self._told:
                    left[index].append(number)
        for index, numbers in left.items():
            frame, known = self.plan.places[index], self._write.annotated.records
            gone = [number for number in numbers if known(number, frame)]
            if gone:
                self._write.write(frame, (), gone)


_KINDS = ("carried", "corrected", "stopped", "left")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
