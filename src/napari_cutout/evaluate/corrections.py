"""What it takes to put right what a model found in a frame: clicks, and what is gained by them.

Asked of the model once for each frame; in which order a person goes through it, and what that
costs, is played through without it in effort.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_cutout.evaluate.annotator import deepest_point
from napari_cutout.evaluate.judged import ENOUGH, MOST_CLICKS
from napari_cutout.evaluate.judging import corrected
from napari_cutout.evaluate.matching import Matching
from napari_cutout.evaluate.metrics import iou
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.uncertainty import doubts

if TYPE_CHECKING:
    from napari_cutout.evaluate.models import Answer
    from napari_cutout.formats.labelled import LabelledFrame
    from napari_cutout.segment.automatic.objects import Objects
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CorrectableFrame:
    """What was found in a frame, and what it would take to put it right.

    Parameters
    ----------
    name
        The frame's.
    ious
        ``(N, M)``: the IoU of each labelled object with each found one.
    cut_out
        ``(N, N)``: the IoU of each labelled object with what the annotator makes of each, clicking
        until it is good enough.
    clicks
        ``(N,)``: how many clicks that takes.
    doubts
        ``(M,)``: how unsure the model is of what it found, 0 to 1.
    scores
        ``(M,)``: the IoU that it predicts.
    """

    name: str
    ious: Floats
    cut_out: Floats
    clicks: NDArray[np.int64]
    doubts: Floats
    scores: Floats


def correctable(
    segmenter: Segmenter, frame: LabelledFrame, options: object = None
) -> CorrectableFrame:
    """Find everything in a labelled frame, and play through how each object would be put right.

    Parameters
    ----------
    segmenter
        The model that finds, and that answers the corrections.
    frame
        With all its objects labelled.
    options
        How objects are found, see :meth:`.Segmenter.everything`.
    """
    embedding = segmenter.encode(frame.frame)
    found: Objects = segmenter.everything(embedding, options)
    values = np.unique(frame.labels)
    truths = [frame.labels == value for value in values if value]
    masks, clicks = _cut_out(segmenter, embedding, truths)
    ious = Matching.of(frame.labels, found).ious
    return CorrectableFrame(
        frame.name,
        ious,
        np.array([[iou(mask, truth) for mask in masks] for truth in truths]).reshape(
            len(truths), len(truths)
        ),
        clicks,
        np.array([one.value for one in doubts(segmenter, embedding, found.found)]),
        np.array([one.score for one in found]),
    )


def _cut_out(
    segmenter: Segmenter, embedding: Embedding, truths: list[NDArray[np.bool_]]
) -> tuple[list[NDArray[np.bool_]], NDArray[np.int64]]:
    """Click on each object until it is good enough; its mask then, and the number of clicks."""
    clicks = np.ones(len(truths), np.int64)
    if not truths:
        return [], clicks
    prompts = [Prompts(points=[deepest_point(truth)]) for truth in truths]  # type: ignore[arg-type]
    answers: list[Answer] = list(segmenter.predict(embedding, prompts, multimask=True))
    masks = [answer.masks[0] for answer in answers]
    for _ in range(1, MOST_CLICKS):
        open_ones = [n for n, truth in enumerate(truths) if iou(masks[n], truth) < ENOUGH]
        if not open_ones:
            break
        asked, said = corrected(
            segmenter,
            embedding,
            [truths[n] for n in open_ones],
            [prompts[n] for n in open_ones],
            [answers[n] for n in open_ones],
        )
        for n, prompt, answer in zip(open_ones, asked, said, strict=True):
            prompts[n], answers[n], masks[n] = prompt, answer, answer.masks[0]
            clicks[n] += 1
    return masks, clicks
