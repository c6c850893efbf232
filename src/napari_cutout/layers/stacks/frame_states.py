"""What happened in each frame of a run, as values: for a strip of marks, and in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

from napari_cutout.stacks.errors import frame_in_words

State = Literal["", "embedded", "found", "linked", "carried", "stopped", "corrected", "failed"]
"""Empty for a frame whose turn hasn't come."""


@dataclass(frozen=True)
class FrameState:
    """What happened in a frame.

    Parameters
    ----------
    index
        Which: a number for each looped axis.
    state
        What; of several things, the one to be looked at.
    text
        The same as a sentence, and why.
    count
        Objects that it is about.
    """

    index: tuple[int, ...]
    state: State = ""
    text: str = ""
    count: int = 0


class FrameStates(Sequence[FrameState]):
    """The frames of a run in their order. Those whose turn hasn't come cost nothing.

    Parameters
    ----------
    frames
        Their indices.
    axes
        Names of the looped axes.
    """

    def __init__(self, frames: Sequence[tuple[int, ...]] = (), axes: tuple[str, ...] = ()) -> None:
        self._frames, self._axes = frames, axes
        self._known: dict[tuple[int, ...], FrameState] = {}

    def __len__(self) -> int:
        return len(self._frames)

    @overload
    def __getitem__(self, at: int) -> FrameState: ...
    @overload
    def __getitem__(self, at: slice) -> list[FrameState]: ...
    def __getitem__(self, at: int | slice) -> FrameState | list[FrameState]:
        if isinstance(at, slice):
            return [self.of(index) for index in self._frames[at]]
        return self.of(self._frames[at])

    def __iter__(self) -> Iterator[FrameState]:
        return (self.of(index) for index in self._frames)

    @property
    def frames(self) -> Sequence[tuple[int, ...]]:
        """The indices."""
        return self._frames

    @property
    def known(self) -> Collection[FrameState]:
        """What happened, of those frames alone where anything did; in no order."""
        return self._known.values()

    def of(self, index: tuple[int, ...]) -> FrameState:
        """What happened in a frame, whether it is one of the run or not."""
        return self._known.get(index) or FrameState(index)

    def set(self, index: tuple[int, ...], state: State, text: str, count: int = 0) -> None:
        """Say what happened in a frame; its name is put before the text."""
        where = frame_in_words(index, self._axes)
        said = f"{where[0].upper()}{where[1:]}: {text}"
        self._known[index] = FrameState(index, state, said, count)

    def keep(self, state: FrameState) -> None:
        """Say again what an earlier run said of a frame."""
        self._known[state.index] = state

    def blank(self) -> FrameStates:
        """The same frames, of which nothing is said."""
        return FrameStates(self._frames, self._axes)

    def failed(self) -> dict[tuple[int, ...], FrameState]:
        """The frames that failed."""
        return {index: one for index, one in self._known.items() if one.state == "failed"}
