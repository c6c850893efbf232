"""Looking for everything as a job of a runner: how far it is, what it found so far, its end.

What is looked for is in everything.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.everything.choosing import counted
from napari_cutout.layers.everything.edge_maps import EdgeStep, add_edges
from napari_cutout.layers.everything.more_like import SimilarStep
from napari_cutout.layers.everything.preparing import Part, prepared
from napari_cutout.layers.everything.run import Step
from napari_cutout.layers.everything.showing import EverythingShown
from napari_cutout.layers.long_jobs import LongJob, LongRunner, run_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

    from napari_cutout.layers.session import Session


class EverythingRunning(EverythingShown):
    """As far as it runs. See :class:`.Everything`."""

    def __init__(
        self,
        session: Session,
        run: LongRunner | None = None,
        pause: LongRunner | None = None,
    ) -> None:
        super().__init__(session, pause)
        self._run = run or run_through
        self._job: LongJob | None = None
        self._step = Step()
        self._keep_made: Callable[[Any], None] = lambda _made: None

    @property
    def is_running(self) -> bool:
        """Whether objects are being looked for."""
        return self._job is not None

    @property
    def progress(self) -> tuple[int, int]:
        """Steps done and in all; (0, 0) while that isn't known."""
        return self._step.done, self._step.total

    def cancel(self) -> None:
        """Stop looking; what was found so far stays."""
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """Stop looking, and take away what is shown."""
        self.cancel()
        self._job = None
        super().close()

    def _begin(
        self,
        text: str,
        steps: Callable[[Event], Iterator[Step]],
        keep: Callable[[Any], None],
        *,
        clear: bool = True,
    ) -> None:
        """Run some steps; ``keep`` takes the frame that was made ready."""
        self.cancel()
        if clear:
            self._elsewhere.clear()
            self._show_found(None, more_comes=True)
        self._step, self._keep_made, choice = Step(), keep, self._choice
        job = self._job = LongJob.held_by_none(
            text,
            lambda stop: prepared(partial(steps, stop), choice),
            self._on_step,
            self._on_end,
        )
        self._say(job.text)
        self.events.progress()
        self._run(job)

    def _on_step(self, stop: Event, step: Step | Part) -> None:
        if self._job is None or self._job.cancelled is not stop:
            return
        if isinstance(step, Part):
            if step.found is self._found:
                self._show_layer(step.kind, more_comes=True)
            return
        self._step = step
        where = step.where if isinstance(step, SimilarStep) else None
        if step.made is not None:
            (self._keep_made if where is None else where.keep)(step.made)
        if isinstance(step, EdgeStep) and step.edges is not None:
            add_edges(self.session, step)
        if step.found is not None and where is not None and self._found is not None:
            # One frame is shown, and what was found in the others waits for them to be.
            if len(step.found):
                self._elsewhere[step.found.frame] = step.found
        elif step.found is not None:
            # Its parts come in steps of their own.
            self._take_found(step.found)
            self.events.found()
        if isinstance(step, EdgeStep):
            self._say(f"Looking for edges: step {step.done} of {step.total}.")
        elif step.total:
            self._say(f"Step {step.done} of {step.total}: {counted(step.count)} so far.")
        self.events.progress()

    def _on_end(self, stop: Event, error: Exception | None) -> None:
        if self._job is None or self._job.cancelled is not stop:
            return
        self._job = None
        found = self.count
        self._show_layers()
        if error is not None:
            self._say(str(error))
        elif stop.is_set():
            self._say(f"Cancelled; {counted(found)} found until then.")
        elif isinstance(self._step, EdgeStep):
            self._say("The edges of the frame are in a layer of their own.")
        elif self._elsewhere:
            frames = 1 + len(self._elsewhere)
            every = counted(self._step.count)
            self._say(f"{every} found in {frames} frames. Choose and commit in each of them.")
        elif not found:
            self._say("Nothing was found. Try another mode, or lower thresholds.")
        else:
            self._say(f"{counted(found)} found. Choose among them, then commit.")
        self.events.progress()
