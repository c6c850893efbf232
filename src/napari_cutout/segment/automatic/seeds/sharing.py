"""Who gets pixels that several objects of a window claim: the better one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.windowed.pieces import inside, reshaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.windows import Window


def shared_out(found: Iterable[FoundObject], window: Window, most: float) -> list[FoundObject]:
    """Objects that share no pixel, the best first.

    Parameters
    ----------
    found
        Objects that may overlap.
    window
        What of the frame counts: beyond it they are cut.
    most
        An object of which better ones cover a larger share is dropped.

    Returns
    -------
    list of FoundObject
        O(the boxes), and a bit for each pixel of the window.
    """
    taken = np.zeros((window.rows, window.cols), bool)
    kept = []
    for one in sorted(found, key=lambda one: -one.score):
        here = inside(one, window)
        if here is None:
            continue
        (row, col), (height, width) = here.origin, here.mask.size
        top, left = row - window.row, col - window.col
        place = taken[top : top + height, left : left + width]
        mask = here.decode()
        covered = np.count_nonzero(mask & place)
        if covered > most * here.area:
            continue
        rest = reshaped(here, mask & ~place, here.origin) if covered else here
        if rest is not None:
            place |= mask
            kept.append(rest)
    return kept
