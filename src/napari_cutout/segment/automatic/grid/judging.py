"""From the logits of one answer to an object: is it stable, and where does it lie.

First at the logits' own resolution, where an answer costs little; what may pass is then decided at
the frame's, in its box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from napari_cutout.segment.automatic.grid.options import GridOptions
    from napari_cutout.segment.automatic.grid.silhouette import Silhouette
    from napari_cutout.segment.automatic.grid.upscaling import Upscaling

    Floats = NDArray[np.float32]

# Share of a logit by which interpolation moves an outline at each place where it passes; see
# hopeful().
_SLACK = 0.15

# Where a logit stands for fewer pixels, counting those costs no more.
_WORTHWHILE = 2.0


@dataclass(frozen=True, eq=False)
class Judged:
    """An answer that is stable, at the pixels of the window.

    Parameters
    ----------
    silhouette
        Its pixels, in the window.
    stability
        As the reference counts it.
    """

    silhouette: Silhouette
    stability: float


def hopeful(logits: Tensor, upscaling: Upscaling, options: GridOptions) -> NDArray[np.bool_]:
    """Which answers may be stable at the frame's resolution. O(logits).

    Parameters
    ----------
    logits
        ``(M, h, w)``.
    upscaling
        To the window.
    options
        With the thresholds.

    Notes
    -----
    The reference counts pixels of the frame, and a logit stands for 16 of them or more: counted in
    logits, an answer near the threshold could fall on its other side. How far the two counts are
    apart depends on the outlines, along which a logit is more or less than the pixels that it
    stands for. So only those go here that fail by more than that; the others are counted in pixels.
    """
    least = options.stability_score_thresh
    if least <= 0 or not len(logits):
        return np.ones(len(logits), bool)
    weights = upscaling.weights
    if weights[0].max() * weights[1].max() < _WORTHWHILE:
        return np.ones(len(logits), bool)
    levels = tuple(
        options.mask_threshold + offset
        for offset in (options.stability_score_offset, -options.stability_score_offset)
    )
    if logits.device.type == "cpu":
        # One at a time, and not by torch: its threads cost more than they save on so little.
        may_pass = [_may_be_stable(one, weights, levels, least) for one in logits.numpy()]
        return np.array(may_pass, bool)
    return _may_all_be_stable(logits, weights, levels, least)


def judged(
    logits: NDArray[np.float32], upscaling: Upscaling, options: GridOptions
) -> Judged | None:
    """An answer at the pixels of the window, or None if it isn't stable or has no pixel.

    O(logits, and its outline).

    Parameters
    ----------
    logits
        ``(h, w)``.
    upscaling, options
        As for :func:`hopeful`.
    """
    threshold, offset = options.mask_threshold, options.stability_score_offset
    crossing = upscaling.crossing(logits, threshold - offset, threshold + offset)
    if crossing is None:
        return None
    # In float32, as the reference divides and compares.
    inner, outer = (
        np.float32(crossing.count(level)) for level in (threshold + offset, threshold - offset)
    )
    stability = inner / outer if outer else np.float32(0)
    least = options.stability_score_thresh
    if least > 0 and not stability >= np.float32(least):
        return None
    found = crossing.above(threshold)
    return None if found is None else Judged(found, float(stability))


def _may_be_stable(
    logits: Floats, weights: tuple[Floats, Floats], levels: tuple[float, ...], least: float
) -> bool:
    """Of one answer ``(h, w)``, in the box where it is above the lower level."""
    high, low = levels
    outer = logits > np.float32(low)
    rows, cols = np.flatnonzero(outer.any(axis=1)), np.flatnonzero(outer.any(axis=0))
    if not len(rows):
        return False
    # With what is next to it, where its outline is.
    box = tuple(slice(max(int(ends[0]) - 1, 0), int(ends[-1]) + 2) for ends in (rows, cols))
    outer, inner = outer[box], logits[box] > np.float32(high)
    along = weights[0][box[0]], weights[1][box[1]]
    counts = [_pixels(part, along) for part in (inner, outer)]
    outline = sum(
        np.count_nonzero(part[1:] != part[:-1]) + np.count_nonzero(part[:, 1:] != part[:, :-1])
        for part in (inner, outer)
    )
    slack = _SLACK * float(weights[0].max() * weights[1].max()) * outline
    return counts[0] + slack >= least * counts[1]


def _pixels(above: NDArray[np.bool_], weights: tuple[Floats, Floats]) -> float:
    """How many pixels logits ``(h, w)`` stand for."""
    rows, cols = weights
    if (rows == rows[0]).all() and (cols == cols[0]).all():
        return np.count_nonzero(above) * float(rows[0] * cols[0])
    # einsum(), because a matrix product wakes a linear algebra library's threads.
    return float(np.einsum("ij,j->i", above.astype(np.float32), cols) @ rows)


def _may_all_be_stable(
    logits: Tensor, weights: tuple[Floats, Floats], levels: tuple[float, ...], least: float
) -> NDArray[np.bool_]:
    """Of all answers ``(M, h, w)`` at once, where they are."""
    rows, cols = (torch.from_numpy(each).to(logits.device) for each in weights)
    high, low = (logits > level for level in levels)
    inner, outer = ((above.float() @ cols) @ rows for above in (high, low))
    per_logit = float(weights[0].max() * weights[1].max())
    slack = _SLACK * per_logit * (_outline(high) + _outline(low))
    return np.asarray(((inner + slack) >= least * outer).cpu().numpy(), bool)


def _outline(above: Tensor) -> Tensor:
    """How often neighbouring logits lie on both sides of a threshold, ``(M,)``."""
    down = (above[:, 1:] != above[:, :-1]).sum(dim=(1, 2))
    across = (above[:, :, 1:] != above[:, :, :-1]).sum(dim=(1, 2))
    return down + across
