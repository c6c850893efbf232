"""What is chosen for the stack of a session: axes, frames, options, stops and divisions.

What is done with them is in running.py and the files above it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, get_args

from napari_cutout.layers.stacks.frame_states import FrameState, FrameStates
from napari_cutout.layers.stacks.layer_stack import LayerStack
from napari_cutout.layers.stacks.way import Way
from napari_cutout.layers.telling import Telling
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.selection import Chosen, Selection, chosen

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from napari_cutout.layers.session import Session

    Index = tuple[int, ...]

Task = Literal["estimate", "embed", "find", "link", "join", "propagate", "export", "import"]
"""What can be done with the frames of a stack."""

ALONG_ONE: tuple[Task, ...] = ("link", "join", "propagate", "export", "import")
"""What goes along one axis; the rest goes along several."""

OF_VOLUMES: tuple[Task, ...] = ("link", "export")
"""What takes whole volumes where those are chosen, and goes along their planes, too."""

_TIME = re.compile(r"t|time.*|frames?", re.IGNORECASE)
_DEPTH = re.compile(r"z|depth|slices?|planes?", re.IGNORECASE)
_CHANNEL = re.compile(r"c|ch|channels?", re.IGNORECASE)


class StacksChosen(Telling):
    """As far as it is chosen what is done. See :class:`.Stacks`."""

    def __init__(self, session: Session) -> None:
        super().__init__("frames", "options", "tracks")
        self.session = session
        self._axis: str | None = None
        self._along: tuple[str, ...] | None = None
        self._volumes = False
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
    def depth(self) -> str:
        """The axis of a volume's planes: that of depth, else the only other one. Empty without."""
        others = [axis for axis in self.axes if axis != self.axis]
        named = [axis for axis in others if _DEPTH.fullmatch(axis)]
        known = (_TIME, _CHANNEL)
        usable = [axis for axis in others if not any(kind.fullmatch(axis) for kind in known)]
        return named[0] if named else usable[0] if len(usable) == 1 else ""

    @property
    def volumes(self) -> bool:
        """Whether linking and exporting take whole volumes, of all chosen planes of :attr:`depth`.

        Linking joins objects over the planes first, by :attr:`volume_options`.
        """
        return self._volumes and bool(self.depth)

    @volumes.setter
    def volumes(self, on: bool) -> None:
        if on and not self.depth:
            raise StackError(
                f"{self.session.image.name!r} has no axis of planes beside {self.axis!r}; volumes "
                "over time have both, t and z"
            )
        self._volumes = bool(on)
        self.events.options()

    def gone_along(self, task: Task) -> tuple[str, ...]:
        """The axes that something goes along."""
        if task not in ALONG_ONE:
            return self.along
        is_of_volumes = task in OF_VOLUMES and self.volumes
        return (self.axis, self.depth) if is_of_volumes else (self.axis,)

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

    def _chosen(self, stack: LayerStack, task: Task, gone: Collection[str] | None = None) -> Chosen:
        """The frames that a task goes through, in order; along other axes than usual, if asked."""
        if task not in get_args(Task):
            raise ValueError(f"stacks are worked on by one of {get_args(Task)}, not by {task!r}")
        here = stack.index_of(self.session.frame)
        ranges = {part[0]: part for part in self._frames.ranges}
        along = set(self.gone_along(task) if gone is None else gone)
        along |= set() if task in ALONG_ONE else {*ranges}
        for axis, at in zip(stack.axes, here, strict=True):
            if axis not in along and (task not in ALONG_ONE or axis not in ranges):
                ranges[axis] = (axis, at, at + 1, None)
        found = chosen(stack, Selection(tuple(ranges.values())))
        if task in ALONG_ONE:
            several = [
                axis
                for axis, places in zip(stack.axes, found.ranges, strict=True)
                if len(places) > 1 and axis not in along
            ]
            if several:
                only = " and ".join(repr(axis) for axis in stack.axes if axis in along)
                one = "one axis" if len(along) == 1 else "two axes"
                raise StackError(
                    f"this goes along {one}, {only}, and the frames {self.frames!r} lie "
                    f"along {several[0]!r} too; name one frame of it, or leave it out"
                )
        return found

    def _way(self, task: Task, *, volumes: bool | None = None) -> Way:
        """The frames of something that goes along one axis, or of volumes along two."""
        stack, axis = self.stack, self.axis
        if not stack.axes:
            raise StackError(f"{stack.name} is one plane: there are no frames to {task}")
        volumes = (task in OF_VOLUMES and self.volumes) if volumes is None else volumes
        depth = self.depth if volumes else ""
        if volumes and not depth:
            raise StackError(f"{stack.name} has no axis of planes beside {axis!r}")
        gone = (axis, depth) if volumes else (axis,)
        frames: Sequence[Index] = self._chosen(stack, task, gone)
        place = stack.axes.index(axis)
        if volumes and stack.axes.index(depth) < place:
            # Volume by volume, though planes come first in the image.
            frames = sorted(frames, key=lambda index: index[place])
        return Way(stack, frames, axis, depth)

    def _check_axis(self, axis: str) -> None:
        if axis not in self.axes:
            known = ", ".join(self.axes) or "none: it is one plane"
            raise StackError(f"{self.session.image.name!r} has no axis {axis!r}; it has {known}")

    def _check_open(self) -> None:
        super()._check_open()
        self.session._check_open()
