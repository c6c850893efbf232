"""A mask as polygons along the edges of its pixels. The way back, exact, is in filling.py.

Vertices are (x, y) as in the files that hold polygons: pixel corners. Pixel (row, col) covers x
from col to col + 1, y from row to row + 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Ring = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Polygon:
    """One connected piece of a mask.

    Parameters
    ----------
    outer
        ``(N, 2)`` (x, y), corners only, the first not repeated; clockwise on the screen.
    holes
        The same of each hole, the other way round.
    """

    outer: Ring
    holes: tuple[Ring, ...] = ()

    @property
    def rings(self) -> tuple[Ring, ...]:
        """The outer ring and the holes."""
        return (self.outer, *self.holes)


def outlines(mask: NDArray[np.bool_], origin: tuple[int, int] = (0, 0)) -> tuple[Polygon, ...]:
    """The polygons of a mask: one for each piece of pixels that share edges.

    No ring passes a point twice, and no two rings share more than points: pixels that only touch
    at a corner are polygons of their own, holes that do are two. So they are valid for geometry
    libraries, and by the even-odd rule they cover the pixels of the mask and nothing else.

    Parameters
    ----------
    mask
        ``(h, w)`` bool.
    origin
        (row, col) of its first pixel in the frame.

    Notes
    -----
    O(the box) in numpy, and O(corners) in Python.
    """
    if not mask.any():
        return ()
    rings = [ring for walk in _walks(mask) for ring in _simple(walk)]
    offset = np.array([origin[1], origin[0]])
    outer = [ring for ring in rings if _doubled_area(ring) > 0]
    holes = [ring for ring in rings if _doubled_area(ring) < 0]
    if len(outer) == 1 or not holes:
        shared = tuple(ring + offset for ring in holes)
        return tuple(Polygon(ring + offset, shared) for ring in outer)
    pieces, _ = ndimage.label(mask)
    inside: dict[int, list[Ring]] = {}
    for ring in holes:
        inside.setdefault(_piece(ring, pieces), []).append(ring + offset)
    return tuple(
        Polygon(ring + offset, tuple(inside.get(_piece(ring, pieces), ()))) for ring in outer
    )


def _walks(mask: NDArray[np.bool_]) -> Iterator[Ring]:
    """Along all edges between mask and background, the mask on the right hand on the screen.

    Where two pixels touch at a corner only, the walk turns right, around one of them.
    """
    padded = np.pad(mask.astype(np.int8), 1)
    across = _straights(np.diff(padded, axis=0)[:, 1:-1])
    down = _straights(-np.diff(padded, axis=1)[1:-1].T)[:, [1, 0, 3, 2, 4]]
    after_across = _next(across, down, np.ones(len(across), bool))
    after_down = _next(down, across, np.zeros(len(down), bool))
    turns = after_down[after_across].tolist()
    ends = np.stack([across[:, 2:4], down[after_across, 2:4]], axis=1)
    left = np.ones(len(turns), bool)
    for start in range(len(turns)):
        if not left[start]:
            continue
        walk, at = [], start
        while left[at]:
            left[at] = False
            walk.append(at)
            at = turns[at]
        # Of each straight across and the one down after it: where they end.
        yield ends[walk].reshape(-1, 2)


def _straights(steps: NDArray[np.int8]) -> NDArray[np.int64]:
    """Runs of equal steps along the rows: x, y of start and end, and the direction 1 or -1."""
    padded = np.pad(steps, ((0, 0), (1, 1)))
    changes = padded[:, 1:] != padded[:, :-1]
    begins = np.argwhere(changes & (padded[:, 1:] != 0))
    ends = np.argwhere(changes & (padded[:, :-1] != 0))
    y, low, high = begins[:, 0], begins[:, 1], ends[:, 1]
    direction = steps[y, low].astype(np.int64)
    forward = direction > 0
    start, end = np.where(forward, low, high), np.where(forward, high, low)
    return np.stack([start, y, end, y, direction], axis=1)


def _next(
    ones: NDArray[np.int64], others: NDArray[np.int64], same: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Which of the others starts where each of the ones ends; of two, that on the right."""
    width = max(int(ones[:, :4].max()), int(others[:, :4].max())) + 1
    keys = (others[:, 1] * width + others[:, 0]) * 2 + (others[:, 4] > 0)
    order = np.argsort(keys)
    wanted = np.where(same, ones[:, 4], -ones[:, 4]) > 0
    corner = (ones[:, 3] * width + ones[:, 2]) * 2
    found = np.searchsorted(keys, corner + wanted, sorter=order)
    found[found == len(order)] = 0
    missed = keys[order[found]] != corner + wanted
    found[missed] = np.searchsorted(keys, (corner + ~wanted)[missed], sorter=order)
    return order[found]


def _simple(walk: Ring) -> list[Ring]:
    """A walk cut at the points that it passes twice."""
    points = list(map(tuple, walk.tolist()))
    if len(set(points)) == len(points):
        return [walk]
    rings: list[Ring] = []
    trail: list[tuple[int, ...]] = []
    place: dict[tuple[int, ...], int] = {}
    for point in points:
        if point in place:
            start = place[point]
            rings.append(np.array(trail[start:]))
            for passed in trail[start + 1 :]:
                del place[passed]
            del trail[start + 1 :]
        else:
            place[point] = len(trail)
            trail.append(point)
    return [*rings, np.array(trail)]


def _doubled_area(ring: Ring) -> int:
    x, y = ring.T
    return int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _piece(ring: Ring, pieces: NDArray[np.int32]) -> int:
    """The number of the piece on the right hand of a ring's first edge."""
    (x0, y0), (x1, y1) = ring[:2].tolist()
    if y0 == y1:
        row, col = (y0, x0) if x1 > x0 else (y0 - 1, x1)
    else:
        row, col = (y0, x0 - 1) if y1 > y0 else (y1, x0)
    return int(pieces[row, col])
