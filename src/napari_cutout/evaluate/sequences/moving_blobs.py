"""Discs that move about and divide, as labelled sequences whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.sequences.simulated import TrueSequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def moving_blobs(
    frames: int,
    objects: int,
    seed: int = 0,
    *,
    diameter: float = 20.0,
    spread: float = 2.0,
    speed: float = 0.3,
    divisions: float = 0.0,
    drift: Sequence[tuple[float, float]] = (),
) -> TrueSequence:
    """Discs of several sizes that wander about in a square and may divide.

    Parameters
    ----------
    frames, objects
        How many; objects at the start.
    seed
        Of all that is by chance.
    diameter
        The mean, in pixels.
    spread
        The side of the square that an object has for itself, in mean diameters.
    speed
        How far they move from one frame to the next, in mean diameters; half of it they keep.
    divisions
        The share of objects that divide from one frame to the next.
    drift
        How far all is moved, (rows, cols) in pixels, before each frame but the first.
    """
    chance = np.random.default_rng(seed)
    side = max(int(np.ceil(np.sqrt(objects) * spread * diameter)), int(2 * diameter))
    blobs = _Blobs.placed(chance, objects, side, diameter)
    made: list[NDArray[np.integer[Any]]] = []
    parents: dict[int, int] = {}
    offset = np.zeros(2)
    for number in range(frames):
        if number:
            blobs = blobs.moved(chance, speed * diameter, side)
            blobs, born = blobs.divided(chance, divisions)
            parents |= born
            offset = offset + (drift[number - 1] if number <= len(drift) else (0.0, 0.0))
        made.append(blobs.drawn(side, offset))
    return TrueSequence(tuple(made), parents)


@dataclass(frozen=True, eq=False)
class _Blobs:
    """Discs at a moment: ids ``(N,)``, centres ``(N, 2)``, radii ``(N,)``, movements ``(N, 2)``."""

    ids: NDArray[np.int64]
    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
    steps: NDArray[np.float64]
    free: int

    @classmethod
    def placed(cls, chance: np.random.Generator, count: int, side: int, diameter: float) -> _Blobs:
        """Discs in the cells of a grid."""
        per_side = int(np.ceil(np.sqrt(count)))
        cells = chance.permutation(per_side**2)[:count]
        corners = np.stack(np.divmod(cells, per_side), axis=1)
        centres = (corners + chance.uniform(0.3, 0.7, (count, 2))) * side / per_side
        radii = diameter / 2 * np.exp(chance.normal(0, 0.2, count))
        return cls(np.arange(1, count + 1), centres, radii, np.zeros((count, 2)), count + 1)

    def moved(self, chance: np.random.Generator, speed: float, side: int) -> _Blobs:
        """One frame later; what would leave the square turns round."""
        # Movements of that mean length, half of which is new each time.
        new = chance.normal(0, speed / np.sqrt(2), self.steps.shape)
        steps = 0.5 * self.steps + np.sqrt(0.75) * new
        centres = self.centres + steps
        out = (centres < 0) | (centres > side - 1)
        steps = np.where(out, -steps, steps)
        centres = np.where(centres < 0, -centres, centres)
        centres = np.where(centres > side - 1, 2 * (side - 1) - centres, centres)
        return _Blobs(self.ids, centres, self.radii, steps, self.free)

    def divided(self, chance: np.random.Generator, share: float) -> tuple[_Blobs, dict[int, int]]:
        """Some of them as two of half the area each, and the mothers of those."""
        divides = chance.random(len(self.ids)) < share
        angles = chance.uniform(0, np.pi, int(divides.sum()))
        radii = self.radii[divides] / np.sqrt(2)
        apart = 1.1 * radii[:, None] * np.stack([np.sin(angles), np.cos(angles)], axis=1)
        mothers, centres = self.ids[divides], self.centres[divides]
        daughters = self.free + np.arange(2 * len(mothers))
        keep = ~divides
        made = _Blobs(
            np.concatenate([self.ids[keep], daughters]),
            np.concatenate([self.centres[keep], centres + apart, centres - apart]),
            np.concatenate([self.radii[keep], radii, radii]),
            np.concatenate([self.steps[keep], apart / 2, -apart / 2]),
            self.free + len(daughters),
        )
        return made, dict(zip(daughters.tolist(), np.tile(mothers, 2).tolist(), strict=True))

    def drawn(self, side: int, offset: NDArray[np.float64]) -> NDArray[np.int32]:
        """The labels; of two discs on a pixel it belongs to the one whose centre is nearer."""
        labels = np.zeros((side, side), np.int32)
        nearest = np.full(labels.shape, np.inf, np.float32)
        reach = int(np.ceil(self.radii.max(initial=1)))
        square = np.arange(-reach, reach + 1)
        rows, cols = (axis.ravel() for axis in np.meshgrid(square, square, indexing="ij"))
        centres = self.centres + offset
        for one, centre, radius in zip(self.ids, centres, self.radii, strict=True):
            middle = np.rint(centre).astype(np.int64)
            down, right = rows + middle[0], cols + middle[1]
            away = np.hypot(down - centre[0], right - centre[1]).astype(np.float32)
            inside = (away <= radius) & (np.minimum(down, right) >= 0)
            inside &= np.maximum(down, right) < side
            at = down[inside], right[inside]
            wins = away[inside] < nearest[at]
            at = at[0][wins], at[1][wins]
            nearest[at], labels[at] = away[inside][wins], one
        return labels
