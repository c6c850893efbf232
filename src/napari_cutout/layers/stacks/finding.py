"""Everything in every frame, written into the labels of a session as it is found.

The steps of it are in find_steps.py, and how they run in running.py.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.everything.choosing import counted
from napari_cutout.layers.everything.chosen_way import ChosenWay
from napari_cutout.layers.gathering import FoundBy
from napari_cutout.layers.image.coordinates import between
from napari_cutout.layers.stacks.embedding import StacksEmbedding
from napari_cutout.layers.stacks.find_steps import FindTask, LabelsThere, find_steps
from napari_cutout.layers.stacks.run import Equipped, Run
from napari_cutout.layers.stacks.run_writer import RunWriter
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.segment.automatic.filters import Filters

if TYPE_CHECKING:
    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.run import At
    from napari_cutout.layers.stacks.way import Way


class StacksFinding(ChosenWay, StacksEmbedding):
    """As far as everything is found. See :class:`.Stacks`."""

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session, run)
        self._filters = Filters()

    @property
    def filters(self) -> Filters:
        """What an object needs to be written."""
        return self._filters

    @filters.setter
    def filters(self, filters: Filters) -> None:
        self._filters = filters
        self.events.options()

    def set_filters(self, **values: Any) -> None:
        """Change some of :attr:`filters` by name.

        Raises
        ------
        OptionError
            If a value is out of its range.
        """
        self.filters = replace(self._filters, **values)

    def find_everywhere(self, *, link: bool = False) -> None:
        """Look for all objects in the chosen frames, and write them into the labels as they come.

        Where they meet objects that are there, the session's policy decides.

        Parameters
        ----------
        link
            Whether they are linked afterwards, along :attr:`axis`, in the same undo step.

        Raises
        ------
        SessionError
            If something runs, or the model can't go this way.
        StackError, ViewError, TargetError
            If there are no such frames, or the labels can't be written.
        """
        self._check_free()
        refused = self.why_not(self.mode)
        if refused:
            raise SessionError(refused)
        session, stack = self.session, self.stack
        frames = self._chosen(stack, "find")
        way = self._way("link") if link else None
        writer = RunWriter(session, "Everything in all frames")
        equip, keep = session._predictor.equipping(stack.source(frames[0]))
        by = FoundBy(self.mode, self.options, session._predictor.model_name)
        task = FindTask(
            equip, stack, frames, self.options, self.filters, by, self._known(), session.store
        )
        done = Counts()

        def take(stacks: StacksFinding, at: At) -> None:
            if isinstance(at, Equipped):
                keep(at.found)
            else:
                stacks._take_found(writer, done, at)

        self._begin(
            Run(
                "find",
                find_steps(task),
                take,
                lambda _stacks, early: done.said(early),
                writer,
                None if way is None else partial(_link_too, writer=writer, way=way),
            ),
            "Looking for objects …",
            stack,
            frames,
        )

    def _known(self) -> LabelsThere | None:
        session = self.session
        labels, image = session.labels, session.image
        if labels is None or self.options.known_objects == "ignore":
            return None
        matrix = between(image, labels, session.viewer.dims)
        return LabelsThere(labels, image, pixels_of(labels), matrix)

    def _take_found(self, writer: RunWriter, done: Counts, at: Any) -> None:
        index = at.index
        if at.reason:
            done.failed += 1
            self._states.set(index, "failed", at.reason)
            return
        if at.objects:
            assert self.stack_of_run is not None, "a run has a stack"
            frame = self.stack_of_run.frame_of(index)
            done.objects += len(writer.add(frame, at.objects, at.crops, at.by))
        if at.is_last:
            here, done.before = done.objects - done.before, done.objects
            done.frames += 1
            self._states.set(index, "found", f"{counted(here)} found.", here)
            self._say(f"Frame {at.done} of {at.total}: {counted(done.objects)} so far.")


class Counts:
    """What a run came to so far."""

    def __init__(self) -> None:
        self.frames = self.failed = self.objects = self.before = 0

    def said(self, early: bool) -> str:
        """In words."""
        where = f"{self.frames} frame" + ("" if self.frames == 1 else "s")
        until = " until then" if early else ""
        text = f"{counted(self.objects)} found in {where}{until}."
        if self.failed:
            text += f" {self.failed} could not be read; see the marks."
        return text


def _link_too(stacks: Any, *, writer: RunWriter, way: Way) -> None:
    """Go on with linking what was found."""
    if writer.count:
        stacks._link(writer, way, stacks._states.failed())
