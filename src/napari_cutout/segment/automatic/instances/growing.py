"""How large labels become when they grow by a watershed, which is run only where two of them meet.

What is free beside one label alone becomes that one's; of thousands of pixels that are labelled
already, only those at such edges have anything to flow to. What comes of it is that of a watershed
of everything, also where pixels are equally high. Arrays only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.int32]
    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Counts = NDArray[np.int64]


def grown_areas(height: Floats, labels: Labels, mask: Mask, count: int) -> Counts:
    """The pixels of each label ``(count,)`` after a watershed; of the background none.

    Those of scikit-image's ``watershed(-height, labels, mask=mask)``.

    Parameters
    ----------
    height
        ``(rows, cols)``; the highest pixels are flooded first.
    labels
        ``(rows, cols)`` from 0 to ``count - 1``. What isn't in ``mask`` is left out.
    mask
        ``(rows, cols)`` bool, where labels may grow.
    """
    is_free = mask & (labels == 0)
    pieces, _ = ndimage.label(is_free)
    free = np.flatnonzero(is_free)
    piece_of = pieces.ravel()[free]
    shores = _shores(labels, mask, free, piece_of)
    sizes = np.bincount(piece_of)
    piece, label = np.divmod(np.unique(shores.piece * count + shores.label), count)
    is_shared = np.bincount(piece, minlength=len(sizes)) > 1
    if shores.of(is_shared).order_matters(height):
        return _flooded_areas(height, labels, mask, count)
    areas = np.bincount(labels[mask], minlength=count)
    alone = ~is_shared[piece]
    np.add.at(areas, label[alone], sizes[piece[alone]])
    if is_shared.any():
        box, here = _drawn(free[is_shared[piece_of]], labels.shape)
        beside = np.where(mask[box] & _beside(here), labels[box], 0)
        areas += _flooded_areas(height[box], beside, here | (beside > 0), count)
        areas -= np.bincount(beside.ravel(), minlength=count)
    areas[0] = 0
    return areas


def _flooded_areas(height: Floats, labels: Labels, mask: Mask, count: int) -> Counts:
    grown = watershed(-height, labels, mask=mask)  # type: ignore[no-untyped-call]
    areas = np.bincount(np.asarray(grown).ravel(), minlength=count)
    areas[0] = 0
    return areas


def _beside(there: Mask) -> Mask:
    """The pixels that have one of some above, below, left or right."""
    beside = np.zeros_like(there)
    beside[1:] |= there[:-1]
    beside[:-1] |= there[1:]
    beside[:, 1:] |= there[:, :-1]
    beside[:, :-1] |= there[:, 1:]
    return beside


@dataclass(frozen=True, eq=False)
class _Shores:
    """Pixels of labels ``(N,)`` with a free pixel beside them, in the connected piece it is of.

    Pixels are numbered row by row. Each pair of neighbours is there once.
    """

    labelled: NDArray[np.int64]
    label: NDArray[np.int64]
    free: NDArray[np.int64]
    piece: NDArray[np.int64]

    def of(self, wanted: Mask) -> _Shores:
        """Those of some of the pieces."""
        kept = wanted[self.piece]
        return _Shores(self.labelled[kept], self.label[kept], self.free[kept], self.piece[kept])

    def order_matters(self, height: Floats) -> bool:
        """Whether it may matter which of equally high shores of a piece is flooded from first.

        That is arbitrary: it depends on how many others there are. It doesn't matter where none
        of the free pixels beside them is higher than these, as high as another of them, or beside
        two labels.
        """
        level, tallness = height.ravel()[self.labelled], height.ravel()[self.free]
        _, number = np.unique(level, return_inverse=True)
        group = self.piece * (len(level) + 1) + number
        order = np.lexsort((self.labelled, group))
        is_same = group[order][1:] == group[order][:-1]
        is_other = self.labelled[order][1:] != self.labelled[order][:-1]
        tied = np.isin(group, group[order][1:][is_same & is_other])
        if not tied.any():
            return False
        if (tallness > level)[tied].any():
            return True
        # Of one label, it makes no difference from which of its pixels another is flooded.
        facts = np.stack([group, self.free, self.label], axis=1)[tied]
        kept = np.unique(facts, axis=0, return_index=True)[1]
        keys = tallness[tied][kept], facts[kept, 0]
        order = np.lexsort(keys)
        same = [key[order][1:] == key[order][:-1] for key in keys]
        return bool((same[0] & same[1]).any())


def _drawn(places: NDArray[np.int64], shape: tuple[int, ...]) -> tuple[tuple[slice, slice], Mask]:
    """The box of some pixels and of what is beside them, and the pixels drawn in it."""
    rows, cols = np.divmod(places, shape[1])
    top, left = max(int(rows.min()) - 1, 0), max(int(cols.min()) - 1, 0)
    box = slice(top, int(rows.max()) + 2), slice(left, int(cols.max()) + 2)
    here = np.zeros(shape, bool)[box]
    here[rows - top, cols - left] = True
    return box, here


def _shores(
    labels: Labels, mask: Mask, free: NDArray[np.int64], piece_of: NDArray[np.integer]
) -> _Shores:
    """Those of free pixels, of which the pieces are known."""
    rows, cols = labels.shape
    row, col = np.divmod(free, cols)
    found = []
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        is_in = np.flatnonzero(_within(row + down, rows) & _within(col + right, cols))
        there = free[is_in] + down * cols + right
        label = labels.ravel()[there]
        kept = (label > 0) & mask.ravel()[there]
        near = is_in[kept]
        found.append(np.stack([there[kept], label[kept], free[near], piece_of[near]]))
    return _Shores(*np.concatenate(found, axis=1).astype(np.int64))


def _within(places: NDArray[np.int64], length: int) -> Mask:
    return (places >= 0) & (places < length)
