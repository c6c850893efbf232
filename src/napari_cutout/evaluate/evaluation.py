"""A model judged by the simulated annotator: figures folder by folder, with their intervals.

What is done with one frame is in judging.py, what is known of one object in judged.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.bootstrap import Interval, mean_interval
from napari_cutout.evaluate.judged import CLICKS, CLICKS_AFTER_BOX, FIGURES, JudgedObject
from napari_cutout.evaluate.judging import chosen_labels, judge_frame
from napari_cutout.evaluate.worst import Worst, WorstCase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from napari_cutout.evaluate.models import Annotatable
    from napari_cutout.formats.labelled import LabelledFrame

__all__ = ["CLICKS", "CLICKS_AFTER_BOX", "SMALLEST", "Evaluation", "Row", "evaluate"]

SMALLEST = 30
"""Pixels of an object that is judged, at least."""


@dataclass
class Row:
    """Mean figures of a folder, or of all.

    Parameters
    ----------
    name
        The folder's, or ``"all"``.
    images, objects
        How many were judged.
    figures
        Means over objects: IoU by name, ``click_1`` ..., ``box``, ``box_click_1`` ...,
        ``ellipse``; and what else :data:`.judged.FIGURES` names.
    """

    name: str
    images: int = 0
    objects: int = 0
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """What :func:`evaluate` found.

    Parameters
    ----------
    model
        Its name.
    objects
        What came of each.
    worst
        Those with the lowest IoU after one click, to be looked at; only where they were asked for.
    seed
        Of the intervals.
    """

    model: str
    objects: tuple[JudgedObject, ...]
    worst: tuple[WorstCase, ...] = ()
    seed: int = 0

    @property
    def images(self) -> tuple[str, ...]:
        """The names of those with objects, in the order in which they were judged."""
        return tuple(dict.fromkeys(one.image for one in self.objects))

    @property
    def values(self) -> dict[str, dict[str, list[float]]]:
        """For each image's name, the figure of every object by figure."""
        by_image: dict[str, dict[str, list[float]]] = {}
        for one in self.objects:
            figures = by_image.setdefault(one.image, {name: [] for name in FIGURES})
            for name, value in one.figures.items():
                figures[name].append(value)
        return by_image

    def by_image(self, figure: str) -> list[list[float]]:
        """One figure of every object, image by image."""
        return [figures[figure] for figures in self.values.values()]

    def rows(self) -> list[Row]:
        """A row for each folder, then one for all objects of all folders."""
        folders = sorted({one.folder for one in self.objects})
        rows = [
            _row(folder, [one for one in self.objects if one.folder == folder])
            for folder in folders
        ]
        return [*rows, _row("all", self.objects)]

    def intervals(self) -> dict[str, Interval]:
        """For each figure of all objects where its mean lies; empty for fewer than two images."""
        values = list(self.values.values())
        found = {
            name: mean_interval([image[name] for image in values], self.seed) for name in FIGURES
        }
        return {name: interval for name, interval in found.items() if interval is not None}

    def to_json(self) -> dict[str, Any]:
        """Rows, intervals of the last one, and every object, as plain values."""
        return {
            "model": self.model,
            "rows": [
                {"name": row.name, "images": row.images, "objects": row.objects, **row.figures}
                for row in self.rows()
            ],
            "intervals": {name: ends.to_json() for name, ends in self.intervals().items()},
            "objects": [one.to_json() for one in self.objects],
        }


def evaluate(
    model: Annotatable,
    frames: Iterable[LabelledFrame],
    *,
    objects: int = 10,
    smallest: int = SMALLEST,
    worst: int = 0,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Evaluation:
    """Judge a model on labelled frames.

    Parameters
    ----------
    model
        A :class:`.Segmenter`, or what answers as one.
    frames
        With their labels.
    objects
        At most so many of a frame, chosen by the frame's name and the seed.
    smallest
        Objects of fewer pixels are left out.
    worst
        How many of the worst are kept as pictures.
    seed
        For the choice of objects, and for the intervals.
    progress
        Called with the name of each frame when it is done.

    Returns
    -------
    Evaluation
        The first click is at the object's deepest point, each next one at the deepest point of
        the largest error. One click is answered by the best-scored of three candidates,
        everything after it by one mask with the previous logits fed back.
    """
    judged: list[JudgedObject] = []
    kept = Worst(worst)
    for frame in frames:
        labels = chosen_labels(frame, objects, smallest, seed)
        if labels:
            answers = judge_frame(model, frame, labels)
            judged.extend(answers.objects)
            kept.add(frame, answers)
        if progress is not None:
            progress(frame.name)
    return Evaluation(model.name, tuple(judged), kept.cases, seed)


def _row(name: str, objects: Sequence[JudgedObject]) -> Row:
    figures = [one.figures for one in objects]
    means = {key: float(np.mean([one[key] for one in figures])) for key in FIGURES if len(figures)}
    return Row(name, len({one.image for one in objects}), len(objects), means)
