"""The simulated annotator at work on one frame: clicks, boxes, and then what is still wrong."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_cutout.evaluate.annotator import bounding_box, deepest_point, next_click
from napari_cutout.evaluate.judged import (
    CLICKS_AFTER_BOX,
    EVERY_CLICK,
    MOST_CLICKS,
    SCORED,
    JudgedObject,
)
from napari_cutout.evaluate.metrics import inscribed_ellipse, iou
from napari_cutout.segment.prompts import Prompts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.evaluate.models import Annotatable, Answer
    from napari_cutout.formats.labelled import LabelledFrame

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FrameAnswers:
    """What a model made of the objects of a frame.

    Parameters
    ----------
    objects
        The figures of each.
    masks
        ``(rows, cols)`` bool: the first answer to each, after one click.
    """

    objects: tuple[JudgedObject, ...]
    masks: tuple[Mask, ...]


def chosen_labels(frame: LabelledFrame, objects: int, smallest: int, seed: int = 0) -> list[int]:
    """Which objects of a frame are judged: always the same for a frame's name and a seed.

    Parameters
    ----------
    frame
        With its labels.
    objects
        At most so many.
    smallest
        Objects of fewer pixels are left out.
    seed
        Besides the name.
    """
    areas = np.bincount(frame.labels.ravel().astype(np.int64))
    areas[0] = 0
    large = np.flatnonzero(areas >= smallest)
    named = zlib.crc32(frame.name.encode())
    rng = np.random.default_rng(named if seed == 0 else [named, seed])
    return sorted(int(value) for value in rng.permutation(large)[:objects])


def judge_frame(model: Annotatable, frame: LabelledFrame, labels: Sequence[int]) -> FrameAnswers:
    """Click on objects and draw boxes around them.

    Parameters
    ----------
    model
        What is judged.
    frame
        With its labels.
    labels
        Which objects, at least one.
    """
    embedding = model.encode(frame.frame)
    truths = [frame.labels == label for label in labels]
    clicked = _clicked(model, embedding, truths)
    boxed = _boxed(model, embedding, truths)
    objects = []
    for index, (label, truth) in enumerate(zip(labels, truths, strict=True)):
        answers = {name: some[index] for name, some in (clicked | boxed).items()}
        ious = {name: iou(answer.masks[0], truth) for name, answer in answers.items()}
        ious["ellipse"] = iou(inscribed_ellipse(bounding_box(truth), truth.shape), truth)
        scores = {name: float(answers[name].scores[0]) for name in SCORED}
        best = max(iou(mask, truth) for mask in answers["click_1"].masks)
        area = int(np.count_nonzero(truth))
        objects.append(JudgedObject(frame.name, label, area, ious, scores, best))
    masks = tuple(np.asarray(answer.masks[0]) for answer in clicked["click_1"])
    return FrameAnswers(tuple(objects), masks)


def _clicked(model: Annotatable, embedding: Any, truths: list[Mask]) -> dict[str, Sequence[Answer]]:
    prompts = [Prompts(points=[deepest_point(truth)]) for truth in truths]  # type: ignore[arg-type]
    answers = list(model.predict(embedding, prompts, multimask=True))
    every: dict[str, Sequence[Answer]] = {EVERY_CLICK[0]: answers}
    for name in EVERY_CLICK[1:MOST_CLICKS]:
        prompts, answers = corrected(model, embedding, truths, prompts, answers)
        every[name] = answers
    return every


def _boxed(model: Annotatable, embedding: Any, truths: list[Mask]) -> dict[str, Sequence[Answer]]:
    prompts = [Prompts(box=bounding_box(truth)) for truth in truths]  # type: ignore[arg-type]
    answers = list(model.predict(embedding, prompts, multimask=False))
    every: dict[str, Sequence[Answer]] = {"box": answers}
    for number in range(1, max(CLICKS_AFTER_BOX) + 1):
        prompts, answers = corrected(model, embedding, truths, prompts, answers)
        if number in CLICKS_AFTER_BOX:
            every[f"box_click_{number}"] = answers
    return every


def corrected(
    model: Annotatable,
    embedding: Any,
    truths: Sequence[Mask],
    prompts: Sequence[Prompts],
    answers: Sequence[Answer],
) -> tuple[list[Prompts], list[Answer]]:
    """One click more on every object that isn't right yet, with the last answer fed back."""
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
    found = model.predict(embedding, [prompts[i] for i in changed], multimask=False)
    for index, answer in zip(changed, found, strict=True):
        answers[index] = answer
    return prompts, answers
