"""Whether clicks help: the mean IoU must not fall from one click to the next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from napari_cutout.evaluate.judged import EVERY_CLICK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.evaluate.evaluation import Row

ALLOWED = 0.01
"""What a mean may fall by from a click to the next."""

_SHOWN = 0.0005
"""Less is nothing in three digits."""


@dataclass(frozen=True)
class Fall:
    """A click after which a mean IoU is lower.

    Parameters
    ----------
    folder
        Where; ``"all"`` for all together.
    click
        Which click, counted from 1.
    by
        How much lower.
    """

    folder: str
    click: int
    by: float

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"folder": self.folder, "click": self.click, "by": self.by}


def falls(rows: Sequence[Row], allowed: float = 0.0) -> tuple[Fall, ...]:
    """Where the mean IoU of a folder, or of all, falls by more than what is allowed.

    Examples
    --------
    >>> from napari_cutout.evaluate.evaluation import Row
    >>> figures = {f"click_{n}": value for n, value in enumerate((0.7, 0.8, 0.75), 1)}
    >>> falls([Row("cells", figures=figures)])[0].click
    3
    """
    found = []
    for row in rows:
        means = [row.figures[name] for name in EVERY_CLICK if name in row.figures]
        steps = pairwise(means)
        found += [
            Fall(row.name, number, before - after)
            for number, (before, after) in enumerate(steps, 2)
            if before - after > allowed
        ]
    return tuple(found)


def sentence(rows: Sequence[Row]) -> str:
    """What to tell of it in one line."""
    worst = max(falls(rows, _SHOWN), key=lambda fall: fall.by, default=None)
    if worst is None:
        return "The mean IoU doesn't fall from one click to the next."
    verdict = "within" if worst.by <= ALLOWED else "more than"
    return (
        f"The mean IoU falls by {worst.by:.3f} with click {worst.click} ({worst.folder}), "
        f"{verdict} the {ALLOWED:g} that is allowed."
    )
