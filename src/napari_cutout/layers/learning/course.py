"""How a training went so far, as values to be drawn; and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.train.tuning import TuningProgress, TuningSample

MOST = 4000
"""Losses that are kept; of more, every second one goes."""


@dataclass(eq=False)
class Course:
    """How a training went so far.

    Attributes
    ----------
    losses, ious
        Pairs of a step and a value: the loss, and the mean IoU after one click on what isn't
        learned from.
    before
        That IoU of the model that it began with; None where there is nothing to judge on.
    best
        The best since it began, that of the file, with its step; None before there is one.
    step, steps
        Done, and in all; 0 while that isn't known.
    stage
        What is being done, see :class:`~napari_cutout.train.tuning.TuningProgress`.
    seconds_left
        About; None while that isn't known.
    samples
        Of the last time that it was judged.
    message
        What is being done, in words.
    """

    losses: list[tuple[int, float]] = field(default_factory=list)
    ious: list[tuple[int, float]] = field(default_factory=list)
    before: float | None = None
    best: tuple[int, float] | None = None
    step: int = 0
    steps: int = 0
    stage: str = ""
    seconds_left: float | None = None
    samples: tuple[TuningSample, ...] = ()
    message: str = ""

    def take(self, progress: TuningProgress) -> None:
        """Know more. O(1) but for now and then."""
        self.step, self.steps, self.stage = progress.step, progress.steps, progress.stage
        self.seconds_left, self.message = progress.seconds_left, progress.message
        self.before = progress.before_iou if progress.before_iou is not None else self.before
        if progress.loss is not None:
            self.losses.append((progress.step, progress.loss))
            if len(self.losses) > MOST:
                del self.losses[-2::-2]
        iou = progress.validation_iou
        if iou is not None and self.ious[-1:] != [(progress.step, iou)]:
            self.ious.append((progress.step, iou))
        reached = progress.best_iou
        if reached is not None and (self.best is None or reached != self.best[1]):
            self.best = progress.step, reached
        self.samples = progress.samples or self.samples


@dataclass(frozen=True)
class Outcome:
    """A model that was trained.

    Parameters
    ----------
    path
        Its file.
    parent
        What it began with, in words.
    before, after
        Mean IoU after one click on what it didn't learn from; None where there was nothing to judge
        on.
    was_stopped
        Whether it was ended before it was through.
    """

    path: Path
    parent: str
    before: float | None = None
    after: float | None = None
    was_stopped: bool = False

    @property
    def is_better(self) -> bool | None:
        """Whether it is better than what it began with; None where nobody knows."""
        if self.before is None or self.after is None:
            return None
        return self.after > self.before

    @property
    def text(self) -> str:
        """What came of it, in words."""
        if self.before is None or self.after is None:
            judged = (
                "Nothing was held out, so nobody knows how much better it is: try it on another "
                "frame."
            )
        else:
            judged = (
                f"IoU after one click, on what it didn't learn from: {self.before:.2f} before, "
                f"{self.after:.2f} now."
            )
            if not self.is_better:
                judged += f" That is no better than {self.parent}; more objects may help."
        ended = "Stopped; the best so far was kept. " if self.was_stopped else ""
        return f"{ended}{judged}"
