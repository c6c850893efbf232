"""Rows of numbers that grow at the end, one array for all: what is known of objects over frames.

Ten thousand frames have ten thousand small arrays otherwise, which take more room than what is in
them, and all of it again where they are joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

_FIRST = 64
_GROWTH = 1.25
"""Room for rows to come, each time there is none: what is copied then stays a constant share."""


class Rows:
    """Rows that are added at the end.

    Parameters
    ----------
    dtype
        Of the numbers.
    columns
        Of each row; none where a row is a number.
    """

    def __init__(self, dtype: DTypeLike, *columns: int) -> None:
        self._room: NDArray[Any] = np.empty((0, *columns), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, rows: NDArray[Any]) -> None:
        """Add some."""
        count = self._count + len(rows)
        if count > len(self._room):
            size = max(_FIRST, int(_GROWTH * count))
            room = np.empty((size, *self._room.shape[1:]), self._room.dtype)
            room[: self._count] = self.all()
            self._room = room
        self._room[self._count : count] = rows
        self._count = count

    def all(self) -> NDArray[Any]:
        """All so far, not to be written; they stay what they are when more are added. O(1)."""
        view = self._room[: self._count]
        view.flags.writeable = False
        return view
