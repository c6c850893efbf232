"""Carrying objects of the labels from frame to frame, and what comes of it in each.

The steps of it are in propagate_steps.py; how masks are written, in carry_writer.py; what the
person marks, in marks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.formats.logs.found import plain_options
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.stacks.carried import Annotated
from napari_cutout.layers.stacks.carry_writer import CarryWriter
from napari_cutout.layers.stacks.carrying import Carrying
from napari_cutout.layers.stacks.marks import StacksMarked
from napari_cutout.layers.stacks.propagate_steps import PropagateTask, propagate_steps
from napari_cutout.layers.stacks.run import Run
from napari_cutout.layers.stacks.run_writer import RunWriter
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.stacks.propagating.plan import courses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.layers.everything.job import LongRunner
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.layer_stack import LayerStack
    from napari_cutout.layers.stacks.run import At
    from napari_cutout.stacks.propagating.plan import Direction
    from napari_cutout.stacks.propagating.values import Start

    Index = tuple[int, ...]


class StacksPropagating(StacksMarked):
    """As far as objects are carried. See :class:`.Stacks`."""

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session, run)
        self._propagate_options = PropagateOptions()

    @property
    def propagate_options(self) -> PropagateOptions:
        """How objects are carried, and when that ends."""
        return self._propagate_options

    @propagate_options.setter
    def propagate_options(self, options: PropagateOptions) -> None:
        self._propagate_options = options
        self.events.options()

    def propagate(
        self, ids: int | Iterable[int] | None = None, direction: Direction = "forward"
    ) -> None:
        """Carry objects through the chosen frames, along :attr:`axis`.

        They start from every frame in which they were committed, corrected or painted; there they
        stay as they are, and between two such frames they are carried from both ends. What was
        carried before gives way, so that a correction is carried on by doing it again.

        Parameters
        ----------
        ids
            Of objects of the labels. None: what is previewed, which is committed first; without a
            preview the object that is selected in the labels.
        direction
            Where to from an object's first and last such frame: ``"forward"``, ``"backward"`` or
            ``"both"``.

        Raises
        ------
        SessionError
            If something runs, or there is nothing to carry, or nowhere.
        TargetError
            If the labels can't be written.
        StackError, ViewError
            If there are no such frames, or what was marked contradicts the masks.
        """
        self._check_free()
        session, stack = self.session, self.stack
        if direction not in ("forward", "backward", "both"):
            raise SessionError(
                f"objects are carried forward, backward or both ways, not {direction!r}"
            )
        frames = self._with_shown(stack, self._chosen(stack, "propagate"))
        numbers = self._with_daughters(self._ids_meant(ids), frames)
        writer = RunWriter(session, "Carrying objects")
        annotated = Annotated(session, writer)
        places = {index: stack.frame_of(index) for index in frames}
        starts = annotated.starts(numbers, places)
        self._check_starts(numbers, starts, frames)
        stops = self._stops_of(numbers, frames)
        # What contradicts itself is refused before anything is begun.
        courses(stack, frames, starts, stops, {}, direction)
        carrying = Carrying(frames, places, starts, direction, self._divisions)
        options = self._propagate_options
        equip, keep = session._predictor.equipping(stack.source(frames[0]))
        task = PropagateTask(
            equip,
            stack,
            frames,
            starts,
            options,
            direction,
            stops,
            session.store,
        )

        def write_by(fingerprint: str) -> CarryWriter:
            name = session._predictor.model_name
            return CarryWriter(annotated, writer, plain_options(options), name, fingerprint)

        carrying.begin(write_by, keep)

        def take(stacks: StacksPropagating, at: At) -> None:
            text = carrying.take(at, stacks._states)
            if text:
                stacks._say(text)

        def finish(stacks: StacksPropagating, early: bool) -> str:
            return carrying.finish(early, stacks._states)

        run = Run("propagate", propagate_steps(task), take, finish, writer)
        self._begin(run, f"Carrying {_counted(numbers)} …", stack, frames)

    def _ids_meant(self, ids: int | Iterable[int] | None) -> tuple[int, ...]:
        session = self.session
        if isinstance(ids, Iterable):
            numbers = tuple(sorted({int(number) for number in ids}))
        elif isinstance(ids, int | np.integer):
            numbers = (int(ids),)
        elif session.answers_shown:
            first = session.commit()
            last = session._last_id or first
            numbers = tuple(range(first, last + 1))
        else:
            labels = session.labels
            numbers = () if labels is None else (int(labels.selected_label),)
        known = session.objects.places
        missing = [number for number in numbers if number not in known]
        if not numbers or missing:
            which = f"there is no object {missing[0]}" if missing else "no object is there"
            raise SessionError(
                f"{which} to be carried; cut one out, or select one of the labels' objects"
            )
        return numbers

    def _with_shown(self, stack: LayerStack, frames: Sequence[Index]) -> list[Index]:
        """The frames in order, with the one that is shown: objects start from there."""
        axis = stack.axes.index(self.axis) if stack.axes else None
        shown = stack.index_of(self.session.frame)
        found = {tuple(index) for index in frames}
        beside = next(iter(found))
        if all(at == beside[k] for k, at in enumerate(shown) if k != axis):
            found.add(shown)
        return sorted(found)

    def _with_daughters(self, numbers: Sequence[int], frames: Sequence[Index]) -> tuple[int, ...]:
        """The objects, and those that they divide into in these frames."""
        found = dict.fromkeys(numbers)
        waiting = list(numbers)
        while waiting:
            division = self._divisions.get(waiting.pop())
            if division is not None and division.index in frames:
                waiting += [one for one in division.daughters if one not in found]
                found |= dict.fromkeys(division.daughters)
        return tuple(sorted(found))

    def _stops_of(
        self, numbers: Sequence[int], frames: Sequence[Index]
    ) -> frozenset[tuple[int, Index]]:
        """Where objects stop: as was marked, a mother where she divides, daughters before that."""
        stops = {(one, index) for one, index in self._stops if one in numbers and index in frames}
        for mother, division in self._divisions.items():
            if mother not in numbers or division.index not in frames:
                continue
            stops.add((mother, division.index))
            place = frames.index(division.index)
            if place:
                stops |= {(one, frames[place - 1]) for one in division.daughters}
        return frozenset(stops)

    def _check_starts(
        self,
        numbers: Sequence[int],
        starts: Mapping[Index, Sequence[Start]],
        frames: Sequence[Index],
    ) -> None:
        known = {start.id for some in starts.values() for start in some}
        missing = [number for number in numbers if number not in known]
        if missing:
            raise SessionError(
                f"object {missing[0]} is in none of the {len(frames)} frames but where it was "
                "carried; correct or commit it in one of them, or choose frames with it"
            )
        if len(frames) < 2:
            raise SessionError("there is one frame only; choose more to carry objects through")


def _counted(numbers: Sequence[int]) -> str:
    return f"object {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} objects"
