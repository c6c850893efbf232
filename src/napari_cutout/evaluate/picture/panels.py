"""The three plots of a comparison: IoU against clicks, AP by threshold, predicted against real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.evaluate.judged import EVERY_CLICK, MOST_CLICKS, SCORED
from napari_cutout.evaluate.matching import THRESHOLDS
from napari_cutout.evaluate.picture.marks import INK, colour
from napari_cutout.evaluate.picture.plot import Curve, Plot

if TYPE_CHECKING:
    from napari_cutout.evaluate.comparison import Comparison
    from napari_cutout.evaluate.evaluation import Evaluation

BINS = 10
FEWEST = 5
"""Answers that a bin of the calibration needs to be drawn."""


def plots(found: Comparison) -> list[Plot]:
    """Those that there is something for."""
    made = []
    if any(one.objects for one in found.prompted):
        made += [clicks_plot(found), calibration_plot(found)]
    if found.automatic:
        made.insert(1, precision_plot(found))
    return made


def clicks_plot(found: Comparison) -> Plot:
    """The mean IoU after each click, with the interval of each mean."""
    curves = []
    for one in found.prompted:
        figures, ends = one.rows()[-1].figures, one.intervals()
        points = tuple((float(n), figures[name]) for n, name in enumerate(EVERY_CLICK, 1))
        known = [ends[name] for name in EVERY_CLICK if name in ends]
        low, high = tuple(end.low for end in known), tuple(end.high for end in known)
        curves.append(Curve(_colour_of(found, one.model), points, low, high))
    ticks = tuple(float(n) for n in range(1, MOST_CLICKS + 1))
    return Plot("IoU against clicks", "clicks", "mean IoU", tuple(curves), ticks)


def precision_plot(found: Comparison) -> Plot:
    """The average precision by the IoU that counts as a hit."""
    curves = []
    for one in found.automatic:
        points = tuple(zip(THRESHOLDS, one.ap_by_threshold(), strict=True))
        ends = one.ap_intervals()
        low, high = tuple(end.low for end in ends), tuple(end.high for end in ends)
        curves.append(Curve(_colour_of(found, one.model), points, low, high))
    ticks = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    title = "Objects found without prompts"
    return Plot(title, "IoU of a hit", "average precision", tuple(curves), ticks, (0.0, 1.0))


def calibration_plot(found: Comparison) -> Plot:
    """What a model says of its answers against what they are; exact on the dashed line."""
    curves = [Curve(INK, ((0.0, 0.0), (1.0, 1.0)), dashes="4 4")]
    for one in found.prompted:
        points = calibration(one)
        if points:
            curves.append(Curve(_colour_of(found, one.model), points))
    ticks = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    title = "Do scores mean something?"
    return Plot(title, "predicted IoU", "mean real IoU", tuple(curves), ticks, (0.0, 1.0))


def calibration(evaluation: Evaluation) -> tuple[tuple[float, float], ...]:
    """Mean predicted and mean real IoU of answers that were predicted about the same.

    Answers after 1, 2, 3, 5 and 8 clicks and after a box, in tenths of the predicted IoU; tenths
    with fewer than :data:`FEWEST` answers say nothing and are left out.
    """
    pairs = np.array(
        [(one.scores[name], one.ious[name]) for one in evaluation.objects for name in SCORED]
    ).reshape(-1, 2)
    bins = np.clip((pairs[:, 0] * BINS).astype(int), 0, BINS - 1)
    groups = (pairs[bins == number] for number in range(BINS))
    means = (group.mean(axis=0) for group in groups if len(group) >= FEWEST)
    return tuple((float(np.clip(said, 0, 1)), float(real)) for said, real in means)


def legend(found: Comparison) -> list[tuple[str, str]]:
    """Each model with its colour."""
    return [(model, colour(number)) for number, model in enumerate(found.models)]


def _colour_of(found: Comparison, model: str) -> str:
    return colour(found.models.index(model))
