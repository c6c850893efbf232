"""A person's effort played through: average precision against clicks, in one order or another.

Arrays alone. What each correction costs and gains was asked of a model in corrections.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_cutout.evaluate.judged import ENOUGH
from napari_cutout.evaluate.matching import Matching
from napari_cutout.segment.ranking import frame_doubt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_cutout.evaluate.corrections import CorrectableFrame

Floats = NDArray[np.float64]

NOTHING = 0.1
"""The IoU below which a found object is none, and is thrown away."""

_DECIDING = 1


@dataclass(frozen=True, eq=False)
class Curve:
    """Average precision against effort.

    Parameters
    ----------
    clicks
        ``(S,)`` rising: clicks and keys up to a step, 0 first.
    precision
        ``(S,)``: the mean over frames of the mean average precision then.
    """

    clicks: Floats
    precision: Floats

    def effort_for(self, precision: float) -> float:
        """The clicks after which the precision is reached; infinite if it never is."""
        reached = np.flatnonzero(self.precision >= precision)
        return float(self.clicks[reached[0]]) if len(reached) else float("inf")

    def at(self, clicks: float) -> float:
        """The precision after so many clicks."""
        return float(self.precision[np.searchsorted(self.clicks, clicks, "right") - 1])


def review_curve(frames: Sequence[CorrectableFrame], order: Iterable[tuple[int, int]]) -> Curve:
    """Go through found objects one by one: each is accepted, thrown away, or cut out anew.

    A decision costs a key, cutting out its clicks. What was missed stays missed.

    Parameters
    ----------
    frames
        What was found.
    order
        Pairs (frame, object), each once.
    """
    states = [_State(frame) for frame in frames]
    curve = _Adding(states)
    for number, found in order:
        curve.add(number, states[number].review(found))
    return curve.curve


def frames_curve(frames: Sequence[CorrectableFrame], order: Iterable[int]) -> Curve:
    """Put whole frames right, one after the other, with what was missed in them.

    What is right is seen at a glance. What is thrown away costs a key, cutting out its clicks.

    Parameters
    ----------
    frames
        What was found.
    order
        Their numbers, each once.
    """
    states = [_State(frame) for frame in frames]
    curve = _Adding(states)
    for number in order:
        curve.add(number, states[number].finish())
    return curve.curve


def every_object(frames: Sequence[CorrectableFrame]) -> list[tuple[int, int]]:
    """All pairs (frame, object) of what was found."""
    return [(n, found) for n, one in enumerate(frames) for found in range(one.ious.shape[1])]


def least_sure_first(frames: Sequence[CorrectableFrame]) -> list[tuple[int, int]]:
    """The same, by falling doubt."""
    return sorted(every_object(frames), key=lambda pair: -frames[pair[0]].doubts[pair[1]])


def least_sure_frames_first(frames: Sequence[CorrectableFrame]) -> list[int]:
    """The numbers of frames, by falling doubt."""
    values = [frame_doubt(one.doubts.tolist()) for one in frames]
    return sorted(range(len(frames)), key=lambda number: -values[number])


class _Adding:
    """A curve that grows step by step."""

    def __init__(self, states: list[_State]) -> None:
        self._states = states
        self._each = np.array([state.precision for state in states])
        self._clicks = [0]
        self._precision = [float(self._each.mean())]

    def add(self, number: int, effort: int) -> None:
        """After so much effort a frame is as it is now."""
        self._each[number] = self._states[number].precision
        self._clicks.append(self._clicks[-1] + effort)
        self._precision.append(float(self._each.mean()))

    @property
    def curve(self) -> Curve:
        return Curve(np.array(self._clicks, float), np.array(self._precision))


class _State:
    """The columns of IoUs that a frame holds, as they are put right."""

    def __init__(self, frame: CorrectableFrame) -> None:
        self.frame = frame
        self._columns = dict(enumerate(frame.ious.T))
        self._cut_out: set[int] = set()
        self.precision = self._judged()

    def review(self, number: int) -> int:
        """Look at one object that was found, and put it right; what that takes."""
        column = self._columns[number]
        wanted = int(np.argmax(column)) if len(column) else -1
        if wanted >= 0 and column[wanted] >= ENOUGH:
            return _DECIDING
        del self._columns[number]
        effort = _DECIDING
        if wanted >= 0 and column[wanted] >= NOTHING and not self._is_there(wanted):
            effort += self._make(wanted)
        self.precision = self._judged()
        return effort

    def finish(self) -> int:
        """Put everything right, also what was missed; what that takes."""
        wrong = [number for number, of in self._columns.items() if not (of >= ENOUGH).any()]
        effort = sum(self.review(number) for number in wrong)
        missed = (n for n in range(len(self.frame.clicks)) if not self._is_there(n))
        effort += sum(self._make(wanted) for wanted in missed)
        self.precision = self._judged()
        return effort

    def _make(self, wanted: int) -> int:
        """Cut out a labelled object; the clicks that it takes."""
        self._columns[-1 - wanted] = self.frame.cut_out[:, wanted]
        self._cut_out.add(wanted)
        return int(self.frame.clicks[wanted])

    def _is_there(self, wanted: int) -> bool:
        """Whether a labelled object was found well enough, or cut out."""
        found = any(column[wanted] >= ENOUGH for column in self._columns.values())
        return found or wanted in self._cut_out

    def _judged(self) -> float:
        columns = list(self._columns.values())
        ious = np.stack(columns, axis=1) if columns else np.zeros((len(self.frame.clicks), 0))
        return Matching(ious).mean_average_precision
