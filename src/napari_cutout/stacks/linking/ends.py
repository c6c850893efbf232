"""The ends of tracks that may still go on: where each was seen last, and where it is expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.regions import Regions


@dataclass(frozen=True, eq=False)
class Ends:
    """Objects without successor so far; memory is that of their pixels.

    Parameters
    ----------
    regions
        The objects, as they were seen last.
    nodes
        ``(N,)``: their numbers among all objects of all frames.
    ages
        ``(N,)``: in how many frames ago, 1 for the frame before.
    steps
        ``(N, axes)``: their last movement in pixels a frame, without the drift.
    drifted
        ``(N, axes)``: how far all has drifted since they were seen.
    is_new
        ``(N,)`` bool: those that follow no other object.
    """

    regions: Regions
    nodes: NDArray[np.int64]
    ages: NDArray[np.int64]
    steps: NDArray[np.float64]
    drifted: NDArray[np.float64]
    is_new: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.nodes)

    @classmethod
    def of_frame(
        cls,
        regions: Regions,
        first: int,
        steps: NDArray[np.float64],
        is_new: NDArray[np.bool_],
    ) -> Ends:
        """The objects of the frame that was seen last.

        Parameters
        ----------
        regions
            The objects.
        first
            The number of the first one.
        steps
            Their movements.
        is_new
            Those that follow no other object.
        """
        count = len(regions)
        nodes, ages = np.arange(first, first + count), np.ones(count, np.int64)
        return cls(regions, nodes, ages, steps, np.zeros_like(steps), is_new)

    def moves(self, motion: float) -> NDArray[np.float64]:
        """How far each is expected from where it was: ``(N, axes)`` pixels.

        Parameters
        ----------
        motion
            The share of its last movement that is repeated.
        """
        return self.drifted + motion * self.steps * self.ages[:, None]

    def shifted(self, shift: NDArray[np.float64]) -> Ends:
        """After all has drifted once more, in pixels along each axis."""
        return replace(self, drifted=self.drifted + shift)

    def only(self, keep: NDArray[np.bool_]) -> Ends:
        """Some of them."""
        return Ends(
            self.regions.only(keep),
            self.nodes[keep],
            self.ages[keep],
            self.steps[keep],
            self.drifted[keep],
            self.is_new[keep],
        )

    def older(self) -> Ends:
        """One frame later."""
        return replace(self, ages=self.ages + 1)

    def joined(self, newer: Ends) -> Ends:
        """These and those of a frame that follows."""
        return Ends(
            self.regions.joined(newer.regions),
            np.concatenate([self.nodes, newer.nodes]),
            np.concatenate([self.ages, newer.ages]),
            np.concatenate([self.steps, newer.steps]),
            np.concatenate([self.drifted, newer.drifted]),
            np.concatenate([self.is_new, newer.is_new]),
        )
