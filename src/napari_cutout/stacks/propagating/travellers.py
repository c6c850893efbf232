"""An object on its way through frames, and what a frame has after a step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cutout.stacks.propagating.pieces import Piece
    from napari_cutout.stacks.propagating.plan import Course
    from napari_cutout.stacks.propagating.values import CarriedObject

FADING = 0.5
"""What of an object's bias is left from one frame to the next: it is learned of one shape."""


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
    bias
        What is taken off the model's logits.
    velocity
        (rows, cols) in pixels that it moves from one frame to the next.
    """

    course: Course
    piece: Piece
    place: int
    until: int
    largest: int
    bias: float = 0.0
    velocity: tuple[float, float] = (0.0, 0.0)

    def seen(self, piece: Piece, place: int) -> Traveller:
        """The same, seen in a later frame."""
        velocity = (piece.centre - self.piece.centre) / abs(place - self.place)
        largest = max(self.largest, piece.area)
        row, col = velocity.tolist()
        bias = self.bias * FADING
        return replace(
            self, piece=piece, place=place, largest=largest, bias=bias, velocity=(row, col)
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
    """

    place: int
    objects: dict[int, CarriedObject]
    problem: str = ""
