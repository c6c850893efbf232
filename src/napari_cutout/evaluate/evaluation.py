"""A model judged by the simulated annotator: mean IoU after clicks and boxes, folder by folder."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_cutout.evaluate.annotator import bounding_box, deepest_point, next_click
from napari_cutout.evaluate.metrics import inscribed_ellipse, iou
from napari_cutout.segment.prompts import Prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from napari_cutout.formats.labelled import LabelledFrame
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.prediction import Prediction
    from napari_cutout.segment.segmenter import Segmenter

CLICKS = (1, 2, 3, 5, 8)
CLICKS_AFTER_BOX = (1, 3)

Mask = NDArray[np.bool_]


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
        Mean IoU by name: ``click_1`` ..., ``box``, ``box_click_1`` ..., ``ellipse``.
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
    values
        For each image's name, the IoU of every object by figure.
    """

    model: str
    values: dict[str, dict[str, list[float]]]

    def rows(self) -> list[Row]:
        """A row for each folder, then one for all objects of all folders."""
        folders = sorted({name.split("/")[0] for name in self.values})
        rows = [
            self._row(folder, [n for n in self.values if n.split("/")[0] == folder])
            for folder in folders
        ]
        return [*rows, self._row("all", list(self.values))]

    def to_json(self) -> dict[str, Any]:
        """The rows as plain values."""
        return {
            "model": self.model,
            "rows": [
                {"name": row.name, "images": row.images, "objects": row.objects, **row.figures}
                for row in self.rows()
            ],
        }

    def _row(self, name: str, images: list[str]) -> Row:
        pooled: dict[str, list[float]] = {}
        for image in images:
            for figure, values in self.values[image].items():
                pooled.setdefault(figure, []).extend(values)
        objects = len(pooled.get("box", ()))
        return Row(name, len(images), objects, {k: float(np.mean(v)) for k, v in pooled.items()})


def evaluate(
    segmenter: Segmenter,
    frames: Iterable[LabelledFrame],
    *,
    objects: int = 10,
    smallest: int = 30,
    progress: Callable[[str], None] | None = None,
) -> Evaluation:
    """Judge a model on labelled frames.

    Parameters
    ----------
    segmenter
        The model.
    frames
        With their labels.
    objects
        At most so many of a frame, chosen by a seed that is the frame's name.
    smallest
        Objects of fewer pixels are left out.
    progress
        Called with the name of each frame when it is done.

    Returns
    -------
    Evaluation
        The first click is at the object's deepest point, each next one at the deepest point of
        the largest error. One click is answered by the best of three candidates, everything
        after it by one mask with the previous logits fed back.
    """
    values: dict[str, dict[str, list[float]]] = {}
    for frame in frames:
        truths = list(_truths(frame, objects, smallest))
        if truths:
            embedding = segmenter.encode(frame.frame)
            values[frame.name] = {
                **_clicked(segmenter, embedding, truths),
                **_boxed(segmenter, embedding, truths),
            }
        if progress is not None:
            progress(frame.name)
    return Evaluation(segmenter.name, values)


def _truths(frame: LabelledFrame, objects: int, smallest: int) -> Iterator[Mask]:
    areas = np.bincount(frame.labels.ravel().astype(np.int64))
    areas[0] = 0
    large = np.flatnonzero(areas >= smallest)
    rng = np.random.default_rng(zlib.crc32(frame.name.encode()))
    for value in sorted(rng.permutation(large)[:objects]):
        yield frame.labels == value


def _clicked(
    segmenter: Segmenter, embedding: Embedding, truths: list[Mask]
) -> dict[str, list[float]]:
    prompts = [Prompts(points=[deepest_point(truth)]) for truth in truths]  # type: ignore[arg-type]
    answers = segmenter.predict(embedding, prompts, multimask=True)
    figures = {"click_1": _ious(answers, truths)}
    for number in range(2, max(CLICKS) + 1):
        prompts, answers = _corrected(segmenter, embedding, truths, prompts, answers)
        if number in CLICKS:
            figures[f"click_{number}"] = _ious(answers, truths)
    return figures


def _boxed(
    segmenter: Segmenter, embedding: Embedding, truths: list[Mask]
) -> dict[str, list[float]]:
    boxes = [bounding_box(truth) for truth in truths]
    prompts = [Prompts(box=box) for box in boxes]  # type: ignore[arg-type]
    answers = segmenter.predict(embedding, prompts, multimask=False)
    figures = {"box": _ious(answers, truths)}
    for number in range(1, max(CLICKS_AFTER_BOX) + 1):
        prompts, answers = _corrected(segmenter, embedding, truths, prompts, answers)
        if number in CLICKS_AFTER_BOX:
            figures[f"box_click_{number}"] = _ious(answers, truths)
    pairs = zip(boxes, truths, strict=True)
    figures["ellipse"] = [iou(inscribed_ellipse(box, t.shape), t) for box, t in pairs]
    return figures


def _corrected(
    segmenter: Segmenter,
    embedding: Embedding,
    truths: list[Mask],
    prompts: list[Prompts],
    answers: list[Prediction],
) -> tuple[list[Prompts], list[Prediction]]:
    """One click more on every object that isn't right yet."""
    prompts, answers = list(prompts), list(answers)
    changed = []
    for index, truth in enumerate(truths):
        click = next_click(answers[index].masks[0], truth)
        if click is None:
            continue
        changed.append(index)
        old = prompts[index]
        prompts[index] = Prompts(
            points=np.vstack([old.points, click[0]]),
            positive=np.append(old.positive, click[1]),
            box=old.box,
            logits=answers[index].feedback(0),
        )
    found = segmenter.predict(embedding, [prompts[i] for i in changed], multimask=False)
    for index, answer in zip(changed, found, strict=True):
        answers[index] = answer
    return prompts, answers


def _ious(answers: list[Prediction], truths: list[Mask]) -> list[float]:
    return [iou(a.masks[0], truth) for a, truth in zip(answers, truths, strict=True)]
