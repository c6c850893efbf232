"""What is left out of learning to judge on: some frames, or a side of the only one.

A person who begins has one frame with some objects. Without a part that wasn't learned from, nobody
could say whether it got better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.extents import extents_of
from napari_cutout.layers.learning.piece import Piece
from napari_cutout.train.data import LabelledData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.train.data.labelled_data import LabelledSource

LEFT, HELD_OUT = 5, 2
"""Objects of the only frame that are learned from at least, and judged on: fewer say nothing."""

LEAST_SHARE = 0.25
"""Of the objects of the only frame that are judged on, at least: an eighth of a few is none."""


@dataclass(frozen=True, eq=False)
class Split:
    """What is learned from, and what is judged on.

    Parameters
    ----------
    train, validation
        The second may be empty.
    text
        What is judged on, in words.
    """

    train: LabelledData
    validation: LabelledData
    text: str


def split(sources: tuple[LabelledSource, ...], share: float, seed: int) -> Split:
    """Hold some sources out, or a side of the only one.

    Parameters
    ----------
    sources
        Pieces of layers, and files.
    share
        Of them that is held out; 0 for none.
    seed
        Another one chooses others.
    """
    data = LabelledData(sources)
    if not share:
        return Split(data, LabelledData(), "Nothing is held out to judge on.")
    if len(sources) == 1 and isinstance(sources[0], Piece):
        return _sides(sources[0], max(share, LEAST_SHARE))
    train, validation = data.split(share, seed)
    if not validation.sources:
        return Split(train, validation, "There is nothing to hold out and judge on.")
    names = [source.name for source in validation.sources]
    more = f" and {len(names) - 2} more" if len(names) > 3 else ""
    shown = ", ".join(names[: 2 if more else 3])
    return Split(train, validation, f"Judged on {shown}{more}, which it doesn't learn from.")


def _sides(piece: Piece, share: float) -> Split:
    whole = LabelledData((piece,))
    if piece.objects < LEFT + HELD_OUT:
        text = f"{piece.objects} objects are too few to hold some out and judge on."
        return Split(whole, LabelledData(), text)
    labels = piece.kept.read()
    extents = np.array([extent[1:] for extent in extents_of(labels).values()])
    rows, cols = labels.shape
    axis = int(cols >= rows)
    at = _best_cut(extents[:, axis], extents[:, axis + 2], share)
    sides = [(slice(0, at), slice(0, cols)), (slice(at, rows), slice(0, cols))]
    names = [f"{piece.name}, upper part", f"{piece.name}, lower part"]
    if axis:
        sides = [(slice(0, rows), slice(0, at)), (slice(0, rows), slice(at, cols))]
        names = [f"{piece.name}, left part", f"{piece.name}, right part"]
    first, second = (piece.cut(name, box) for name, box in zip(names, sides, strict=True))
    if first is None or second is None:
        return Split(whole, LabelledData(), "The objects can't be parted to judge on some.")
    text = (
        f"Judged on the {second.name.rpartition(', ')[2]} of the frame, with {second.objects} "
        f"of {piece.objects} objects, which it doesn't learn from."
    )
    return Split(LabelledData((first,)), LabelledData((second,)), text)


def _best_cut(low: NDArray[np.int64], high: NDArray[np.int64], share: float) -> int:
    """Where to cut so that about a share of the objects lies beyond, and few are cut.

    Parameters
    ----------
    low, high
        ``(N,)``: the first and the last pixel of each object along the axis.
    """
    middles = np.sort((low + high) / 2)
    count = len(middles)
    wanted = max(round(count * share), HELD_OUT)
    fewest = max(wanted // 2, HELD_OUT)
    most = max(min(2 * wanted, count // 2, count - LEFT), fewest)
    # Between the middles of two objects that follow each other, any place parts as many.
    first, last = middles[count - most - 1], middles[count - fewest]
    places = np.arange(int(np.floor(first)) + 1, max(int(np.ceil(last)), int(first) + 2))
    cut = ((low[:, None] < places) & (high[:, None] >= places)).sum(axis=0)
    beyond = (middles[:, None] >= places).sum(axis=0)
    off = np.abs(beyond - wanted) / count
    return int(places[np.argmin(cut + off)])
