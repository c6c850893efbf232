"""How a run stands: how good it was when, whether it goes on, and what is said of it in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_cutout.train.tuning.options import TuningOptions


@dataclass
class Standing:
    """What validation has told so far.

    Parameters
    ----------
    before
        Mean IoU after one click of the model that it began with; None where it wasn't measured.
    curve
        ``(step, mean IoU)`` of each validation.
    """

    before: float | None = None
    curve: list[tuple[int, float]] = field(default_factory=list)

    @property
    def best(self) -> float | None:
        """The best of the curve."""
        return max((reached for _, reached in self.curve), default=None)

    @property
    def best_step(self) -> int:
        """The first step that reached it."""
        return next(step for step, reached in self.curve if reached == self.best)

    def is_judged(self, step: int) -> bool:
        """Whether the weights of a step were the last to be judged."""
        return bool(self.curve) and self.curve[-1][0] == step

    def reason_to_stop(self, options: TuningOptions, seconds: float) -> str:
        """A sentence where the run is to end before its last step.

        Parameters
        ----------
        options
            For its patience and its minutes.
        seconds
            That it has taken.
        """
        if options.minutes is not None and seconds > 60 * options.minutes:
            return f"It stopped after {options.minutes:g} minutes."
        if not options.patience or self.best is None:
            return ""
        since = len(self.curve) - 1 - [reached for _, reached in self.curve].index(self.best)
        if since < options.patience:
            return ""
        return f"It stopped: no better in the last {since} validations."

    def verdict(self) -> str:
        """What it came to, in a sentence or two."""
        if self.best is None or self.before is None:
            return "The last weights were kept; nothing was judged on."
        told = (
            f"IoU after one click {self.best:.3f}, before {self.before:.3f}; from step "
            f"{self.best_step}."
        )
        if self.best > self.before:
            return told
        return f"{told} It is no better than it was: label more, or let more of it learn."
