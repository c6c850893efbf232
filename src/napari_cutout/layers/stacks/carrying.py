"""A run that carries objects, as its steps come: what is written, what is said of each frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.stacks.propagate_steps import CarriedTo, EquippedToCarry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.stacks.carried import Division
    from napari_cutout.layers.stacks.carry_writer import CarryWriter
    from napari_cutout.layers.stacks.frame_states import FrameStates, State
    from napari_cutout.layers.stacks.run import At
    from napari_cutout.stacks.propagating.plan import Direction
    from napari_cutout.stacks.propagating.values import CarriedObject, Start

    Index = tuple[int, ...]

_ENDS = ("stopped", "left")


@dataclass(eq=False)
class Carrying:
    """What a run came to so far.

    Parameters
    ----------
    frames
        In order.
    places
        The same in the image.
    starts
        Objects as they were known.
    direction
        Where they are carried to.
    divisions
        That were marked.
    """

    frames: Sequence[Index]
    places: Mapping[Index, FrameIndex]
    starts: Mapping[Index, Sequence[Start]]
    direction: Direction
    divisions: Mapping[int, Division]
    _told: set[tuple[int, Index]] = field(default_factory=set)
    _there: dict[Index, int] = field(default_factory=dict)
    _ended: dict[tuple[int, Index], str] = field(default_factory=dict)
    _failed: set[Index] = field(default_factory=set)
    _write: CarryWriter | None = None

    def begin(self, write_by: Callable[[str], CarryWriter], keep: Callable[[Any], None]) -> None:
        """Know how to write, once the model is there, and who keeps that."""
        self._write_by, self._keep = write_by, keep

    def take(self, at: At, states: FrameStates) -> str:
        """Take the next step; what it came to in words, empty where nothing is to be said."""
        if isinstance(at, EquippedToCarry):
            self._keep(at.found)
            self._write = self._write_by(at.found[0].fingerprint)
            return ""
        assert isinstance(at, CarriedTo)
        assert at.index is not None
        assert self._write is not None, "the model comes first"
        index = at.index
        there = [one for one in at.objects if one.state == "carried"]
        gone = [one.id for one in at.objects if one.state in _ENDS]
        self._write.write(self.places[index], there, gone)
        self._told |= {(one.id, index) for one in at.objects}
        self._there[index] = len(there)
        self._note(at, states)
        return f"Frame {at.done} of {at.total}: {len(there)} carried."

    def finish(self, early: bool, states: FrameStates) -> str:
        """What it came to; what was carried earlier where nothing is now is taken away."""
        if not early and self._write is not None:
            self._clear()
        count, frames = sum(self._there.values()), sum(map(bool, self._there.values()))
        text = f"{count} masks carried into {frames} frames."
        if self._ended:
            (number, index), reason = min(self._ended.items(), key=lambda one: one[0][1])
            rest = len(self._ended) - 1
            more = f" and {rest} more; see the marks" if rest else ""
            text += f" Object {number} ended in frame {_at(index)}: {reason}{more}."
        if self._failed:
            text += f" {len(self._failed)} frames could not be read."
        return text

    def _note(self, at: CarriedTo, states: FrameStates) -> None:
        """Say what happened in a frame: of several things, the one to be looked at."""
        assert at.index is not None
        parts, state = [], ""
        kinds = {kind: [one for one in at.objects if one.state == kind] for kind in _KINDS}
        if kinds["carried"]:
            parts.append(f"{len(kinds['carried'])} carried")
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
        division = self.divisions.get(one.id)
        if division is not None and division.index == index:
            return f"it divided into {division.daughters[0]} and {division.daughters[1]}"
        return one.reason or "it left the frame"

    def _clear(self) -> None:
        """Take away what an earlier run carried to where nothing was carried now."""
        assert self._write is not None
        ids = {start.id for some in self.starts.values() for start in some}
        for number in sorted(ids):
            known = [k for k, index in enumerate(self.frames) if self._is_known(number, index)]
            first = known[0] if self.direction == "forward" else 0
            last = known[-1] if self.direction == "backward" else len(self.frames) - 1
            for index in self.frames[first : last + 1]:
                known_here = self._write.annotated.records(number, self.places[index])
                if known_here and (number, index) not in self._told:
                    self._write.write(self.places[index], (), [number])

    def _is_known(self, number: int, index: Index) -> bool:
        return any(start.id == number for start in self.starts.get(index, ()))


_KINDS = ("carried", "corrected", "stopped", "left")


def _at(index: Index) -> str:
    return ", ".join(map(str, index))
