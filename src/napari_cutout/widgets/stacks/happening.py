"""The strip and its legend, kept up with what happens: to each frame, where one is, what runs.

How they look is said in strip.py and legend.py, the order of the frames in course.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.widgets.stacks.course import Course
from napari_cutout.widgets.stacks.pooling import CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from qtpy.QtWidgets import QLabel

    from napari_cutout.layers.stacks.stacks import Stacks
    from napari_cutout.widgets.stacks.legend import Legend
    from napari_cutout.widgets.stacks.strip import FrameStrip

SEEN = 100
"""Milliseconds in which what happened is counted once, however many frames it happened in."""


class Happening(QObject):
    """What happened in each frame.

    Parameters
    ----------
    strip, legend
        Where it is shown.
    words
        Where it is said of the shown frame in words.
    """

    def __init__(self, strip: FrameStrip, legend: Legend, words: QLabel) -> None:
        super().__init__(strip)
        self._strip, self._legend, self._words = strip, legend, words
        self._stacks: Stacks | None = None
        self._course = Course()
        self._counting = self._timer(SEEN, self._count)
        # While layers go, napari moves its sliders before it tells of that.
        self._moved = self._timer(0, self.show_here)
        strip.name_frames(self._name_at, self._text_at)
        strip.asked.connect(self._go_to)
        legend.asked.connect(self._go_to_next)

    @property
    def course(self) -> Course:
        """The order of the frames."""
        return self._course

    @property
    def is_busy(self) -> bool:
        """Whether anything is still to be shown."""
        return self._counting.isActive() or self._moved.isActive()

    @property
    def here(self) -> tuple[int, ...] | None:
        """The frame that is shown; None where none is that could be worked on."""
        stacks = self._stacks
        if stacks is None or stacks.is_closed:
            return None
        try:
            return stacks.stack.index_of(stacks.session.frame)
        except ViewError:
            return None

    def follow(self, stacks: Stacks | None) -> None:
        """Show what happens in other stacks, or nothing."""
        self._counting.stop()
        self._moved.stop()
        self._stacks = stacks
        self.show(Course())

    def show(self, course: Course) -> None:
        """Show other frames, or the same in another order."""
        if course != self._course:
            self._course = course
            self.show_all()

    def show_all(self) -> None:
        """Show all frames anew."""
        stacks = self._stacks
        states = stacks.frame_states.known if stacks is not None and self._is_of_run() else ()
        self._strip.show_codes(self._course.codes(states))
        self._count()

    def show_chosen(self, chosen: NDArray[np.bool_]) -> None:
        """Underline the frames that were chosen."""
        self._strip.show_chosen(chosen)

    def take(self) -> None:
        """Show what happened in the frame that was worked on last, or in all of them."""
        stacks = self._stacks
        current = None if stacks is None else stacks.current
        if stacks is None or current is None or not self._is_of_run():
            self.show_all()
            return
        state = stacks.state_of(current)
        self._strip.show_code(self._course.position(current), CODES[state.state])
        if not self._counting.isActive():
            self._counting.start()

    def show_here_soon(self, _event: object = None) -> None:
        """Another frame was chosen."""
        self._moved.start()

    def show_here(self) -> None:
        """Show where one is, and what is being worked on."""
        stacks, course = self._stacks, self._course
        if stacks is None or not len(course):
            self._strip.show_current(None)
            self._strip.show_working(None)
            self._words.setText("")
            return
        here = self.here
        # The view may be of other frames by now than those that are gone through.
        current = stacks.current if self._is_of_run() else None
        self._strip.show_current(None if here is None else course.position(here))
        self._strip.show_working(None if current is None else course.position(current))
        said = "" if here is None else stacks.state_of(here).text
        self._words.setText(said or ("" if here is None else f"{self.name(here)}: nothing yet"))

    @property
    def working(self) -> str:
        """The frame that is being worked on, in words; empty where it isn't among these."""
        current = None if self._stacks is None else self._stacks.current
        return self.name(current) if current is not None and self._is_of_run() else ""

    def name(self, index: tuple[int, ...]) -> str:
        """A frame in words."""
        course = self._course
        return course.name(course.position(index)) if len(course) else ""

    def _timer(self, milliseconds: int, call: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer

    def _is_of_run(self) -> bool:
        """Whether what happened was in these frames, and not in those of another plane."""
        stack = None if self._stacks is None else self._stacks.stack_of_run
        course = self._course
        return stack is not None and (stack.axes, stack.shape) == (course.axes, course.shape)

    def _count(self) -> None:
        self._legend.show_codes(self._strip.codes)
        self.show_here()

    def _index(self, position: int) -> tuple[int, ...] | None:
        """The frame at a place of the strip: that of the last run, or else beside the shown one."""
        stacks = self._stacks
        if stacks is None:
            return None
        course = self._course
        elsewhere = self.here or (0,) * len(course.shape)
        if len(course.along) < len(course.shape) and len(stacks.frame_states):
            # Where a run went, and not where the sliders of the other axes are now.
            elsewhere = stacks.frame_states[0].index
        return course.index(position, elsewhere)

    def _name_at(self, position: int) -> str:
        return self._course.name(position)

    def _text_at(self, position: int) -> str:
        index = self._index(position)
        return "" if index is None or self._stacks is None else self._stacks.state_of(index).text

    def _go_to(self, position: int) -> None:
        index = self._index(position)
        if index is None or self._stacks is None:
            return
        try:
            self._stacks.go_to(index)
        except SessionError as error:
            self._words.setText(str(error))

    def _go_to_next(self, state: str) -> None:
        self._strip.go_to_next(frozenset({CODES[state]}))
