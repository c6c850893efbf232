"""Masks that were decoded lately, for objects that are looked at several times in a row."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import FoundObject

_BYTES = 1 << 25


class Decoded:
    """Gives masks of objects, and keeps those it gave last.

    Parameters
    ----------
    room
        Bytes that they may take.
    """

    def __init__(self, room: int = _BYTES) -> None:
        self._room = room
        self._used = 0
        # With the object, so that no other one gets its id meanwhile.
        self._kept: OrderedDict[int, tuple[FoundObject, NDArray[np.bool_]]] = OrderedDict()

    def __call__(self, one: FoundObject) -> NDArray[np.bool_]:
        """The mask ``(h, w)`` bool of an object in its box. It isn't written to."""
        known = self._kept.get(id(one))
        if known is not None:
            self._kept.move_to_end(id(one))
            return known[1]
        mask = one.decode()
        mask.flags.writeable = False
        self._kept[id(one)] = one, mask
        self._used += mask.nbytes
        while self._used > self._room:
            self._used -= self._kept.popitem(last=False)[1][1].nbytes
        return mask
