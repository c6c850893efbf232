"""Neighbouring pixels along an axis that mix the same logits.

How pixels mix logits is read off in upscaling.py; what is made of it is in crossing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Bands:
    """The pixels along an axis by the logits that they mix. ``B`` bands.

    Parameters
    ----------
    starts, lengths
        ``(B,)`` int, their pixels.
    first, last
        ``(B,)`` int, the first logit that is mixed, and the one after the last.
    shares
        ``(K, L, B)`` float32: of the ``k``-th of a band's logits in its ``l``-th pixel; 0 beyond.
    beyond
        ``(L, B)`` float32, 0 where a band has a pixel, else minus infinity.
    """

    starts: NDArray[np.intp]
    lengths: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    shares: Floats
    beyond: Floats

    @classmethod
    def of(cls, mix: Floats, first: NDArray[np.intp], last: NDArray[np.intp]) -> Self:
        """The bands of a mix ``(pixels, logits)`` whose pixels take part of some logits alone."""
        pixels = len(mix)
        is_new = (np.diff(first) != 0) | (np.diff(last) != 0)
        starts = np.concatenate([[0], np.flatnonzero(is_new) + 1])
        lengths = np.diff(np.append(starts, pixels))
        first, last = first[starts], last[starts]
        most, longest = int((last - first).max()), int(lengths.max())
        along = np.arange(longest)[:, None]
        places = np.minimum(starts + along, pixels - 1)
        is_beyond = along >= lengths
        # A band that mixes fewer logits takes its last one again, with no share.
        logits = np.minimum(first + np.arange(most)[:, None], last - 1)
        shares = mix[places, logits[:, None]]
        shares[:, is_beyond] = 0
        shares *= (first + np.arange(most)[:, None] < last)[:, None]
        beyond = np.where(is_beyond, -np.inf, 0).astype(np.float32)
        return cls(starts, lengths, first, last, shares, beyond)

    def within(self, start: int, stop: int) -> Self:
        """The bands of the pixels from ``start`` to before ``stop``, which cut none in two."""
        one, end = np.searchsorted(self.starts, [start, stop])
        part = slice(int(one), int(end))
        return type(self)(
            self.starts[part] - start,
            self.lengths[part],
            self.first[part],
            self.last[part],
            self.shares[..., part],
            self.beyond[:, part],
        )

    def logits(self, step: int) -> NDArray[np.intp]:
        """``(B,)``, the logit that each band mixes as its ``step``-th; its last one, beyond."""
        return np.minimum(self.first + step, self.last - 1)
