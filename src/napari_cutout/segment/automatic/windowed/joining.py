"""Objects of overlapping windows, joined as they come: each object once, and whole.

An object near a seam is found in two windows or more. Where one of them holds all of it, that one's
answer counts. Where none does, the parts are put together, each pixel from the window that sees it
best. What no later window can change is given out and forgotten, so that memory is bounded by what
lies at the seams.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.windowed.decoded import Decoded
from napari_cutout.segment.automatic.windowed.pieces import (
    agree,
    inside,
    pixels_inside,
    shared_pixels,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.automatic.windowed.lattice import Cell

_MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class _Piece:
    """What a window has of an object."""

    one: FoundObject
    cell: Cell

    @property
    def is_cut(self) -> bool:
        return self.cell.is_cut(self.one.box)

    @property
    def is_central(self) -> bool:
        """Whether no other window sees its middle better."""
        row0, col0, row1, col1 = self.one.box
        core = self.cell.core
        row, col = (row0 + row1) // 2 - core.row, (col0 + col1) // 2 - core.col
        return 0 <= row < core.rows and 0 <= col < core.cols

    def core(self) -> FoundObject | None:
        return inside(self.one, self.cell.core)


@dataclass(eq=False)
class _Group:
    """Pieces that are one object, as far as is known."""

    pieces: list[_Piece] = field(default_factory=list)
    so_far: list[FoundObject] | None = None

    def take(self, pieces: Iterable[_Piece]) -> None:
        self.pieces.extend(pieces)
        self.so_far = None


class Joiner:
    """Takes the objects of the windows of a lattice in their order; gives out joined ones.

    Parameters
    ----------
    nested
        Whether objects may lie in others, as SAM's parts and wholes do. If not, what others cover
        for more than a half is dropped.
    """

    def __init__(self, *, nested: bool = False) -> None:
        self._nested = nested
        self._open: list[_Group] = []
        self._near: list[FoundObject] = []
        self._decoded = Decoded()

    def add(self, cell: Cell, found: Iterable[FoundObject]) -> tuple[FoundObject, ...]:
        """Take the objects of the next window.

        Parameters
        ----------
        cell
            The window, after those given before.
        found
            Its objects, in coordinates of the frame.

        Returns
        -------
        tuple of FoundObject
            Those that no later window can change.
        """
        before = [piece for group in self._open for piece in group.pieces]
        boxes = np.array([piece.one.box for piece in before], np.int64).reshape(-1, 4)
        owner = {id(piece): group for group in self._open for piece in group.pieces}
        alone = []
        for one in found:
            if cell.sees_alone(one.box):
                alone.append(one)
                continue
            piece = _Piece(one, cell)
            groups = [owner[id(other)] for other in self._matching(piece, before, boxes)]
            self._merged(groups, owner).take([piece])
        settled = [g for g in self._open if not any(cell.comes_after(p.one.box) for p in g.pieces)]
        return (*alone, *self._settle(settled, cell.window.row))

    def open(self) -> tuple[FoundObject, ...]:
        """What is there besides, as it stands; later windows may still change it."""
        for group in self._open:
            if group.so_far is None:
                group.so_far = self._resolved(group.pieces)
        return tuple(one for group in self._open for one in group.so_far or ())

    def finish(self) -> tuple[FoundObject, ...]:
        """What is left when no window comes any more."""
        return tuple(self._settle(list(self._open), None))

    def _merged(self, groups: list[_Group], owner: dict[int, _Group]) -> _Group:
        """One group of several; a new one of none."""
        different = list(dict.fromkeys(groups))
        if not different:
            self._open.append(_Group())
            return self._open[-1]
        first, *others = different
        for other in others:
            first.take(other.pieces)
            owner.update({id(piece): first for piece in other.pieces})
            self._open.remove(other)
        return first

    def _settle(self, groups: list[_Group], row: int | None) -> Iterator[FoundObject]:
        """The objects of groups that nothing can change any more."""
        gone = {id(group) for group in groups}
        self._open = [group for group in self._open if id(group) not in gone]
        for group in groups:
            for one in self._settled(group):
                if self._nested:
                    yield one
                elif not self._is_covered(one):
                    self._near.append(one)
                    yield one
        reach = [piece.one.box[0] for group in self._open for piece in group.pieces]
        first = min(reach if row is None else [row, *reach], default=0)
        self._near = [one for one in self._near if one.box[2] >= first]

    def _is_covered(self, one: FoundObject) -> bool:
        boxes = np.array([other.box for other in self._near], np.int64).reshape(-1, 4)
        near = [self._near[index] for index in _meeting(one, boxes)]
        return sum(self._shared(one, other) for other in near) > _MOSTLY * one.area

    def _shared(self, one: FoundObject, other: FoundObject) -> int:
        return shared_pixels(one, other, decode=self._decoded)

    def _matching(
        self, piece: _Piece, others: list[_Piece], boxes: NDArray[np.int64]
    ) -> list[_Piece]:
        """The pieces of windows before that are the same object. Looks only where boxes meet."""
        matching = []
        for index in _meeting(piece.one, boxes):
            other = others[index]
            common = piece.cell.window.shared(other.cell.window)
            if common is not None and agree(piece.one, other.one, common, self._decoded):
                matching.append(other)
        return matching

    def _settled(self, group: _Group) -> list[FoundObject]:
        pieces = group.pieces
        # What a neighbour that sees it better didn't find isn't there.
        if len(pieces) == 1 and not pieces[0].is_central:
            return []
        return self._resolved(pieces) if group.so_far is None else group.so_far

    def _resolved(self, pieces: list[_Piece]) -> list[FoundObject]:
        """The objects that pieces of one are: mostly one."""
        if len(pieces) == 1:
            return [pieces[0].one]
        whole = [piece for piece in pieces if not piece.is_cut]
        if whole:
            return self._apart(sorted(whole, key=self._rank))
        cores = [core for piece in pieces if (core := piece.core()) is not None]
        return [together(cores or [piece.one for piece in pieces])]

    def _rank(self, piece: _Piece) -> tuple[int, float]:
        """Before others comes who has more in its core, then the better one."""
        return -pixels_inside(piece.one, piece.cell.core, self._decoded), -piece.one.score

    def _apart(self, pieces: list[_Piece]) -> list[FoundObject]:
        """Those that the ones before them don't cover."""
        kept: list[FoundObject] = []
        for piece in pieces:
            one = piece.one
            covers = [self._shared(one, other) for other in kept]
            smaller = [min(one.area, other.area) for other in kept]
            if all(c <= _MOSTLY * s for c, s in zip(covers, smaller, strict=True)):
                kept.append(one)
        return kept


def _meeting(one: FoundObject, boxes: NDArray[np.int64]) -> NDArray[np.intp]:
    """Which of ``(N, 4)`` boxes have anything in common with that of an object."""
    row0, col0, row1, col1 = one.box
    meets = (boxes[:, 0] <= row1) & (boxes[:, 2] >= row0)
    meets &= (boxes[:, 1] <= col1) & (boxes[:, 3] >= col0)
    return np.flatnonzero(meets)
