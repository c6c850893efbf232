"""From the logits of one answer to an object: is it stable, and where does it lie.

First at the logits' own resolution, where an answer costs little; what may pass is then decided at
the frame's, in its box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from napari_cutout.segment.automatic.grid.options import GridOptions
    from napari_cutout.segment.automatic.grid.upscaling import Upscaling

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
    mask
        ``(h, w)`` bool in its bounding box.
    box
        Of the mask, in the window.
    stability
        As the reference counts it.
    """

    mask: NDArray[np.bool_]
    box: Window
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
    per_logit = float(weights[0].max() * weights[1].max())
    if per_logit < _WORTHWHILE:
        return np.ones(len(logits), bool)
    rows, cols = (torch.from_numpy(each).to(logits.device) for each in weights)
    high, low = (
        logits > options.mask_threshold + offset
        for offset in (options.stability_score_offset, -options.stability_score_offset)
    )
    inner, outer = ((above.float() @ cols) @ rows for above in (high, low))
    slack = _SLACK * per_logit * (_outline(high) + _outline(low))
    return np.asarray(((inner + slack) >= least * outer).cpu().numpy(), bool)


def judged(
    logits: NDArray[np.float32], upscaling: Upscaling, options: GridOptions
) -> Judged | None:
    """An answer at the pixels of the window, or None if it isn't stable or has no pixel.

    O(pixels of the box in which the logits are above the lower threshold).

    Parameters
    ----------
    logits
        ``(h, w)``.
    upscaling, options
        As for :func:`hopeful`.
    """
    threshold, offset = options.mask_threshold, options.stability_score_offset
    high, middle, low = (np.float32(threshold + shift) for shift in (offset, 0.0, -offset))
    reach = upscaling.reach(logits > low)
    if reach is None:
        return None
    pixels = upscaling.piece(logits, reach)
    # In float32, as the reference divides and compares.
    inner, outer = (np.float32(np.count_nonzero(pixels > level)) for level in (high, low))
    stability = inner / outer if outer else np.float32(0)
    least = options.stability_score_thresh
    if least > 0 and not stability >= np.float32(least):
        return None
    mask = pixels > middle
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    mask = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    box = Window(reach.row + int(rows[0]), reach.col + int(cols[0]), *mask.shape)
    return Judged(mask, box, float(stability))


def _outline(above: Tensor) -> Tensor:
    """How often neighbouring logits lie on both sides of a threshold, ``(M,)``."""
    down = (above[:, 1:] != above[:, :-1]).sum(dim=(1, 2))
    across = (above[:, :, 1:] != above[:, :, :-1]).sum(dim=(1, 2))
    return down + across
