"""An object on its way through frames, and what a frame has after a step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cutout.stacks.propagating.habits import Habit
    from napari_cutout.stacks.propagating.looks import Look
    from napari_cutout.stacks.propagating.pieces import Piece
    from napari_cutout.stacks.propagating.plan import Course
    from napari_cutout.stacks.propagating.values import CarriedObject


@dataclass(frozen=True, eq=False)
class Traveller:
    """An object on its way.

    Parameters
    ----------
    course
        Where it may go.
    piece
        Its mask where it was last seen.
    place
        Of that frame.
    until
        The place at which it isn't carried any more.
    largest
        Its largest area so far, in pixels.
    habit
        How the model sees it.
    look
        What it looks like; None where that can't be told from what is around it.
    velocity
        (rows, cols) in pixels that it moves from one frame to the next.
    trust
        The product of its scores on the way; 1 where a person gave it.
    doubts
        In how many frames in a row, up to this one, it was doubted.
    """

    course: Course
    piece: Piece
    place: int
    until: int
    largest: int
    habit: Habit
    look: Look | None = None
    velocity: tuple[float, float] = (0.0, 0.0)
    trust: float = 1.0
    doubts: int = 0

    def seen(self, piece: Piece, place: int, score: float, is_doubtful: bool) -> Traveller:
        """The same, seen in a later frame."""
        velocity = (piece.centre - self.piece.centre) / abs(place - self.place)
        largest = max(self.largest, piece.area)
        row, col = velocity.tolist()
        return replace(
            self,
            piece=piece,
            place=place,
            largest=largest,
            habit=self.habit.faded(),
            velocity=(row, col),
            trust=self.trust * score,
            doubts=self.doubts + 1 if is_doubtful else 0,
        )


@dataclass(frozen=True, eq=False)
class Swept:
    """What a sweep makes of a frame.

    Parameters
    ----------
    place
        Of the frame.
    objects
        By id; those that a person gave there are among them.
    problem
        Why the frame can't be read; empty where it can, or needn't be.
    trusts
        By id, of those that are carried, see :class:`Traveller`.
    """

    place: int
    objects: dict[int, CarriedObject]
    problem: str = ""
    trusts: dict[int, float] = field(default_factory=dict)
