"""What came of one object that was clicked on and boxed, and the figures that are made of it.

Values alone; how they come about is in judging.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

CLICKS = (1, 2, 3, 5, 8)
"""After how many clicks a table shows the IoU."""

MOST_CLICKS = 8
CLICKS_AFTER_BOX = (1, 3)

ENOUGH = 0.85
"""The IoU from which on an annotator is content."""

EVERY_CLICK = tuple(f"click_{number}" for number in range(1, MOST_CLICKS + 1))
SCORED = (*(f"click_{number}" for number in CLICKS), "box")
"""The answers whose scores are compared with the real IoU."""

IOUS = (*EVERY_CLICK, "box", *(f"box_click_{n}" for n in CLICKS_AFTER_BOX), "ellipse")
FIGURES = (*IOUS, "score_error", "score_error_click_1", "candidate_gap", "clicks_needed")
"""The names of what :meth:`JudgedObject.figures` tells."""


@dataclass(frozen=True)
class JudgedObject:
    """One labelled object, and how well a model cut it out.

    Parameters
    ----------
    image
        The name of its frame, ``folder/file``.
    label
        Its number in the labels.
    area
        Its pixels.
    ious
        By the names of :data:`IOUS`: after each click, after the box, after the box and clicks,
        and of the ellipse inscribed in the box, which takes no model.
    scores
        By the names of :data:`SCORED`: the IoU that the model predicted for its answer.
    best_candidate
        The IoU of the best of the candidates for one click, whatever their scores.
    """

    image: str
    label: int
    area: int
    ious: Mapping[str, float]
    scores: Mapping[str, float]
    best_candidate: float

    @property
    def folder(self) -> str:
        """That of its image."""
        return self.image.split("/")[0]

    @property
    def clicks_needed(self) -> int:
        """How many clicks it takes to an IoU of :data:`ENOUGH`; 8 where that is never reached."""
        reached = (n for n, name in enumerate(EVERY_CLICK, 1) if self.ious[name] >= ENOUGH)
        return next(reached, MOST_CLICKS)

    @property
    def figures(self) -> dict[str, float]:
        """By the names of :data:`FIGURES`.

        ``score_error`` is the mean of ``|predicted - real IoU|`` over the answers of
        :data:`SCORED`, ``candidate_gap`` what the best-scored candidate for one click lacks to
        the best one.
        """
        errors = {name: abs(self.scores[name] - self.ious[name]) for name in SCORED}
        return {
            **self.ious,
            "score_error": float(np.mean(list(errors.values()))),
            "score_error_click_1": errors["click_1"],
            "candidate_gap": self.best_candidate - self.ious["click_1"],
            "clicks_needed": self.clicks_needed,
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "image": self.image,
            "label": self.label,
            "area": self.area,
            "iou": dict(self.ious),
            "predicted_iou": dict(self.scores),
            "best_candidate": self.best_candidate,
            "clicks_needed": self.clicks_needed,
        }
