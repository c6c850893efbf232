"""What stays of the candidates that a grid has found so far, crop by crop.

Which boxes suppress which is decided in suppression.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.grid.suppression import Standing

if TYPE_CHECKING:
    from napari_cutout.segment.automatic.grid.candidates import Candidate
    from napari_cutout.segment.automatic.grid.options import GridOptions


class Keeping:
    """Of nearly equal candidates of a crop the best, and of those of several the smallest crop's.

    What stays is known after each candidate, in the order of the reference, and costs no more than
    knowing it once in the end.

    Parameters
    ----------
    options
        With the thresholds.
    crops
        How many there are. Candidates of one crop alone are compared once.
    """

    def __init__(self, options: GridOptions, crops: int) -> None:
        self._options = options
        self._crop = 0
        self._found: list[Candidate] = []
        self._first = 0
        self._of_crop = Standing(options.box_nms_thresh)
        self._of_all = Standing(options.crop_nms_thresh) if crops > 1 else None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Those that stay: by score, or those of smaller crops first."""
        kept = self._of_crop.kept if self._of_all is None else self._of_all.kept
        return tuple(self._found[index] for index in kept)

    def begin_crop(self) -> None:
        """What comes from now on is of the next crop."""
        self._crop += 1
        self._first = len(self._found)
        self._of_crop = Standing(self._options.box_nms_thresh)

    def add(self, one: Candidate) -> None:
        """Take the next candidate of the crop."""
        self._found.append(one)
        worse = -float(np.float32(one.score))
        changed = self._of_crop.add(one.box, (worse,))
        if self._of_all is None:
            return
        # Compared in float32, as the reference does.
        size = np.float32(one.crop.rows * one.crop.cols)
        rank = (-float(np.float32(1) / size), self._crop, worse)
        self._of_all.add(one.box, rank, is_there=False)
        for index in changed:
            self._of_all.show(self._first + index, self._of_crop.stays(index))
