"""Models beside each other: the same objects, the same seeds, one result. Values alone.

How they are shown is in comparison_sheets.py and picture/.
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from napari_cutout.evaluate.bootstrap import DRAWS, LEVEL, Interval, difference_interval
from napari_cutout.evaluate.judged import ENOUGH, FIGURES
from napari_cutout.evaluate.monotony import falls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.evaluate.automatic_masks import AutomaticEvaluation
    from napari_cutout.evaluate.changed_frames import Robustness
    from napari_cutout.evaluate.evaluation import Evaluation

_PACKAGES = ("napari-cutout", "torch", "numpy", "scipy", "scikit-image")


@dataclass(frozen=True)
class Comparison:
    """What came of judging several models.

    Parameters
    ----------
    prompted
        Of each model that takes prompts, in the order in which they were asked for.
    automatic
        Of each model that finds objects, where that was asked for.
    robust
        Of each model that takes prompts, where that was asked for.
    settings
        What was asked for, as plain values.
    """

    prompted: tuple[Evaluation, ...] = ()
    automatic: tuple[AutomaticEvaluation, ...] = ()
    robust: tuple[Robustness, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def models(self) -> tuple[str, ...]:
        """All names, each once."""
        prompted = (one.model for one in self.prompted)
        others = (one.model for one in self.automatic)
        return tuple(dict.fromkeys((*prompted, *others)))

    def gains(self) -> dict[str, dict[str, tuple[float, Interval | None]]]:
        """For each model but the first what it has more than that, figure by figure.

        With the interval of the difference, on the same drawn images.
        """
        if not self.prompted:
            return {}
        first, *others = self.prompted
        return {one.model: _gain(one, first) for one in others if one.images == first.images}

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values, and what it was made with."""
        return {
            "settings": dict(self.settings),
            "versions": versions(),
            "intervals": {"level": LEVEL, "draws": DRAWS, "drawn": "images"},
            "enough": ENOUGH,
            "models": [
                {
                    **one.to_json(),
                    "falls": [fall.to_json() for fall in falls(one.rows())],
                }
                for one in self.prompted
            ],
            "automatic": [one.to_json() for one in self.automatic],
            "robustness": [one.to_json() for one in self.robust],
            "gains": {
                model: {
                    name: {"by": by, "interval": None if ends is None else ends.to_json()}
                    for name, (by, ends) in gain.items()
                }
                for model, gain in self.gains().items()
            },
        }


def versions() -> dict[str, str]:
    """Of Python, and of the packages that figures depend on."""
    known = {"python": platform.python_version(), "platform": sys.platform}
    for name in _PACKAGES:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = "unknown"
    return known


def _gain(one: Evaluation, first: Evaluation) -> dict[str, tuple[float, Interval | None]]:
    figures, base = one.rows()[-1].figures, first.rows()[-1].figures
    mine, theirs = one.values, first.values
    return {
        name: (
            figures[name] - base[name],
            difference_interval(
                [image[name] for image in mine.values()],
                [image[name] for image in theirs.values()],
                one.seed,
            ),
        )
        for name in FIGURES
        if name in figures
    }
