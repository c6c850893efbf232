"""Answers that passed the filters, and become objects once they are asked for.

Which of them stay is decided by their boxes and scores, in keeping.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.segment.automatic.grid.judging import Judged
    from napari_cutout.segment.windows import Window


class Candidate:
    """One answer.

    Parameters
    ----------
    answer
        What it looks like in its crop.
    score
        The predicted IoU.
    point
        ``(row, col)`` of its prompt, in the frame.
    crop
        In which it was found.
    """

    def __init__(
        self, answer: Judged, score: float, point: tuple[float, float], crop: Window
    ) -> None:
        self.score, self.crop = score, crop
        self._answer, self._point = answer, point
        box = answer.silhouette.box
        self._origin = box.row + crop.row, box.col + crop.col

    @property
    def box(self) -> tuple[int, int, int, int]:
        """In the frame, (row0, col0, row1, col1), both corners inside."""
        (row, col), box = self._origin, self._answer.silhouette.box
        return row, col, row + box.rows - 1, col + box.cols - 1

    @cached_property
    def object(self) -> FoundObject:
        """Made when it is first asked for. O(pixels of the box)."""
        return FoundObject(
            mask=Rle.encode(self._answer.silhouette.mask()),
            origin=self._origin,
            score=self.score,
            stability=self._answer.stability,
            window=self.crop,
            point=self._point,
        )


class Made(Sequence[FoundObject]):
    """The objects of candidates, each made when it is first looked at.

    Parameters
    ----------
    candidates
        In this order.
    """

    def __init__(self, candidates: tuple[Candidate, ...]) -> None:
        self._candidates = candidates

    def __len__(self) -> int:
        return len(self._candidates)

    def __iter__(self) -> Iterator[FoundObject]:
        return (one.object for one in self._candidates)

    @overload
    def __getitem__(self, index: int) -> FoundObject: ...

    @overload
    def __getitem__(self, index: slice) -> Made: ...

    def __getitem__(self, index: int | slice) -> FoundObject | Made:
        if isinstance(index, slice):
            return Made(self._candidates[index])
        return self._candidates[index].object
