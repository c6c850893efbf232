"""Whether what was found is still the object, and why not, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.stacks.propagating.values import NOTHING, CarriedObject

if TYPE_CHECKING:
    from napari_cutout.stacks.propagating.options import PropagateOptions
    from napari_cutout.stacks.propagating.pieces import Piece
    from napari_cutout.stacks.propagating.travellers import Traveller
    from napari_cutout.stacks.propagating.values import State

AT_THE_EDGE = 0.35
"""Share of its largest area below which an object at the frame's side counts as gone out."""

OUT = "it went out over the frame's edge"


def doubt(
    piece: Piece | None,
    one: Traveller,
    expected: Piece | None,
    score: float,
    options: PropagateOptions,
) -> str:
    """Why an object isn't carried on; empty where it is.

    Parameters
    ----------
    piece
        What was found; None for nothing.
    one
        What it was before.
    expected
        Where it was looked for.
    score
        How sure that is.
    options
        What is asked for.
    """
    if piece is None or expected is None:
        return "nothing of it was found"
    area = one.piece.area
    change = piece.area / area
    if not 1 / options.max_area_change <= change <= options.max_area_change:
        word = "grew" if change > 1 else "shrank"
        return f"its area {word} from {area} to {piece.area} pixels in one frame"
    overlap = piece.iou(expected)
    if overlap < options.min_overlap:
        return f"it agrees by {overlap:.0%} only with where it was expected (IoU)"
    if score < options.min_score and one.doubts >= options.patience:
        reason = f"its score of {score:.2f} is below {options.min_score:g}"
        return f"{reason}, as in the frame before" if one.doubts else reason
    return ""


def is_out(
    piece: Piece | None, before: Piece, largest: int, reason: str, shape: tuple[int, int]
) -> bool:
    """Whether an object went out of the frame.

    Parameters
    ----------
    piece
        What was found; None for nothing.
    before
        What it was in the frame before.
    largest
        Its largest area so far.
    reason
        What :func:`doubt` says.
    shape
        ``(rows, cols)`` of the frame.
    """
    seen = before if piece is None else piece
    if not seen.touches_side(shape):
        return False
    if piece is None:
        return True
    # Cut by the side and small, it may well stay: only where it is doubted it is gone.
    return bool(reason) and piece.area < AT_THE_EDGE * largest


def ended(number: int, last: Piece, score: float, state: State, reason: str) -> CarriedObject:
    """An object that isn't carried on; its place is where it was last."""
    return CarriedObject(number, NOTHING, last.origin, score, state, reason)
