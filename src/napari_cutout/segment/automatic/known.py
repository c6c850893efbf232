"""Objects that are in a frame already, and those that were found: who has which pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.windowed.pieces import reshaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cutout.segment.automatic.ground import Ground
    from napari_cutout.segment.automatic.objects import FoundObject


def left_alone(found: Iterable[FoundObject], ground: Ground) -> list[FoundObject]:
    """What is left of objects where known ones keep their pixels; those mostly on them go."""
    if ground.known is None:
        return list(found)
    kept = (_beside(one, ground) for one in found if not ground.is_on_known(one))
    return [one for one in kept if one is not None]


def is_wanted(one: FoundObject, ground: Ground) -> bool:
    """Whether an object lies where objects are looked for: its deepest point decides."""
    return one.point is None or bool(ground.holds(np.array([one.point], float))[0])


def _beside(one: FoundObject, ground: Ground) -> FoundObject | None:
    assert ground.known is not None
    (row, col), (height, width) = one.origin, one.mask.size
    there = ground.known[row : row + height, col : col + width]
    if not there.any():
        return one
    return reshaped(one, one.decode() & ~there, one.origin)
