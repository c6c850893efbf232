"""Carrying objects of the labels from frame to frame, and what comes of it in each.

Masks are read first, in read_steps.py, and then carried, in propagate_steps.py; how they are
written is in carry_writer.py, and what the person marks in marks.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.logs.found import plain_options
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.coordinates import between
from napari_cutout.layers.stacks.carried import Annotated
from napari_cutout.layers.stacks.carry_plan import CarryPlan, stops_of, with_daughters
from napari_cutout.layers.stacks.carry_writer import CarryWriter
from napari_cutout.layers.stacks.carrying import Carrying
from napari_cutout.layers.stacks.known_objects import Known
from napari_cutout.layers.stacks.marks import StacksMarked
from napari_cutout.layers.stacks.propagate_steps import PropagateTask, propagate_steps
from napari_cutout.layers.stacks.read_steps import MasksRead, ReadTask, read_steps
from napari_cutout.layers.stacks.run import Run
from napari_cutout.layers.stacks.run_writer import RunWriter
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.stacks.propagating.options import PropagateOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.layer_stack import LayerStack
    from napari_cutout.layers.stacks.run import At
    from napari_cutout.stacks.propagating.plan import Direction
    from napari_cutout.stacks.propagating.values import Start

    Index = tuple[int, ...]
    Starts = Mapping[Index, Sequence[Start]]

_NONE: Starts = MappingProxyType({})


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

        Their masks are read first: what is changed until that is done is carried as it is then.
        What is changed later, in a frame that they are carried into, is left as it is.

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

        Notes
        -----
        What only the masks can say is raised where they are read, by the runner of jobs.
        """
        self._check_free()
        stack = self.stack
        if direction not in ("forward", "backward", "both"):
            raise SessionError(
                f"objects are carried forward, backward or both ways, not {direction!r}"
            )
        frames = self._with_shown(stack, self._chosen(stack, "propagate"))
        numbers = with_daughters(self._ids_meant(ids), self._divisions, frames)
        plan = CarryPlan(
            stack,
            {index: stack.frame_of(index) for index in frames},
            numbers,
            direction,
            stops_of(numbers, self._stops, self._divisions, frames),
            dict(self._divisions),
            self._propagate_options,
        )
        writer = RunWriter(self.session, "Carrying objects")
        self._read_masks(plan, writer, numbers, _NONE)

    def _read_masks(
        self, plan: CarryPlan, writer: RunWriter, numbers: Iterable[int], kept: Starts
    ) -> None:
        """Read the masks of objects, which takes its time, and carry them then."""
        session, labels = self.session, writer.labels
        known = Known.of(session._target.objects, numbers, labels.name)
        matrix = between(session.image, labels, session.viewer.dims)
        task = ReadTask(
            known,
            labels,
            session.image,
            pixels_of(labels),
            matrix,
            plan.places,
            plan.check,
            kept,
        )
        found: dict[Index, Sequence[Start]] = {}

        def take(_stacks: StacksPropagating, at: At) -> None:
            if isinstance(at, MasksRead):
                found.update(at.starts)

        run = Run(
            "propagate",
            read_steps(task),
            take,
            lambda _stacks, early: "Nothing was carried yet." if early else "",
            then=partial(_go_on, plan=plan, writer=writer, known=known, starts=found),
            keeps_states=True,
        )
        self._begin(run, f"Reading the masks of {plan.called} …", plan.stack, plan.frames)

    def _carry(self, plan: CarryPlan, writer: RunWriter, starts: Starts) -> None:
        session, stack, options = self.session, plan.stack, plan.options
        equip, keep = session._predictor.equipping(stack.source(plan.frames[0]))
        task = PropagateTask(equip, plan, starts, session.store)

        def write_by(fingerprint: str) -> CarryWriter:
            name, plain = session._predictor.model_name, plain_options(options)
            return CarryWriter(Annotated(session, writer), writer, plain, name, fingerprint)

        carrying = Carrying(plan, starts, write_by, keep)

        def take(stacks: StacksPropagating, at: At) -> None:
            text = carrying.take(at, stacks._states)
            if text:
                stacks._say(text)

        run = Run(
            "propagate",
            propagate_steps(task),
            take,
            lambda _stacks, early: carrying.finish(early),
            writer,
        )
        self._begin(run, f"Carrying {plan.called} …", stack, plan.frames)

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


def _go_on(
    stacks: Any, *, plan: CarryPlan, writer: RunWriter, known: Known, starts: Starts
) -> None:
    """Carry what was read; what was changed while that went on is read again."""
    writer.labels  # noqa: B018 (it says when they aren't the session's any more)
    changed = known.changed(stacks.session._target.objects)
    if not changed:
        stacks._carry(plan, writer, starts)
        return
    kept = {
        index: [start for start in some if start.id not in changed]
        for index, some in starts.items()
    }
    stacks._read_masks(plan, writer, changed, {index: some for index, some in kept.items() if some})
