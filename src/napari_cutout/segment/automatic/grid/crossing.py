"""Pixels above thresholds of the logits, of which only those along the outlines are computed.

A pixel is a mix of a few neighbouring logits, with shares of one sum: where all of these are above
a threshold it is above, and where none is it isn't. So logits are brought to the pixels along the
rows, where that costs little, and along the columns only where they lie on both sides of it. How
pixels mix logits is read off in upscaling.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


class Crossing(Protocol):
    """The pixels of a box above any threshold between two that were named before."""

    @property
    def box(self) -> Window:
        """The box, which holds all that are above the lower threshold."""
        ...

    def count(self, level: float) -> int:
        """How many pixels are above a level."""
        ...

    def mask(self, level: float) -> tuple[NDArray[np.bool_], Window] | None:
        """Which are, ``(h, w)`` bool, column by column in memory, in the box where any is."""
        ...


@dataclass(frozen=True, eq=False)
class AllPixels:
    """For pixels that were all computed.

    Parameters
    ----------
    box
        Where they lie.
    pixels
        ``(box.rows, box.cols)`` float32.
    """

    box: Window
    pixels: Floats

    def count(self, level: float) -> int:
        """See :meth:`Crossing.count`."""
        return int(np.count_nonzero(self.pixels > np.float32(level)))

    def mask(self, level: float) -> tuple[NDArray[np.bool_], Window] | None:
        """See :meth:`Crossing.mask`."""
        mask = self.pixels > np.float32(level)
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return None
        row, col = int(rows[0]), int(cols[0])
        mask = np.asfortranarray(mask[row : rows[-1] + 1, col : cols[-1] + 1])
        return mask, Window(self.box.row + row, self.box.col + col, *mask.shape)


@dataclass(frozen=True, eq=False)
class Bands:
    """Neighbouring pixels along an axis that mix the same logits. ``B`` bands.

    Parameters
    ----------
    starts, lengths
        ``(B,)`` int, their pixels.
    first, last
        ``(B,)`` int, the first logit that is mixed, and the one after the last.
    shares
        ``(K, B, L)`` float32: of the ``k``-th of a band's logits in its ``l``-th pixel; 0 beyond.
    beyond
        ``(B, L)`` float32, 0 where a band has a pixel, else minus infinity.
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
        along = np.arange(longest)
        places = np.minimum(starts[:, None] + along, pixels - 1)
        is_beyond = along >= lengths[:, None]
        # A band that mixes fewer logits takes its last one again, with no share.
        logits = np.minimum(first + np.arange(most)[:, None], last - 1)
        shares = mix[places, logits[:, :, None]]
        shares[(first + np.arange(most)[:, None] >= last)] = 0
        shares[:, is_beyond] = 0
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
            self.shares[:, part],
            self.beyond[part],
        )


@dataclass(frozen=True, eq=False)
class AlongBands:
    """For logits that were brought to the pixels along the rows.

    Parameters
    ----------
    box
        In the window.
    bands
        Of the columns of pixels in the box.
    inside
        ``(B, rows)`` bool: in this band, all pixels of the row are above the higher threshold.
    values
        ``(N, L)`` float32, the pixels of the places that are neither inside nor below the lower
        threshold, minus infinity beyond the band.
    band, row
        ``(N,)`` int, which places these are.
    """

    box: Window
    bands: Bands
    inside: NDArray[np.bool_]
    values: Floats
    band: NDArray[np.intp]
    row: NDArray[np.intp]

    @classmethod
    def of(cls, box: Window, bands: Bands, tall: Floats, lowest: float, highest: float) -> Self:
        """Find the places where the pixels of a box have to be computed, and do so.

        Parameters
        ----------
        box
            It holds every pixel above the lower threshold.
        bands
            Of its columns.
        tall
            ``(w, rows)``, the logits that the bands mix, at the rows of the box.
        lowest, highest
            The thresholds.
        """
        above, may_be = tall > np.float32(highest), tall > np.float32(lowest)
        inside, any_above = above[bands.first], may_be[bands.first]
        for step in range(1, len(bands.shares)):
            logit = np.minimum(bands.first + step, bands.last - 1)
            inside &= above[logit]
            any_above |= may_be[logit]
        band, row = np.divmod(np.flatnonzero(any_above & ~inside), tall.shape[1])
        values = bands.beyond[band]
        for step, shares in enumerate(bands.shares):
            logit = np.minimum(bands.first + step, bands.last - 1)
            values += tall[logit[band], row][:, None] * shares[band]
        return cls(box, bands, inside, values, band, row)

    def count(self, level: float) -> int:
        """See :meth:`Crossing.count`."""
        return self._count_inside + int(np.count_nonzero(self.values > np.float32(level)))

    @cached_property
    def _count_inside(self) -> int:
        of_bands = np.add.reduce(self.inside.view(np.uint8), axis=1, dtype=np.int64)
        return int(of_bands @ self.bands.lengths)

    def mask(self, level: float) -> tuple[NDArray[np.bool_], Window] | None:
        """See :meth:`Crossing.mask`."""
        is_above = np.flatnonzero(self.values > np.float32(level))
        place, pixel = np.divmod(is_above, self.values.shape[1])
        bands, rows = self.band[place], self.row[place]
        are_rows, are_bands = (np.asarray(self.inside.any(axis=axis)) for axis in (0, 1))
        are_rows[rows], are_bands[bands] = True, True
        used = np.flatnonzero(are_rows)
        if not len(used):
            return None
        row, height = int(used[0]), int(used[-1] + 1 - used[0])
        used = np.flatnonzero(are_bands)
        among = slice(int(used[0]), int(used[-1]) + 1)
        inside = self.inside[among, row : row + height]
        columns = inside.repeat(self.bands.lengths[among], axis=0)
        col = int(self.bands.starts[among.start])
        columns[self.bands.starts[bands] + pixel - col, rows - row] = True
        # The outermost bands may have pixels on one side only.
        used = np.flatnonzero(columns.any(axis=1))
        first, last = int(used[0]), int(used[-1])
        mask = columns[first : last + 1].T
        return mask, Window(self.box.row + row, self.box.col + col + first, *mask.shape)
