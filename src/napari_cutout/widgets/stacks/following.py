"""How "Stacks and videos" follows a session and its stacks: what happens there is shown here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import ViewError
from napari_cutout.layers.stacks.stacks import Stacks
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.selection import chosen
from napari_cutout.widgets.job_thread import JobThread
from napari_cutout.widgets.stacks.course import Course
from napari_cutout.widgets.stacks.happening import Happening
from napari_cutout.widgets.stacks.panel import ONE_FRAME, TO_DO, StacksPanel
from napari_cutout.widgets.stacks.tasks import ALONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    import napari
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session
    from napari_cutout.layers.stacks.layer_stack import LayerStack


class FollowingStacks(StacksPanel):
    """The widget as far as it shows what happens."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._stacks: Stacks | None = None
        self._thread = JobThread(self)
        self._thread.failed.connect(self._report)
        self.happening = Happening(self.strip, self.legend, self.words)
        self._frames_shown = ""

    @property
    def stacks(self) -> Stacks | None:
        """What works on the frames, whose methods are called; None without a session."""
        return self._stacks

    @property
    def _worked_with(self) -> Stacks | None:
        return self._stacks

    @property
    def is_busy(self) -> bool:
        """Whether anything runs, or is still to be shown."""
        return self._later.isActive() or self._thread.is_busy or self.happening.is_busy

    def _listen(self, on: bool) -> None:
        super()._listen(on)
        events = self._viewer.dims.events
        for emitter, take in (
            (events.current_step, self.happening.show_here_soon),
            (events.ndisplay, self._show_later),
            (events.order, self._show_later),
        ):
            (emitter.connect if on else emitter.disconnect)(take)

    def _follow(self, session: Session | None) -> None:
        """Work on the frames of another session, or of none."""
        self._thread.stop()
        super()._follow(session)
        if self._stacks is not None:
            self._stacks.close()
        self._stacks = None if session is None else Stacks(session, self._thread)
        self.happening.follow(self._stacks)
        if self._stacks is None:
            return
        events = self._stacks.events
        events.status.connect(self._on_status)
        events.progress.connect(self._on_progress)
        events.frames.connect(self._on_frames)
        events.options.connect(self._show_later)
        self.show_status(TO_DO)

    def _show_all(self) -> None:
        cut_out, session = self._look_up()
        stacks = self._stacks
        if stacks is None or session is None:
            self.show_missing(is_open=cut_out is not None)
            return
        try:
            stack = stacks.stack
        except ViewError as error:
            if stacks.is_running:
                self._on_progress()
            else:
                self.show_nothing(str(error))
            return
        if not stack.axes:
            self.show_nothing(ONE_FRAME)
            return
        if self.ranges.show_axes(stack.axes, stack.shape):
            self._frames_shown = ""
        self._show_frames(stacks, stack)
        self._show_course(stacks.named)
        self.show_options(stacks)
        self.by_hand.show_stacks(stacks, self.happening.name)
        if not self.status:
            self.show_status(stacks.status or TO_DO)
        self._on_progress()

    def _show_frames(self, stacks: Stacks, stack: LayerStack) -> None:
        """Show the frames that are chosen, where that was done elsewhere."""
        if stacks.frames == self.ranges.selection:
            self._frames_shown = stacks.frames
        if stacks.frames == self._frames_shown:
            return
        try:
            found = chosen(stack, stacks.frames)
        except StackError:
            # They were frames along other axes, or more than there are now.
            stacks.frames = self.ranges.selection
        else:
            self.ranges.show_chosen(found.ranges)
        self._frames_shown = stacks.frames

    def _show_course(self, named: Sequence[str] = ()) -> None:
        """Show the frames that the task goes along; on other axes too, where some were named."""
        stacks = self._stacks
        if stacks is None:
            return
        try:
            axes, shape = stacks.axes, stacks.shape
        except ViewError:
            return
        several, gone_along = self.task in ALONG, stacks.gone_along(self.task)
        shown = [*gone_along, *named]
        along = shown if several else [*gone_along]
        self.ranges.show_along(shown, may_choose=several and len(axes) > 1)
        gone = tuple(place for place, name in enumerate(axes) if name in along)
        self.happening.show(Course(axes, shape, gone))
        self.happening.show_chosen(self.ranges.chosen_along(along))

    def _on_status(self, _event: object = None) -> None:
        if self._stacks is not None:
            self.show_status(self._stacks.status)

    def _on_progress(self, _event: object = None) -> None:
        stacks = self._stacks
        if stacks is None:
            return
        self.show_progress(stacks, self.happening.working)
        self.pages["embed"].show_stacks(stacks)
        self.happening.show_here()

    def _on_frames(self, _event: object = None) -> None:
        self.happening.take()

    def _replace(self, name: str, field: str, value: object) -> None:
        """Change a field of some options."""
        if self._stacks is not None:
            options = getattr(self._stacks, name)
            self._tried(lambda: setattr(self._stacks, name, replace(options, **{field: value})))
            self._show_later()
