"""Whether the ids of labelled frames go on from one to the next, or are each frame's own."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.stacks.linking.overlaps import shared
from napari_cutout.stacks.linking.regions import Regions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MOST = 0.5
"""Of objects and those that lie where they were, the share that has the same id at least."""


def check_ids(name: str, frames: Iterable[NDArray[np.integer[Any]]]) -> None:
    """Make sure that an object has one id in all frames.

    Objects move little from one frame to the next: mostly, the one that shares most pixels with
    an object is that object. Nothing is said of frames in which none share any.

    Parameters
    ----------
    name
        Of the sequence.
    frames
        ``(rows, cols)`` integers each.

    Raises
    ------
    FormatError
        If most have another id.
    """
    same, count = 0, 0
    for before, after in pairwise(Regions.of_labels(labels) for labels in frames):
        both = shared(before, after)
        order = np.lexsort((both.pixels, both.before))
        # The last one of each object is the one with most pixels.
        most = order[np.diff(both.before[order], append=-1) != 0]
        same += int((before.ids[both.before[most]] == after.ids[both.after[most]]).sum())
        count += len(most)
    if same < MOST * count:
        raise FormatError(
            f"{name}: the ids don't go on from frame to frame; of {count} objects, {count - same} "
            "have another id than what lies there in the next frame. Give a sequence in which an "
            "object has one id, or judge its frames by themselves with --data"
        )
