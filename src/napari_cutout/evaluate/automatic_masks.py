"""Finding everything, judged: what was found without prompts against all labels of a frame."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.evaluate.bootstrap import Interval, mean_interval
from napari_cutout.evaluate.boundaries import boundary_f
from napari_cutout.evaluate.matching import THRESHOLDS, Matching
from napari_cutout.evaluate.models import FindsEverything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cutout.evaluate.models import Finder
    from napari_cutout.formats.labelled import LabelledFrame
    from napari_cutout.segment.segmenter import Segmenter

FIGURES = ("ap50", "ap75", "map", "pq", "boundary_f", "seconds")

_AP50, _AP75 = 0.5, 0.75


@dataclass(frozen=True)
class FrameFigures:
    """What was found in one frame.

    Parameters
    ----------
    objects, found
        How many are labelled, and how many were found.
    figures
        By the names of :data:`FIGURES`.
    ap
        The average precision at each of :data:`.THRESHOLDS`.
    """

    objects: int
    found: int
    figures: dict[str, float]
    ap: tuple[float, ...]


@dataclass
class AutomaticRow:
    """Mean figures of a folder, or of all; every image counts the same.

    Parameters
    ----------
    name
        The folder's, or ``"all"``.
    images, objects, found
        How many were judged, labelled and found.
    figures
        ``ap50`` and ``ap75``: TP / (TP + FP + FN) at an IoU above 0.5 and 0.75; ``map``: its mean
        over 0.5, 0.55, ... 0.95; ``pq``: panoptic quality; ``boundary_f``: outlines within two
        pixels; ``seconds``: for an image, encoding included.
    """

    name: str
    images: int = 0
    objects: int = 0
    found: int = 0
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class AutomaticEvaluation:
    """What :func:`automatic` found.

    Parameters
    ----------
    model
        Its name.
    mode
        How objects were looked for.
    frames
        The figures of each image by its name.
    seed
        Of the intervals.
    """

    model: str
    mode: str
    frames: dict[str, FrameFigures]
    seed: int = 0

    def rows(self) -> list[AutomaticRow]:
        """A row for each folder, then one for all images of all folders."""
        folders = sorted({name.split("/")[0] for name in self.frames})
        rows = [
            _row(folder, [f for name, f in self.frames.items() if name.split("/")[0] == folder])
            for folder in folders
        ]
        return [*rows, _row("all", list(self.frames.values()))]

    def ap_by_threshold(self) -> tuple[float, ...]:
        """The mean average precision over images at each of :data:`.THRESHOLDS`."""
        return tuple(np.mean([frame.ap for frame in self.frames.values()], axis=0).tolist())

    def ap_intervals(self) -> tuple[Interval, ...]:
        """Where those lie; empty for fewer than two images."""
        columns = zip(*(frame.ap for frame in self.frames.values()), strict=True)
        found = (mean_interval([[value] for value in column], self.seed) for column in columns)
        return tuple(interval for interval in found if interval is not None)

    def intervals(self) -> dict[str, Interval]:
        """For each figure of all images where its mean lies; empty for fewer than two images."""
        frames = self.frames.values()
        found = {
            name: mean_interval([[frame.figures[name]] for frame in frames], self.seed)
            for name in FIGURES
            if name != "seconds"
        }
        return {name: interval for name, interval in found.items() if interval is not None}

    def to_json(self) -> dict[str, Any]:
        """The rows, the intervals of the last one, and every image, as plain values."""
        return {
            "model": self.model,
            "mode": self.mode,
            "rows": [
                {
                    "name": row.name,
                    "images": row.images,
                    "objects": row.objects,
                    "found": row.found,
                    **row.figures,
                }
                for row in self.rows()
            ],
            "intervals": {name: ends.to_json() for name, ends in self.intervals().items()},
            "ap_by_threshold": dict(
                zip(map(str, THRESHOLDS), self.ap_by_threshold(), strict=False)
            ),
            "images": [
                {"name": name, "objects": one.objects, "found": one.found, **one.figures}
                for name, one in self.frames.items()
            ],
        }


def automatic(
    segmenter: Segmenter,
    frames: Iterable[LabelledFrame],
    options: object = None,
    *,
    mode: str = "",
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> AutomaticEvaluation:
    """Judge what a model finds by itself, on frames that are labelled completely.

    Parameters
    ----------
    segmenter
        The model.
    frames
        With their labels; what isn't labelled counts as background.
    options
        How objects are looked for, see :meth:`.Segmenter.everything`.
    mode
        What to call it; the name of the options' type when left out.
    seed
        Of the intervals.
    progress
        Called with the name of each frame when it is done.

    Raises
    ------
    OptionError
        If the options aren't of a kind that is known.
    """
    finder = FindsEverything(segmenter, options)
    return found_by(
        finder, frames, mode=mode or type(options).__name__, seed=seed, progress=progress
    )


def found_by(
    finder: Finder,
    frames: Iterable[LabelledFrame],
    *,
    mode: str,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> AutomaticEvaluation:
    """The same for whatever finds objects; see :func:`automatic`."""
    figures: dict[str, FrameFigures] = {}
    for frame in frames:
        figures[frame.name] = _judged(finder, frame)
        if progress is not None:
            progress(frame.name)
    return AutomaticEvaluation(finder.name, mode, figures, seed)


def _judged(finder: Finder, frame: LabelledFrame) -> FrameFigures:
    start = time.perf_counter()
    found = finder.find(frame.frame)
    seconds = time.perf_counter() - start
    matching = Matching.of(frame.labels, found)
    objects, count = matching.ious.shape
    figures = {
        "ap50": matching.average_precision(_AP50),
        "ap75": matching.average_precision(_AP75),
        "map": matching.mean_average_precision,
        "pq": matching.panoptic_quality,
        "boundary_f": boundary_f(frame.labels, found),
        "seconds": seconds,
    }
    precisions = tuple(matching.average_precision(threshold) for threshold in THRESHOLDS)
    return FrameFigures(objects, count, figures, precisions)


def _row(name: str, frames: list[FrameFigures]) -> AutomaticRow:
    means = {
        figure: float(np.mean([frame.figures[figure] for frame in frames]))
        for figure in FIGURES
        if frames
    }
    objects, found = sum(frame.objects for frame in frames), sum(frame.found for frame in frames)
    return AutomaticRow(name, len(frames), objects, found, means)
