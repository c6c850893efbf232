"""The masks of labels, run-length encoded: all at once, from the runs down the columns.

Which labels become objects is decided in find.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.int32]
    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.int64]


class Outlines(NamedTuple):
    """The masks of some labels, in the order of their values.

    Parameters
    ----------
    values
        ``(N,)``: the labels.
    boxes
        ``(N, 4)``: first row and column, rows and columns.
    masks
        Of each in its box.
    has_holes
        ``(N,)`` bool: whether it surrounds what it doesn't have.
    """

    values: Numbers
    boxes: Numbers
    masks: list[Rle]
    has_holes: Mask


class _Spans(NamedTuple):
    """Pixels of a label below each other ``(S,)``, in the order of labels, columns and rows."""

    value: Numbers
    col: Numbers
    first: Numbers
    stop: Numbers


def outlines(labels: Labels, wanted: Mask) -> Outlines:
    """The masks of labels. O(pixels), of which few steps, and O(runs).

    Parameters
    ----------
    labels
        ``(rows, cols)``; the pixels of each are connected.
    wanted
        ``(count,)`` bool: which of them, by their values; 0 isn't one. Those that have no pixel
        are left out.
    """
    spans = _spans(labels, wanted)
    starts = np.flatnonzero(np.diff(spans.value, prepend=0))
    if not len(starts):
        none = np.zeros(0, np.int64)
        return Outlines(none, none.reshape(0, 4), [], none > 0)
    counts = np.diff(starts, append=len(spans.value))
    top, left = np.minimum.reduceat(spans.first, starts), spans.col[starts]
    rows = np.maximum.reduceat(spans.stop, starts) - top
    cols = spans.col[starts + counts - 1] + 1 - left
    runs, lengths = _runs(spans, starts, counts, top, rows, rows * cols)
    sizes = list(zip(rows.tolist(), cols.tolist(), strict=True))
    return Outlines(
        spans.value[starts],
        np.stack([top, left, rows, cols], axis=1),
        Rle.of_many(sizes, runs, lengths),
        _have_holes(spans, starts, counts, labels.shape),
    )


def _spans(labels: Labels, wanted: Mask) -> _Spans:
    rows, cols = labels.shape
    # A row of nothing above each column, and one pixel behind all.
    flat = np.zeros(cols * (rows + 1) + 1, labels.dtype)
    flat[:-1].reshape(cols, rows + 1)[:, 1:] = labels.T
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    value = flat[edges].astype(np.int64)
    kept = np.flatnonzero(wanted[value] & (value > 0))
    order = kept[np.argsort(value[kept], kind="stable")]
    start, stop = edges[order], edges[np.minimum(order + 1, len(edges) - 1)]
    col = (start - 1) // (rows + 1)
    first = start - 1 - col * (rows + 1)
    return _Spans(value[order], col, first, first + stop - start)


def _runs(
    spans: _Spans, starts: Numbers, counts: Numbers, top: Numbers, rows: Numbers, areas: Numbers
) -> tuple[Numbers, Numbers]:
    """The runs of all masks in their boxes, and how many each has."""
    corner = spans.col[starts] * rows + top
    begins = spans.col * rows.repeat(counts) + spans.first - corner.repeat(counts)
    ends = begins + spans.stop - spans.first
    gaps = begins.copy()
    gaps[1:] -= ends[:-1]
    gaps[starts] = begins[starts]
    # Where the foot of a column meets the head of the next, one run goes on.
    is_new = gaps > 0
    is_new[starts] = True
    news = np.flatnonzero(is_new)
    each = np.add.reduceat(is_new, starts, dtype=np.int64)
    tails = areas - ends[starts + counts - 1]
    lengths = 2 * each + (tails > 0)
    places = 2 * np.arange(len(news)) + ((tails > 0).cumsum() - (tails > 0)).repeat(each)
    runs = np.zeros(int(lengths.sum()), np.int64)
    runs[places] = gaps[news]
    runs[places + 1] = np.add.reduceat(ends - begins, news)
    has_tail = tails > 0
    runs[lengths.cumsum()[has_tail] - 1] = tails[has_tail]
    return runs, lengths


def _have_holes(spans: _Spans, starts: Numbers, counts: Numbers, shape: tuple[int, ...]) -> Mask:
    """Which have more ways from span to span than it takes to connect them: those lead around."""
    rows, cols = shape
    tall = rows + 2
    column = (spans.value * (cols + 1) + spans.col) * tall
    # Spans of the next column that touch one, over corners too: they begin before it is over, but
    # for those that end before it begins.
    beside = np.searchsorted(column + spans.first, column + tall + spans.stop, "right")
    beside -= np.searchsorted(column + spans.stop, column + tall + spans.first, "left")
    return np.asarray(np.add.reduceat(beside, starts) >= counts, bool)
