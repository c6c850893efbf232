"""What fine-tuning tells while it works: values for a curve, a bar and a few pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Stage = Literal["encoding", "training", "validating", "done"]


@dataclass(frozen=True, eq=False)
class TuningSample:
    """An object of the validation frames as the model cuts it out now, after one click.

    Parameters
    ----------
    name
        Of the frame.
    pixels
        ``(h, w, 3)`` uint8, the frame around the object.
    truth, mask
        ``(h, w)`` bool: what the labels say, and what the model answers.
    click
        (row, col) in ``pixels``.
    iou
        Of the two over the whole frame.
    """

    name: str
    pixels: NDArray[np.uint8]
    truth: NDArray[np.bool_]
    mask: NDArray[np.bool_]
    click: tuple[int, int]
    iou: float


@dataclass(frozen=True, eq=False)
class TuningProgress:
    """Where fine-tuning is.

    Parameters
    ----------
    stage
        ``"encoding"`` views before the first step, ``"training"``, ``"validating"``, ``"done"``.
    step, steps
        Optimiser steps done, and in all; while encoding, views.
    loss
        Mean since the last progress; None where no step was done since.
    validation_iou
        Mean IoU after one click on the validation frames; None where it wasn't measured now.
    best_iou
        The best so far, that of the file.
    before_iou
        Of the model that it began with, on the same frames.
    seconds_left
        Estimated; None where nothing is known yet.
    samples
        Objects of the validation frames, where they were measured now; always the same ones.
    message
        A sentence where there is something to say: that memory is short, why it stopped.
    """

    stage: Stage
    step: int
    steps: int
    loss: float | None = None
    validation_iou: float | None = None
    best_iou: float | None = None
    before_iou: float | None = None
    seconds_left: float | None = None
    samples: tuple[TuningSample, ...] = ()
    message: str = ""
