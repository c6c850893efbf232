"""How much is done: views, steps, validations. Numbers that follow from model, data and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cutout.train.data import DataSummary
    from napari_cutout.train.tuning.options import TuningOptions

_VIEWS_OF_A_FRAME = 8
_TIMES_EACH_OBJECT = 30
_FEWEST_STEPS = 150
_MOST_STEPS = {"cpu": 600}
_MOST_STEPS_ELSEWHERE = 4000
_VALIDATIONS = 10
_MOST_VALIDATIONS_APART = 100


@dataclass(frozen=True)
class Amounts:
    """What a run does at most.

    Parameters
    ----------
    steps
        Optimiser steps.
    frames
        That are learned from; fewer than there are where all would take too long to encode.
    views_of_a_frame
        Of each.
    validate_every
        Steps between two validations.
    """

    steps: int
    frames: int
    views_of_a_frame: int
    validate_every: int


def amounts(
    family: str,
    what: str,
    device: str,
    data: DataSummary,
    options: TuningOptions,
    validate_every: int | None = None,
) -> Amounts:
    """What suits a model, a device (its type), some data and the options."""
    most = _MOST_STEPS.get(device, _MOST_STEPS_ELSEWHERE)
    wanted = -(-_TIMES_EACH_OBJECT * data.objects // options.objects_per_step)
    steps = options.steps or min(most, max(_FEWEST_STEPS, wanted))
    most_frames, wanted_views = _views(family, what, device)
    frames = max(1, min(data.frames, most_frames, steps * options.accumulate))
    count = min(_VIEWS_OF_A_FRAME, max(1, round(wanted_views / frames))) if options.augment else 1
    every = validate_every or min(_MOST_VALIDATIONS_APART, max(1, -(-steps // _VALIDATIONS)))
    return Amounts(steps, frames, count, every)


def _views(family: str, what: str, device: str) -> tuple[int, int]:
    """The most frames, and how many views are worth it: by what an embedding costs."""
    if what != "decoder":
        return 2000, 200
    if device != "cpu":
        return 2000, 400
    return (400, 120) if family == "compact" else (120, 40)
