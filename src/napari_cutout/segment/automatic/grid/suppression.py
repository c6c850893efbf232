"""Of boxes that are nearly the same, only the best: non-maximum suppression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def suppress(boxes: ArrayLike, scores: ArrayLike, threshold: float) -> NDArray[np.intp]:
    """The boxes that stay, by falling score.

    The best box stays, and all whose IoU with it is above the threshold go; and so on with what
    is left. Boxes of equal scores count in their order.

    Parameters
    ----------
    boxes
        ``(N, 4)``, (row0, col0, row1, col1).
    scores
        ``(N,)``.
    threshold
        IoU, 0 to 1.

    Returns
    -------
    ndarray
        Indices ``(M,)``.

    Notes
    -----
    As torchvision does it, whose ``nms`` the reference uses: in float32, and the area is the
    product of the differences of the corners, without one more for the pixels that both are
    in. A box of one row or column has no area and suppresses nothing. O(boxes that stay times
    boxes that are left).
    """
    order = np.argsort(-np.asarray(scores, np.float32), kind="stable")
    # One array an axis: each step then reads along memory.
    rows0, cols0, rows1, cols1 = np.asarray(boxes, np.float32).reshape(-1, 4)[order].T.copy()
    areas = (rows1 - rows0) * (cols1 - cols0)
    left, kept = np.arange(len(order)), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        height = np.minimum(rows1[best], rows1[left]) - np.maximum(rows0[best], rows0[left])
        width = np.minimum(cols1[best], cols1[left]) - np.maximum(cols0[best], cols0[left])
        shared = np.maximum(height, 0) * np.maximum(width, 0)
        with np.errstate(invalid="ignore"):
            iou = shared / (areas[best] + areas[left] - shared)
        left = left[~(iou.astype(np.float64) > threshold)]
    return order[np.array(kept, np.intp)]
