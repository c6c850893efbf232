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


UNLIKE = "it looks rather like what was around it where it was given"


def doubt(
    piece: Piece | None,
    one: Traveller,
    expected: Piece | None,
    doubtful: str,
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
    doubtful
        What :func:`doubtful` says of it.
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
    if doubtful and one.doubts >= options.patience:
        return f"{doubtful}, and it was doubtful in the frame before" if one.doubts else doubtful
    return ""


def doubtful(
    piece: Piece,
    one: Traveller,
    score: float,
    fits: bool,
    options: PropagateOptions,
) -> str:
    """Why an object may be gone, if that goes on; empty where it is there for all that is seen.

    Parameters
    ----------
    piece
        What was found.
    one
        What it was before.
    score
        How sure that is.
    fits
        Whether it looks as it did, see :func:`.look_like`.
    options
        What is asked for.
    """
    if score < options.min_score:
        return f"its score of {score:.2f} is below {options.min_score:g}"
    if piece.area < options.min_area_share * one.largest:
        return f"{piece.area} pixels are left of the {one.largest} that it had"
    return "" if fits else UNLIKE


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
