"""The objects of a labels image: what was committed, their classes, and where their pixels are.

No labels image lives here. How areas follow pixels is in places.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.places import Places
from napari_cutout.segment.mask_options import MaskOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex
    from napari_cutout.annotate.prompt_state import PromptState
    from napari_cutout.formats.logs.found import Found


AS_PREDICTED = MaskOptions()


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
    fingerprint
        The hash of its weights.
    candidate
        Which of the candidates was chosen, 0 for the best.
    options
        How its logits became the mask.
    found
        How it was found, of an object that nobody prompted.
    """

    id: int
    frame: FrameIndex
    mask: NDArray[np.bool_]
    origin: tuple[int, int]
    score: float
    prompts: PromptState
    model: str = ""
    fingerprint: str = ""
    candidate: int = 0
    options: MaskOptions = AS_PREDICTED
    found: Found | None = None

    @property
    def area(self) -> int:
        """The number of pixels."""
        return int(np.count_nonzero(self.mask))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(row0, col0, row1, col1), both corners inside."""
        (row, col), (height, width) = self.origin, self.mask.shape
        return row, col, row + height - 1, col + width - 1


@dataclass(frozen=True)
class ObjectRow:
    """What a table shows of one object.

    Parameters
    ----------
    id
        Its label.
    class_name
        Empty without one.
    area
        Its pixels in the labels, over all frames that are known.
    score
        The lowest of its frames: the one to be looked at. None of an object that was in the
        labels already.
    frames
        Where it lies, in the labels, in rising order.
    prompts
        The number of prompts that it was made from, over all frames.
    model
        The name of the model that made it last.
    """

    id: int
    class_name: str
    area: int
    score: float | None
    frames: tuple[FrameIndex, ...]
    prompts: int
    model: str = ""

    @property
    def is_made_here(self) -> bool:
        """Whether it was committed, rather than found in the labels."""
        return self.score is not None


class ObjectTable:
    """The objects of one labels image.

    Iterating gives the records of what was committed, in the order of the commits; :meth:`rows`
    gives one row for every id that has pixels. An object whose last pixel went away has no row,
    and keeps its records and its class: an undo brings it back.

    Attributes
    ----------
    places
        Where the ids lie. It is told of pixels, and the rows follow.
    """

    def __init__(self) -> None:
        self._records: dict[int, ObjectRecord] = {}
        self._by_id: dict[int, dict[int, ObjectRecord]] = {}
        self._by_frame: dict[tuple[int, FrameIndex], dict[int, ObjectRecord]] = {}
        self._classes: dict[int, str] = {}
        self._rows: dict[int, ObjectRow] = {}
        self._all_rows: tuple[ObjectRow, ...] | None = None
        self.places = Places(self._forget_row)

    def __iter__(self) -> Iterator[ObjectRecord]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: ObjectRecord) -> None:
        """Add a record; one that is there already stays where it is."""
        self._records[id(record)] = record
        self._by_id.setdefault(record.id, {})[id(record)] = record
        self._by_frame.setdefault((record.id, record.frame), {})[id(record)] = record
        self._forget_row(record.id)

    def remove(self, record: ObjectRecord) -> None:
        """Take a record out, if it is there."""
        if self._records.pop(id(record), None) is not None:
            del self._by_id[record.id][id(record)]
            del self._by_frame[record.id, record.frame][id(record)]
            self._forget_row(record.id)

    def clear(self) -> None:
        """Take all out, and forget all pixels and classes."""
        for known in (self._records, self._by_id, self._by_frame, self._classes, self._rows):
            known.clear()
        self._all_rows = None
        self.places = Places(self._forget_row)

    def records_of(self, number: int, frame: FrameIndex | None = None) -> tuple[ObjectRecord, ...]:
        """The records of an id, in the order of the commits; or those of a frame of the image.

        O(the records).
        """
        if frame is None:
            return tuple(self._by_id.get(number, {}).values())
        return tuple(self._by_frame.get((number, frame), {}).values())

    @property
    def largest_id(self) -> int:
        """The largest id of all, 0 without any."""
        return max((*self.places, *(record.id for record in self)), default=0)

    @property
    def ids(self) -> tuple[int, ...]:
        """Those that have pixels, in rising order."""
        return tuple(sorted(self.places))

    @property
    def classes(self) -> Mapping[int, str]:
        """The classes of the ids that have one."""
        return self._classes

    def class_of(self, number: int) -> str:
        """The class of an id; empty without one."""
        return self._classes.get(number, "")

    def set_class(self, number: int, name: str) -> None:
        """Give an id a class; an empty name takes it away."""
        if name:
            self._classes[number] = name
        else:
            self._classes.pop(number, None)
        self._forget_row(number)

    def rows(self) -> tuple[ObjectRow, ...]:
        """A row for each of :attr:`ids`; the row of an object that didn't change is the same."""
        if self._all_rows is None:
            self._all_rows = tuple(self._row(number) for number in self.ids)
        return self._all_rows

    def row(self, number: int) -> ObjectRow | None:
        """The row of an id; None when it has no pixels."""
        return self._row(number) if number in self.places else None

    def _forget_row(self, number: int) -> None:
        self._rows.pop(number, None)
        self._all_rows = None

    def _row(self, number: int) -> ObjectRow:
        row = self._rows.get(number)
        if row is None:
            extents = self.places.of(number)
            records = self.records_of(number)
            row = self._rows[number] = ObjectRow(
                number,
                self.class_of(number),
                sum(extent.area for extent in extents.values()),
                min((record.score for record in records), default=None),
                tuple(sorted(extents, key=lambda frame: frame[:-2])),
                sum(len(record.prompts) for record in records),
                records[-1].model if records else "",
            )
        return row


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
    if used < largest:
        return max(used, 0) + 1
    wider = wider_dtype(dtype)
    remedy = (
        f"copy them into {wider} with Session.widen_labels(), and go on there"
        if wider is not None
        else "choose other labels, or a new layer"
    )
    raise IdsExhaustedError(
        f"labels of dtype {dtype} hold ids up to {largest}, and {used} is in use; {remedy}"
    )


def wider_dtype(dtype: np.dtype[np.integer]) -> np.dtype[np.integer] | None:
    """The next integer dtype that holds more ids, of the same kind; None after the widest."""
    if dtype.itemsize >= 8:
        return None
    return np.dtype(f"{dtype.kind}{2 * dtype.itemsize}")
