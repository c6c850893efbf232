"""Edges of a frame without prompts or training: where the probability of many masks changes.

A grid of points is asked, and what is an edge of any mask is one of the frame. How a map of edges
is made thin is in thinning.py, the masks themselves are found in everything.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.special import expit

from napari_cutout.segment.automatic.grid.suppression import suppress
from napari_cutout.segment.automatic.grid.upscaling import upscaling
from napari_cutout.segment.automatic.thinning import thinned
from napari_cutout.segment.dense import places
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.grid.upscaling import Upscaling
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter

    Floats = NDArray[np.float32]

BOX_NMS_THRESH = 0.7
"""SAM's: of masks whose boxes have a larger IoU the one with the best score is drawn."""

BATCH = 16
"""Points that are asked, or masks that are drawn, between two reports."""

_MARGIN = 2


@dataclass(frozen=True, eq=False)
class EdgeProgress:
    """One step of finding edges.

    Parameters
    ----------
    done, total
        Steps done and in all.
    edges
        The map, with the last step; None before.
    """

    done: int
    total: int
    edges: NDArray[np.float32] | None = None


def edge_map(
    segmenter: Segmenter,
    embedding: Embedding,
    points_per_side: int = 16,
    *,
    smoothing: float = 1.0,
    thin: bool = True,
    pred_iou_thresh: float = 0.0,
) -> NDArray[np.float32]:
    """The edges of a frame.

    Parameters
    ----------
    segmenter
        The model.
    embedding
        Of the frame. One that isn't encoded as a whole, or by one window, is looked at tile by
        tile.
    points_per_side
        Of the grid that is asked, in each window.
    smoothing
        Standard deviation in pixels of a Gaussian that the map goes through before it is made
        thin.
    thin
        Whether an edge is made one pixel wide.
    pred_iou_thresh
        Masks must have a higher score. SAM leaves none out; a model that draws a small disc around
        a point that is on nothing is better with about 0.5.

    Returns
    -------
    ndarray
        ``(rows, cols)`` float32 of the frame, 0 to 1 for the strongest edge.

    Raises
    ------
    OptionError
        If there is no point to ask, or the smoothing is negative.
    TooLargeError
        If the frame is lazy, and a map of all of it wouldn't fit into memory.

    Notes
    -----
    SAM's zero-shot edges, appendix D.2: three masks for each of 16 x 16 points, none left out
    for its score; redundant ones taken out by non-maximum suppression of their boxes; the Sobel
    filter on each unthresholded probability map, kept where it meets the mask's outline; the
    maximum over all, stretched to 0 to 1; and edges made thin. Where the last two steps meet a
    Gaussian is put in between, which the gradient of a map needs.

    References
    ----------
    Kirillov et al., "Segment Anything", ICCV 2023. https://arxiv.org/abs/2304.02643
    """
    found: NDArray[np.float32] | None = None
    steps = find_edges(
        segmenter,
        embedding,
        points_per_side,
        smoothing=smoothing,
        thin=thin,
        pred_iou_thresh=pred_iou_thresh,
    )
    for progress in steps:
        found = progress.edges
    assert found is not None, "the last step has it"
    return found


def find_edges(
    segmenter: Segmenter,
    embedding: Embedding,
    points_per_side: int = 16,
    *,
    smoothing: float = 1.0,
    thin: bool = True,
    pred_iou_thresh: float = 0.0,
) -> Iterator[EdgeProgress]:
    """As :func:`edge_map`, step by step, so that it can be stopped.

    Yields
    ------
    EdgeProgress
        The last one with the map.
    """
    if points_per_side < 1 or not smoothing >= 0:
        raise OptionError(
            "edges need one point per side or more, and a smoothing of 0 or more, not "
            f"{points_per_side} and {smoothing}"
        )
    windows = places(embedding)
    batches = -(-(points_per_side**2) // BATCH)
    total = len(windows) * (batches + 1)
    edges = np.zeros(embedding.shape, np.float32)
    for number, window in enumerate(windows):
        done = number * (batches + 1)
        asked = replace(embedding, window=window)
        prompts = [Prompts(points=point) for point in _grid(window, points_per_side)]
        logits, scores = [], []
        for first in range(0, len(prompts), BATCH):
            for answer in segmenter.predict(asked, prompts[first : first + BATCH]):
                # Half the memory: of the answers to all points, only outlines matter.
                good = answer.scores > pred_iou_thresh if pred_iou_thresh > 0 else slice(None)
                logits.append(answer.logits[good].astype(np.float16))
                scores.append(answer.scores[good])
            done += 1
            yield EdgeProgress(done, total)
        up = upscaling(segmenter.model, embedding.grid(window))
        kept = _without_redundant(np.concatenate(logits), np.concatenate(scores), up)
        for first in range(0, len(kept), BATCH):
            _draw(edges[window.slices], kept[first : first + BATCH], up)
            yield EdgeProgress(done, total)
    yield EdgeProgress(total, total, _finished(edges, smoothing, thin))


def _grid(window: Window, points_per_side: int) -> NDArray[np.float64]:
    """The middles of so many equal parts along each side: ``(N, 2)`` of the frame."""
    shares = (np.arange(points_per_side) + 0.5) / points_per_side
    rows = window.row + shares * window.rows - 0.5
    cols = window.col + shares * window.cols - 0.5
    return np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)


def _without_redundant(
    logits: NDArray[np.float16], scores: Floats, up: Upscaling
) -> list[NDArray[np.float16]]:
    """Of masks ``(N, h, w)`` whose boxes are nearly the same, the one with the best score."""
    rows, cols = (weights > 0 for weights in up.weights)
    inside = (logits > 0) & rows[:, None] & cols[None, :]
    there = np.flatnonzero(inside.any(axis=(1, 2)))
    boxes = [_box(mask) for mask in inside[there]]
    return [logits[there[k]] for k in suppress(boxes, scores[there], BOX_NMS_THRESH)]


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Its outer corners, so that a mask of one cell has an area too."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(cols[0]), int(rows[-1]) + 1, int(cols[-1]) + 1


def _draw(edges: Floats, kept: Sequence[NDArray[np.float16]], up: Upscaling) -> None:
    """Raise a window's edges to those of some masks. O(their boxes)."""
    for low in kept:
        logits = low.astype(np.float32)
        reach = up.reach(logits > 0)
        if reach is None:
            continue
        box = _wider(reach, up.shape)
        probability = expit(up.piece(logits, box))
        mask = probability > 0.5
        outline = ndimage.binary_dilation(mask) & ~ndimage.binary_erosion(mask, border_value=1)
        slope = np.hypot(*(ndimage.sobel(probability, axis, mode="nearest") for axis in (0, 1)))
        there = edges[box.slices]
        np.maximum(there, np.where(outline, slope, 0), out=there)


def _wider(box: Window, shape: tuple[int, int]) -> Window:
    row, col = max(box.row - _MARGIN, 0), max(box.col - _MARGIN, 0)
    end = min(box.row + box.rows + _MARGIN, shape[0]), min(box.col + box.cols + _MARGIN, shape[1])
    return Window(row, col, end[0] - row, end[1] - col)


def _finished(edges: Floats, smoothing: float, thin: bool) -> Floats:
    smooth = ndimage.gaussian_filter(edges, smoothing, mode="nearest") if smoothing else edges
    most = float(smooth.max())
    if not most:
        return smooth
    scaled = np.asarray(smooth / most, np.float32)
    return thinned(scaled) if thin else scaled
