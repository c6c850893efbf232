"""Seeds as prompts: asked in windows that are encoded once, and the answers as objects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.automatic.windowed.pieces import tight
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.seeds.options import SeedOptions
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.prediction import Prediction
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window

_OFFSET = 1.0
"""How far the thresholds of the stability lie above and below, in logits; as SAM has it."""

_ROOM = 0.1
"""Share of an object's size that a window shows around it, or else a larger one is taken."""


@dataclass(frozen=True)
class Seed:
    """Where an object is.

    Parameters
    ----------
    box
        (row0, col0, row1, col1) in the frame, both corners inside.
    point
        Its deepest, (row, col) in the frame.
    """

    box: tuple[int, int, int, int]
    point: tuple[float, float]

    def prompts(self, how: str) -> Prompts:
        """What a model is asked with: ``"point"``, ``"box"`` or ``"point and box"``."""
        box = None if how == "point" else np.array(self.box, float)
        points = np.zeros((0, 2)) if how == "box" else np.array([self.point])
        return Prompts(points=points, box=box)

    def best_view(self, windows: Sequence[Window]) -> Window | None:
        """Of the windows that show it with room around, the one with its middle nearest."""
        row0, col0, row1, col1 = self.box
        middle = np.array([row0 + row1, col0 + col1]) / 2

        def distance(window: Window) -> float:
            centre = (window.row + (window.rows - 1) / 2, window.col + (window.cols - 1) / 2)
            return float(np.abs(middle - centre).max())

        extent = self._with_room(windows)
        shows = [window for window in windows if window.holds(extent)]
        return min(shows if len(windows) > 1 else windows, key=distance, default=None)

    def _with_room(self, windows: Sequence[Window]) -> NDArray[np.float64]:
        """The box with room around, as far as the windows together reach."""
        box = np.array(self.box, float)
        room = _ROOM * float((box[2:] - box[:2]).max() + 1)
        low = np.array([min(w.row for w in windows), min(w.col for w in windows)])
        high = [max(w.row + w.rows for w in windows), max(w.col + w.cols for w in windows)]
        corners = (np.maximum(box[:2] - room, low), np.minimum(box[2:] + room, np.array(high) - 1))
        return np.concatenate(corners)


def cut_out(
    segmenter: Segmenter,
    embedding: Embedding,
    seeds: Sequence[Seed],
    windows: Sequence[Window],
    options: SeedOptions,
) -> Iterator[list[FoundObject]]:
    """Objects for seeds, batch by batch; those with good answers.

    Parameters
    ----------
    segmenter, embedding
        What is asked.
    seeds
        One for each object.
    windows
        Where they are asked. One that no window shows is asked in a larger one.
    options
        With what they are asked, and which answers are kept.
    """
    viewed = [(seed.best_view(windows), seed) for seed in seeds]
    # Window by window: what is encoded for one is asked for all of its seeds.
    viewed.sort(key=lambda pair: () if pair[0] is None else _order(pair[0]))
    for start in range(0, len(viewed), options.batch):
        batch = viewed[start : start + options.batch]
        found: list[FoundObject] = []
        for view in dict.fromkeys(view for view, _ in batch):
            asked = [seed for place, seed in batch if place == view]
            found += _answers(segmenter, replace(embedding, window=view), asked, options)
        yield found


def _answers(
    segmenter: Segmenter, embedding: Embedding, seeds: list[Seed], options: SeedOptions
) -> Iterator[FoundObject]:
    prompts = [seed.prompts(options.prompt) for seed in seeds]
    # One click may mean several things; a box says which.
    predictions = segmenter.predict(embedding, prompts, multimask=options.prompt == "point")
    for seed, prediction in zip(seeds, predictions, strict=True):
        if prediction.scores[0] < options.pred_iou_thresh:
            continue
        stability = _stability(prediction.logits[0])
        if stability >= options.stability_score_thresh:
            one = _as_object(seed, prediction, stability)
            if one is not None:
                yield one


def _as_object(seed: Seed, prediction: Prediction, stability: float) -> FoundObject | None:
    mask, (row, col) = prediction.crop(0)
    found = tight(_largest_part(mask), (row, col))
    if found is None:
        return None
    return FoundObject(
        mask=Rle.encode(found[0]),
        origin=found[1],
        score=float(np.clip(prediction.scores[0], 0, 1)),
        stability=stability,
        window=prediction.window,
        point=seed.point,
    )


def _largest_part(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected part: what else an answer has is crumbs of other objects."""
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    if count < 2:
        return mask
    areas = np.bincount(parts.ravel())
    areas[0] = 0
    return np.asarray(parts == int(areas.argmax()))


def _stability(logits: NDArray[np.float32]) -> float:
    inner, outer = (np.count_nonzero(logits > offset) for offset in (_OFFSET, -_OFFSET))
    return inner / outer if outer else 0.0


def _order(window: Window) -> tuple[int, ...]:
    return window.row, window.col, window.rows, window.cols
