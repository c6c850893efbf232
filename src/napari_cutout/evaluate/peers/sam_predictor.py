"""Prompts for what is called as Meta's ``SamPredictor``: (x, y) points, XYXY boxes, one at a time.

https://github.com/facebookresearch/segment-anything, ``predictor.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.prompts import LowResLogits, Prompts
from napari_cutout.segment.windows import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEY = "peer"


@dataclass(frozen=True, eq=False)
class PredictorAnswer:
    """The candidates for one prompt, best first.

    Parameters
    ----------
    masks
        ``(K, rows, cols)`` bool.
    scores
        ``(K,)``: the predicted IoU.
    low_res
        ``(K, h, w)``: the logits that are fed back.
    """

    masks: NDArray[np.bool_]
    scores: NDArray[np.float32]
    low_res: NDArray[np.float32]

    def feedback(self, k: int = 0) -> LowResLogits:
        """The logits of a candidate, for the next prompt of the same object."""
        shape = (int(self.masks.shape[1]), int(self.masks.shape[2]))
        return LowResLogits(self.low_res[k], whole(shape), KEY)


def ask(predictor: Any, prompt: Prompts, multimask: bool) -> PredictorAnswer:
    """Ask a predictor that was given its image.

    Notes
    -----
    Its pixel centres lie at integers, as ours; only the order of the axes is another.
    """
    points = prompt.points[:, ::-1].astype(float) if len(prompt.points) else None
    labels = prompt.positive.astype(int) if len(prompt.points) else None
    box = None if prompt.box is None else np.asarray(prompt.box, float)[[1, 0, 3, 2]]
    fed_back = prompt.logits.values[None] if isinstance(prompt.logits, LowResLogits) else None
    masks, scores, low_res = predictor.predict(
        point_coords=points,
        point_labels=labels,
        box=box,
        mask_input=fed_back,
        multimask_output=multimask,
    )
    order = np.argsort(-np.asarray(scores), kind="stable")
    return PredictorAnswer(
        np.asarray(masks)[order].astype(bool),
        np.asarray(scores, np.float32)[order],
        np.asarray(low_res, np.float32)[order],
    )
