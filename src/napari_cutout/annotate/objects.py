"""The objects that a person committed, and the ids that they get. No labels image lives here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex
    from napari_cutout.annotate.prompt_state import PromptState


class IdsExhaustedError(ValueError):
    """No id is left in the range of a labels dtype."""


@dataclass(frozen=True, eq=False)
class ObjectRecord:
    """One committed object in one frame. No array of the frame's size is kept.

    Parameters
    ----------
    id
        Its label.
    frame
        Where it is, in the image.
    mask
        ``(h, w)`` bool, the object in its bounding box.
    origin
        ``(row, col)`` of that box in the frame.
    score
        The predicted IoU of the candidate that was chosen.
    prompts
        What it was made from.
    model
        The name of the model.
    """

    id: int
    frame: FrameIndex
    mask: NDArray[np.bool_]
    origin: tuple[int, int]
    score: float
    prompts: PromptState
    model: str = ""

    @property
    def area(self) -> int:
        """The number of pixels."""
        return int(np.count_nonzero(self.mask))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(row0, col0, row1, col1), both corners inside."""
        (row, col), (height, width) = self.origin, self.mask.shape
        return row, col, row + height - 1, col + width - 1


class ObjectTable:
    """The committed objects, in the order of their commits."""

    def __init__(self) -> None:
        self._records: list[ObjectRecord] = []

    def __iter__(self) -> Iterator[ObjectRecord]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: ObjectRecord) -> None:
        """Add a record."""
        self._records.append(record)

    def remove(self, record: ObjectRecord) -> None:
        """Take a record out, if it is there."""
        self._records = [kept for kept in self._records if kept is not record]

    def clear(self) -> None:
        """Take all out."""
        self._records.clear()

    @property
    def largest_id(self) -> int:
        """The largest id of all, 0 without any."""
        return max((record.id for record in self._records), default=0)


def next_id(used: int, dtype: np.dtype[np.integer]) -> int:
    """The id after the largest one used.

    Parameters
    ----------
    used
        The largest id in use.
    dtype
        Of the labels.

    Raises
    ------
    IdsExhaustedError
        If the dtype holds no larger one, with what to do.
    """
    largest = int(np.iinfo(dtype).max)
    if used >= largest:
        raise IdsExhaustedError(
            f"labels of dtype {dtype} hold ids up to {largest}, and {used} is in use; choose "
            f"labels of a wider dtype, for example a new layer with data.astype('{_wider(dtype)}')"
        )
    return max(used, 0) + 1


def _wider(dtype: np.dtype[np.integer]) -> str:
    return "uint16" if dtype.itemsize == 1 else "uint32" if dtype.itemsize == 2 else "uint64"
