"""What a change of the frames costs a model: the same objects, judged on changed frames.

The changes are in transformations.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.bootstrap import Interval, difference_interval
from napari_cutout.evaluate.evaluation import SMALLEST, Evaluation
from napari_cutout.evaluate.judging import chosen_labels, judge_frame
from napari_cutout.evaluate.transformations import ALL, Transformation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from napari_cutout.evaluate.judged import JudgedObject
    from napari_cutout.evaluate.models import Annotatable
    from napari_cutout.formats.labelled import LabelledFrame

SHOWN = {"click_1": "1 click", "click_3": "3 clicks", "click_8": "8 clicks", "box": "box"}


@dataclass(frozen=True)
class RobustnessRow:
    """One change.

    Parameters
    ----------
    name
        Its own.
    images, objects
        How many were judged: those for which it means something, and that can still be seen.
    figures
        Means over objects, by the names of :data:`SHOWN`.
    differences
        To the same objects in the untouched frames.
    intervals
        Where the differences lie; of fewer than two images nothing is said.
    """

    name: str
    images: int
    objects: int
    figures: dict[str, float]
    differences: dict[str, float]
    intervals: dict[str, Interval]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "images": self.images,
            "objects": self.objects,
            **self.figures,
            "differences": self.differences,
            "intervals": {name: ends.to_json() for name, ends in self.intervals.items()},
        }


@dataclass(frozen=True)
class Robustness:
    """What :func:`robustness` found.

    Parameters
    ----------
    model
        Its name.
    judged
        For each change by name what came of every object. The first changed nothing.
    seed
        Of changes and intervals.
    """

    model: str
    judged: dict[str, tuple[JudgedObject, ...]]
    seed: int = 0

    def rows(self) -> list[RobustnessRow]:
        """One for each change that applied to any frame."""
        untouched = {(one.image, one.label): one for one in next(iter(self.judged.values()))}
        return [
            self._row(name, objects, [untouched[one.image, one.label] for one in objects])
            for name, objects in self.judged.items()
            if objects
        ]

    def to_json(self) -> dict[str, Any]:
        """The rows as plain values."""
        return {"model": self.model, "rows": [row.to_json() for row in self.rows()]}

    def _row(
        self, name: str, objects: Sequence[JudgedObject], before: Sequence[JudgedObject]
    ) -> RobustnessRow:
        figures = {key: float(np.mean([one.ious[key] for one in objects])) for key in SHOWN}
        base = {key: float(np.mean([one.ious[key] for one in before])) for key in SHOWN}
        now, then = (Evaluation(self.model, tuple(some)) for some in (objects, before))
        found = {
            key: difference_interval(now.by_image(key), then.by_image(key), self.seed)
            for key in SHOWN
        }
        return RobustnessRow(
            name,
            len(now.images),
            len(objects),
            figures,
            {key: figures[key] - base[key] for key in SHOWN},
            {key: interval for key, interval in found.items() if interval is not None},
        )


def robustness(
    model: Annotatable,
    frames: Iterable[LabelledFrame],
    changes: Sequence[Transformation] = ALL,
    *,
    objects: int = 10,
    smallest: int = SMALLEST,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Robustness:
    """Judge a model on frames as they are, and changed in each of several ways.

    Parameters
    ----------
    model
        A :class:`.Segmenter`, or what answers as one.
    frames
        With their labels.
    changes
        The first changes nothing.
    objects, smallest
        Which objects of a frame, chosen before it is changed; see :func:`.evaluate`.
    seed
        For the choice of objects, for changes with chance in them, and for the intervals.
    progress
        Called with the name of each frame when it is done.
    """
    judged: dict[str, list[JudgedObject]] = {change.name: [] for change in changes}
    for frame in frames:
        labels = chosen_labels(frame, objects, smallest, seed)
        if labels:
            kept = np.where(np.isin(frame.labels, labels), frame.labels, 0)
            for change in changes:
                changed = change.apply(replace(frame, labels=kept), seed)
                judged[change.name] += () if changed is None else _judged(model, changed)
        if progress is not None:
            progress(frame.name)
    return Robustness(model.name, {name: tuple(some) for name, some in judged.items()}, seed)


def _judged(model: Annotatable, frame: LabelledFrame) -> tuple[JudgedObject, ...]:
    """All objects that can be seen in a changed frame."""
    labels = [int(value) for value in np.unique(frame.labels) if value]
    return judge_frame(model, frame, labels).objects if labels else ()
