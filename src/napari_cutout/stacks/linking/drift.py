"""How far all objects of a frame have moved together, as when the stage moves or the dish slips."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.regions import Regions

# Objects: in how many at least a shift is looked for, and of how many at most.
_FEWEST, _MOST = 5, 200

_SAME_SIZE = 0.4
"""The largest difference of the logarithms of areas, or volumes, of the same size."""

# In median diameters: the width of a bin of displacements, and the distance that is near no more.
_BIN, _NEAR = 0.25, 0.5
_MOST_BINS = 1_000_000

# Of all objects, each counted by how near it is: with so many no shift is looked for, and with
# fewer none is believed. It has to be better than none by a factor, too.
_ENOUGH, _LEAST, _BETTER = 0.5, 0.25, 1.3


def common_shift(
    before: Regions, after: Regions, spacing: Sequence[float] | None = None
) -> NDArray[np.float64]:
    """How far the objects of a frame have moved together, in pixels along each axis.

    It is 0 unless clearly more objects find one of their size where the shift puts them.

    Parameters
    ----------
    before, after
        The objects of two successive frames.
    spacing
        The size of a pixel along each axis; only how they compare counts. None: they are alike.
    """
    axes = len(after.shape)
    if min(len(before), len(after)) < _FEWEST:
        return np.zeros(axes)
    sizes = np.ones(axes) if spacing is None else np.asarray(spacing, float) / spacing[-1]
    return _shift(_scaled(before, sizes), _scaled(after, sizes)) / sizes


def _scaled(regions: Regions, sizes: NDArray[np.float64]) -> _Figures:
    diameters = regions.diameters(tuple(sizes.tolist()))
    return _Figures(
        regions.centres * sizes, regions.areas, diameters, np.array(regions.shape) * sizes
    )


class _Figures(NamedTuple):
    """Objects of a frame, all in the width of a pixel.

    Parameters
    ----------
    centres, areas, diameters
        ``(N, axes)`` and ``(N,)``; areas in pixels.
    extent
        ``(axes,)``: of the frame.
    """

    centres: NDArray[np.float64]
    areas: NDArray[np.float64]
    diameters: NDArray[np.float64]
    extent: NDArray[np.float64]


def _shift(before: _Figures, after: _Figures) -> NDArray[np.float64]:
    none = np.zeros(len(after.extent))
    scale = float(np.median(before.diameters))
    agreement = _agreement(before, after, none, scale)
    count = min(len(before.areas), len(after.areas))
    if agreement > _ENOUGH * count:
        return none
    # Among many displacements a few always agree by chance.
    best, most = none, max(_BETTER * agreement, _LEAST * count)
    for start in (none, _voted(before, after, scale)):
        shift = _refined(before, after, start, scale)
        agreement = _agreement(before, after, shift, scale)
        if agreement > most:
            best, most = shift, agreement
    return best


def _voted(before: _Figures, after: _Figures, scale: float) -> NDArray[np.float64]:
    """The displacement that most pairs of objects of the same size have, up to half the frame."""
    count = len(before.areas)
    some = np.unique(np.linspace(0, count - 1, min(count, _MOST)).astype(np.int64))
    growth = np.abs(np.log(after.areas[None] / before.areas[some, None]))
    apart = (after.centres[None] - before.centres[some, None])[growth < _SAME_SIZE]
    reach, axes = after.extent / 2, len(after.extent)
    apart = apart[(np.abs(apart) <= reach).all(axis=1)]
    if not len(apart):
        return np.zeros(axes)
    width = max(_BIN * scale, float(((2 * reach).prod() / _MOST_BINS) ** (1 / axes)))
    bins = [max(1, int(np.ceil(2 * far / width))) for far in reach]
    limits = [(-float(far), float(far)) for far in reach]
    votes, edges = np.histogramdd(apart, bins=bins, range=limits)
    smooth = gaussian_filter(votes, 1.0, mode="constant")
    best = np.unravel_index(int(np.argmax(smooth)), smooth.shape)
    return np.array([some[at : at + 2].mean() for some, at in zip(edges, best, strict=True)])


def _refined(
    before: _Figures, after: _Figures, shift: NDArray[np.float64], scale: float
) -> NDArray[np.float64]:
    """The median movement of objects that have one of their size near where the shift puts them."""
    for _ in range(2):
        distances, growth, found = _nearest(before, after, shift)
        fits = (distances < scale) & (growth < _SAME_SIZE)
        if np.count_nonzero(fits) < _FEWEST:
            break
        shift = np.median(after.centres[found[fits]] - before.centres[fits], axis=0)
    return shift


def _agreement(
    before: _Figures, after: _Figures, shift: NDArray[np.float64], scale: float
) -> float:
    """How many objects have one of their size where the shift puts them; near ones count more."""
    distances, growth, _ = _nearest(before, after, shift)
    near = np.clip(1 - distances / (_NEAR * scale), 0, None)
    return float((near * (growth < _SAME_SIZE)).sum())


def _nearest(
    before: _Figures, after: _Figures, shift: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    distances, found = cKDTree(after.centres).query(before.centres + shift)
    growth = np.abs(np.log(after.areas[found] / before.areas))
    return distances, growth, found
