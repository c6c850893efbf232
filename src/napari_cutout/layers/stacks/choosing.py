"""What is chosen for the stack of a session: axes, frames, options, stops and divisions.

What is done with them is in running.py and the files above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from napari_cutout.layers.stacks.frame_states import FrameState, FrameStates
from napari_cutout.layers.stacks.layer_stack import LayerStack
from napari_cutout.layers.telling import Telling
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.selection import Chosen, Selection, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.layers.session import Session

    Index = tuple[int, ...]

Task = Literal["estimate", "embed", "find", "link", "join", "propagate", "export", "import"]
"""What can be done with the frames of a stack."""

ALONG_ONE: tuple[Task, ...] = ("link", "join", "propagate", "export", "import")
"""What goes along one axis; the rest goes along several."""

_TIME = re.compile(r"t|time.*|frames?", re.IGNORECASE)
_DEPTH = re.compile(r"z|depth|slices?|planes?", re.IGNORECASE)
_CHANNEL = re.compile(r"c|ch|channels?", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Way:
    """Frames along one axis, as they were chosen: the view may be another one later.

    Parameters
    ----------
    stack, frames
        The frames, in order.
    axis
        The name of the axis; empty where there is one frame only.
    """

    stack: LayerStack
    frames: Chosen
    axis: str


class StacksChosen(Telling):
    """As far as it is chosen what is done. See :class:`.Stacks`."""

    def __init__(self, session: Session) -> None:
        super().__init__("frames", "options", "tracks")
        self.session = session
        self._axis: str | None = None
        self._along: tuple[str, ...] | None = None
        self._frames = Selection()
        self._states = FrameStates()

    @property
    def stack(self) -> LayerStack:
        """The image of the session as a stack, of frames like the one that is shown.

        Raises
        ------
        ViewError
            If none is shown that could be prompted.
        """
        session = self.session
        whole: Any = "whole" if session.window == "whole" else None
        dims = session.viewer.dims
        return LayerStack(session.image, session.frame, session.channels, whole, dims)

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the axes that can be gone along."""
        return self.stack.axes

    @property
    def shape(self) -> tuple[int, ...]:
        """How many frames each of them has."""
        return self.stack.shape

    @property
    def along(self) -> tuple[str, ...]:
        """The axes that embedding and finding go along; the others stay where their slider is.

        Until some are chosen: all, but one that is named like that of channels.
        """
        axes = self.axes
        if self._along is not None:
            return tuple(axis for axis in axes if axis in self._along)
        return tuple(axis for axis in axes if not _CHANNEL.fullmatch(axis))

    @along.setter
    def along(self, axes: Sequence[str]) -> None:
        for axis in axes:
            self._check_axis(axis)
        self._along = tuple(axes)
        self.events.options()

    @property
    def axis(self) -> str:
        """The axis that linking, joining and carrying go along.

        Until one is chosen: that of time, else that of depth, else the longest. Empty where there
        is one frame only.
        """
        stack = self.stack
        if self._axis in stack.axes:
            return str(self._axis)
        for kind in (_TIME, _DEPTH):
            named = [axis for axis in stack.axes if kind.fullmatch(axis)]
            if named:
                return named[0]
        lengths = dict(zip(stack.axes, stack.shape, strict=True))
        usual = [axis for axis in stack.axes if not _CHANNEL.fullmatch(axis)] or list(stack.axes)
        return max(usual, key=lambda axis: lengths[axis], default="")

    @axis.setter
    def axis(self, axis: str) -> None:
        self._check_axis(axis)
        self._axis = axis
        self.events.options()

    @property
    def frames(self) -> str:
        """Which frames: ``"t=0:100:2,z=3"``, a slice for each axis; empty for all.

        An axis that is named is gone along, whether or not :attr:`along` has it.
        """
        return str(self._frames)

    @frames.setter
    def frames(self, text: str) -> None:
        selection = Selection.parse(text)
        chosen(self.stack, selection)
        self._frames = selection
        self.events.options()

    @property
    def named(self) -> tuple[str, ...]:
        """The axes that :attr:`frames` names, in its order."""
        return tuple(axis for axis, *_ in self._frames.ranges)

    def count_of(self, task: Task) -> int:
        """How many frames something would go through now.

        Raises
        ------
        StackError, ViewError
            If none can be chosen as they are.
        """
        return len(self._chosen(self.stack, task))

    @property
    def frame_states(self) -> FrameStates:
        """What happened in each frame of the last run, in their order."""
        return self._states

    def state_of(self, index: Index) -> FrameState:
        """What happened in one of them."""
        return self._states.of(tuple(index))

    def _chosen(self, stack: LayerStack, task: Task) -> Chosen:
        """The frames that a task goes through, in order."""
        if task not in get_args(Task):
            raise ValueError(f"stacks are worked on by one of {get_args(Task)}, not by {task!r}")
        here = stack.index_of(self.session.frame)
        ranges = {part[0]: part for part in self._frames.ranges}
        along = {self.axis} if task in ALONG_ONE else {*self.along, *ranges}
        for axis, at in zip(stack.axes, here, strict=True):
            if axis not in along and (task not in ALONG_ONE or axis not in ranges):
                ranges[axis] = (axis, at, at + 1, None)
        found = chosen(stack, Selection(tuple(ranges.values())))
        if task in ALONG_ONE:
            several = [
                axis
                for axis, places in zip(stack.axes, found.ranges, strict=True)
                if len(places) > 1 and axis != self.axis
            ]
            if several:
                raise StackError(
                    f"this goes along one axis, {self.axis!r}, and the frames {self.frames!r} lie "
                    f"along {several[0]!r} too; name one frame of it, or leave it out"
                )
        return found

    def _way(self, task: Task) -> Way:
        """The frames of something that goes along one axis."""
        stack = self.stack
        if not stack.axes:
            raise StackError(f"{stack.name} is one plane: there are no frames to {task}")
        return Way(stack, self._chosen(stack, task), self.axis)

    def _check_axis(self, axis: str) -> None:
        if axis not in self.axes:
            known = ", ".join(self.axes) or "none: it is one plane"
            raise StackError(f"{self.session.image.name!r} has no axis {axis!r}; it has {known}")

    def _check_open(self) -> None:
        super()._check_open()
        self.session._check_open()
