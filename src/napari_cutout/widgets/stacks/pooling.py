"""What became of many frames, in as many marks as there is room for. Numbers only, no Qt.

A frame is its position in the order of the stack. Where several frames share a mark, the mark says
the worst that became of any of them. How a mark looks is said in symbols.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

STATES = ("", "embedded", "found", "linked", "carried", "corrected", "stopped", "failed")
"""What may have become of a frame, from nothing to the worst. A frame's code is the place here."""

CODES = {state: code for code, state in enumerate(STATES)}

NOTABLE = frozenset({CODES["corrected"], CODES["stopped"], CODES["failed"]})
"""What a person will want to look at."""


def codes_of(states: Iterable[str]) -> NDArray[np.uint8]:
    """The codes of some states.

    Raises
    ------
    KeyError
        If one isn't among :data:`STATES`.
    """
    return np.fromiter((CODES[state] for state in states), np.uint8)


@dataclass(frozen=True, eq=False)
class Marks:
    """The marks of some frames, from left to right.

    Parameters
    ----------
    edges
        ``(M + 1,)`` int: where each mark begins, and the number of frames.
    codes
        ``(M,)`` uint8: the worst in each.
    """

    edges: NDArray[np.int64]
    codes: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.codes)

    def mark_of(self, frame: int) -> int:
        """The mark that a frame is in."""
        return int(np.searchsorted(self.edges, frame, side="right")) - 1

    def frames_of(self, mark: int) -> range:
        """The frames of a mark."""
        return range(int(self.edges[mark]), int(self.edges[mark + 1]))


def pooled(codes: NDArray[np.uint8], room: int) -> Marks:
    """Marks for frames: one each, or as many as there is room for. O(frames).

    Parameters
    ----------
    codes
        ``(N,)`` uint8, of each frame.
    room
        The most marks, at least one. The frames are shared out as evenly as they can be.
    """
    count = len(codes)
    number = min(count, max(room, 1))
    edges = np.arange(number + 1, dtype=np.int64) * count // max(number, 1)
    worst = np.maximum.reduceat(codes, edges[:-1]) if number else codes
    return Marks(edges, worst)


def worst_frame(codes: NDArray[np.uint8], frames: range) -> int:
    """The first of the frames of a mark that has the worst state among them."""
    return frames.start + int(np.argmax(codes[frames.start : frames.stop]))


def counted(codes: NDArray[np.uint8]) -> dict[str, int]:
    """How many frames there are of each state that occurs, the worst first."""
    numbers = np.bincount(codes, minlength=len(STATES))
    return {
        STATES[code]: int(numbers[code]) for code in reversed(range(len(STATES))) if numbers[code]
    }


def in_words(numbers: dict[str, int]) -> str:
    """Counts as a sentence has them: ``"2 stopped, 1,040 found, 3 with nothing yet"``."""
    said = (f"{number:,} {state or 'with nothing yet'}" for state, number in numbers.items())
    return ", ".join(said)


def next_of(
    codes: NDArray[np.uint8], start: int, wanted: Collection[int], step: int = 1
) -> int | None:
    """The next frame with one of some codes, going round at the end. O(frames).

    Parameters
    ----------
    codes
        ``(N,)`` uint8.
    start
        The frame that one is at; it comes last.
    wanted
        The codes.
    step
        1 for the next, -1 for the one before.

    Returns
    -------
    int or None
        None where there is none.
    """
    places = np.flatnonzero(np.isin(codes, list(wanted)))
    if not len(places):
        return None
    if step > 0:
        at = int(np.searchsorted(places, start, side="right")) % len(places)
    else:
        at = int(np.searchsorted(places, start, side="left")) - 1
    return int(places[at])
