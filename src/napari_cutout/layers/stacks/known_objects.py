"""What is known of some objects at a time, taken at once: no pixel is read for it.

Masks are read from it in read_steps.py, in any thread, while the person goes on working.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from napari_cutout.annotate import FrameIndex, ObjectRecord, ObjectTable
    from napari_cutout.annotate.extents import Extent


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of some objects at a time. O(their frames) to take, and no pixel is read.

    Parameters
    ----------
    extents
        Of each object, in the frames of the labels.
    records
        Of each object.
    whole
        Those of which all frames are known.
    """

    extents: Mapping[int, Mapping[FrameIndex, Extent]]
    records: Mapping[int, Sequence[ObjectRecord]]
    whole: frozenset[int]

    @classmethod
    def of(cls, table: ObjectTable, numbers: Iterable[int], name: str) -> Known:
        """What a table says now.

        Parameters
        ----------
        table
            Of the objects.
        numbers
            Their ids.
        name
            Of the labels, for messages.

        Raises
        ------
        TargetError
            If the objects of the labels are still being read.
        """
        places, numbers = table.places, tuple(numbers)
        whole = frozenset(filter(places.is_whole, numbers))
        if places.known == "soon" and len(whole) < len(numbers):
            raise TargetError(
                f"the objects of {name!r} are still being read; try again in a moment"
            )
        return cls(
            {number: dict(places.of(number)) for number in numbers},
            {number: table.records_of(number) for number in numbers},
            whole,
        )

    def changed(self, table: ObjectTable) -> frozenset[int]:
        """The objects that were edited since. O(their frames)."""
        return frozenset(number for number in self.extents if self._is_other(table, number))

    def _is_other(self, table: ObjectTable, number: int) -> bool:
        before, now = self.extents[number], table.places.of(number)
        # Whatever happens to pixels of an object makes its extent in that frame anew.
        if len(before) != len(now) or any(now.get(at) is not one for at, one in before.items()):
            return True
        records = table.records_of(number)
        kept = self.records[number]
        return len(kept) != len(records) or any(map(_is_not, kept, records))


def _is_not(one: object, other: object) -> bool:
    return one is not other
