"""Objects that were found against those that are there: which agree, and the figures of that.

Objects are masks in their boxes; they may overlap. Nothing here knows of a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import Objects

THRESHOLDS = tuple(np.linspace(0.5, 0.95, 10).round(2).tolist())
"""The IoUs at which the Data Science Bowl of 2018 counts hits."""

_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Matching:
    """How well objects that were found agree with labelled ones.

    Parameters
    ----------
    ious
        ``(N, M)``: the IoU of each labelled object with each found one.
    """

    ious: NDArray[np.float64]

    @classmethod
    def of(cls, labels: NDArray[np.integer], found: Objects) -> Matching:
        """Compare. O(the frame, and the boxes of what was found).

        Parameters
        ----------
        labels
            ``(rows, cols)``, 0 is background. Ids may be any.
        found
            In the same frame.
        """
        values, numbers = np.unique(labels, return_inverse=True)
        numbers = numbers.reshape(labels.shape) + (values[:1] != 0).any()
        areas = np.bincount(numbers.ravel())
        both = np.zeros((len(areas), len(found)))
        for index, one in enumerate(found):
            (row, col), mask = one.origin, one.decode()
            under = numbers[row : row + mask.shape[0], col : col + mask.shape[1]][mask]
            both[:, index] = np.bincount(under, minlength=len(areas))
        either = areas[:, None] + np.array([one.area for one in found])[None] - both
        return cls((both / np.maximum(either, 1))[1:])

    def hits(self, threshold: float) -> int:
        """How many pairs agree by an IoU above the threshold, each object in one pair at most.

        Above a half there is no choice where found objects share no pixel. Where they do, the
        pairs are chosen so that there are as many as can be.
        """
        if not self.ious.size:
            return 0
        pairs = csr_array(self.ious > threshold)
        return int(np.count_nonzero(maximum_bipartite_matching(pairs) >= 0))

    def average_precision(self, threshold: float) -> float:
        """Hits among all objects, labelled or found: TP / (TP + FP + FN); 1 if there are none."""
        hits = self.hits(threshold)
        every = sum(self.ious.shape) - hits
        return hits / every if every else 1.0

    @cached_property
    def mean_average_precision(self) -> float:
        """The mean over IoUs of 0.5, 0.55, ... 0.95: the figure of the Data Science Bowl."""
        return float(np.mean([self.average_precision(threshold) for threshold in THRESHOLDS]))

    @cached_property
    def panoptic_quality(self) -> float:
        """The sum of IoUs of hits above a half, over TP + FP / 2 + FN / 2; 1 without objects.

        Kirillov et al., Panoptic Segmentation, 2019, equation 1.
        """
        agreeing = np.where(self.ious > _HALF, self.ious, 0)
        hits = agreeing[linear_sum_assignment(agreeing, maximize=True)]
        every = sum(self.ious.shape)
        return float(2 * hits.sum() / every) if every else 1.0
