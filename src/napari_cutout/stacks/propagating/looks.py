"""What an object looks like beside what is around it, and whether it still does.

A model always finds something where it is asked. That it isn't the object any more is seen from
the pixels: they are rather those of the surroundings than the object's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.windows import Window
from napari_cutout.stacks.propagating.pieces import Piece, depth
from napari_cutout.stacks.propagating.views import view_of, views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.embedding import Embedding

    Greys = NDArray[np.intp]

CLEARLY = 0.7
"""The share of pixels by which those of an object and those around differ at least. Below, as of
cells whose insides are as grey as what is around, nothing is said of any frame."""

_LEVELS = 16
_ROOM = 0.5
_LEAST_ROOM = 3
_FEWEST = 8


@dataclass(frozen=True, eq=False)
class Look:
    """How the greys of an object differ from those around it.

    Parameters
    ----------
    evidence
        ``(levels,)``: by how much each grey speaks for the object, the logarithm of how often it
        is in the object to how often it is around.
    inside, outside
        The mean evidence of the object's pixels and of those around, where a person gave it.

    Notes
    -----
    The mean evidence of a mask is that of a likelihood ratio test between the two. It is the
    surroundings' where it is nearer to theirs; where only the brightness differs, that is where
    less than half of the contrast is left.
    """

    evidence: NDArray[np.float64]
    inside: float
    outside: float

    @classmethod
    def of(cls, inside: Greys, outside: Greys) -> Look | None:
        """Of the greys of an object and of those around; None where they hardly differ."""
        if min(len(inside), len(outside)) < _FEWEST:
            return None
        # Half a pixel more each, as what wasn't seen may be.
        ours, theirs = (
            (np.bincount(some, minlength=_LEVELS) + 0.5) / (len(some) + 0.5 * _LEVELS)
            for some in (inside, outside)
        )
        if 1 - np.minimum(ours, theirs).sum() < CLEARLY:
            return None
        evidence = np.log(ours / theirs)
        return cls(evidence, float(evidence[inside].mean()), float(evidence[outside].mean()))

    def fits(self, greys: Greys) -> bool:
        """Whether greys are rather the object's than those around it."""
        return bool(self.evidence[greys].mean() > (self.inside + self.outside) / 2)


def learn_looks(embedding: Embedding, known: Sequence[Piece]) -> list[Look | None]:
    """How objects look of which a person says what they are.

    Parameters
    ----------
    embedding
        Of the frame.
    known
        The objects in it.
    """
    rooms = [max(_LEAST_ROOM, round(_ROOM * piece.size)) for piece in known]
    pairs = zip(known, rooms, strict=True)
    windows = [piece.around(room, embedding.shape) for piece, room in pairs]
    found = []
    for greys, window, piece, room in zip(
        _greys(embedding, known, windows), windows, known, rooms, strict=True
    ):
        away = -depth(piece.drawn(window))
        near = (away > 1) & (away <= room)
        for other in known:
            near &= ~other.drawn(window)
        found.append(Look.of(greys[away < 0], greys[near]))
    return found


def look_like(
    embedding: Embedding, pieces: Sequence[Piece], looks: Sequence[Look | None]
) -> list[bool]:
    """Whether masks still show what they are said to; True where that can't be told.

    Parameters
    ----------
    embedding
        Of the frame.
    pieces
        The masks in it.
    looks
        Of what each is said to be.
    """
    told = [number for number, look in enumerate(looks) if look is not None]
    some = [pieces[number] for number in told]
    found = [True] * len(pieces)
    read = _greys(embedding, some, [piece.window for piece in some])
    for number, piece, greys in zip(told, some, read, strict=True):
        look = looks[number]
        found[number] = look is None or look.fits(greys[piece.mask])
    return found


def _greys(embedding: Embedding, pieces: Sequence[Piece], windows: Sequence[Window]) -> list[Greys]:
    """The greys of windows around masks, in levels; all that one view shows is read once."""
    seen = views(embedding)
    by_view: dict[Window, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        by_view[view_of(piece, seen, embedding)].append(number)
    found: dict[int, Greys] = {}
    for members in by_view.values():
        boxes = np.array([(w.row, w.col, w.row + w.rows, w.col + w.cols) for w in windows])
        low, high = boxes[members, :2].min(axis=0), boxes[members, 2:].max(axis=0)
        read = embedding.read(Window(*low.tolist(), *(high - low).tolist()))
        levels = (read.mean(axis=2, dtype=np.float32) * np.float32(_LEVELS / 256)).astype(np.intp)
        for number in members:
            window = windows[number]
            # A large frame that is read lazily has fewer pixels than the window.
            rows, cols = (
                (np.arange(length) + start - first) * count // span
                for start, length, first, span, count in zip(
                    (window.row, window.col), (window.rows, window.cols),
                    low.tolist(), (high - low).tolist(), levels.shape, strict=True,
                )
            )  # fmt: skip
            found[number] = levels[np.ix_(rows, cols)]
    return [found[number] for number in range(len(pieces))]
