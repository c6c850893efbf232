"""How good the model is now: mean IoU after one click on objects of the validation frames.

A frame is looked at as a segmenter does it, with the windows that it would choose, and the click is
the careful annotator's of ``evaluate``.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from napari_cutout.evaluate.annotator import bounding_box, deepest_point
from napari_cutout.evaluate.metrics import iou
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.segmenter import Segmenter
from napari_cutout.train.tuning.progress import TuningSample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.formats.labelled import LabelledFrame
    from napari_cutout.sam.family import Family
    from napari_cutout.train.data import LabelledData
    from napari_cutout.train.tuning.parent import Model

MOST_FRAMES = 24
OBJECTS_OF_A_FRAME = 10
_LEAST_AREA = 30
_SAMPLES = 4
_MARGIN = 0.6
_LARGEST_SAMPLE = 256
_CACHE = 1 << 29


@dataclass(frozen=True, eq=False)
class Judged:
    """A frame's results.

    Parameters
    ----------
    ious
        Of each object asked for.
    sample
        One of them to look at, where the frame is one of the first few.
    """

    ious: tuple[float, ...]
    sample: TuningSample | None


class _Unchanged:
    """A model that learns, to a segmenter: its embeddings stay, so they are kept by one name."""

    def __init__(self, model: Model, fingerprint: str) -> None:
        self._model = model
        self.fingerprint = fingerprint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


class Judge:
    """Asks for the same objects each time.

    Parameters
    ----------
    data
        The validation frames; of more than 24 some are chosen.
    frames
        How many there are.
    model
        That learns.
    seed
        Of the choice of frames.
    keeps_embeddings
        Whether the encoder stays as it is, so that frames need to be encoded once.
    """

    def __init__(
        self, data: LabelledData, frames: int, model: Model, seed: int, *, keeps_embeddings: bool
    ) -> None:
        self._data, self._model = data, model
        rng = np.random.default_rng((seed, 3))
        self._chosen = set(rng.permutation(frames)[:MOST_FRAMES].tolist())
        self._segmenter = self._new_segmenter("kept") if keeps_embeddings else None

    def __len__(self) -> int:
        """The number of frames that are judged on."""
        return len(self._chosen)

    def judge(self) -> Iterator[Judged]:
        """Ask for objects, frame by frame."""
        segmenter = self._segmenter or self._new_segmenter("now")
        samples = 0
        for number, frame in enumerate(self._data.frames()):
            if number not in self._chosen:
                continue
            found = _judge_frame(segmenter, frame, samples < _SAMPLES)
            samples += found.sample is not None
            yield found

    def _new_segmenter(self, fingerprint: str) -> Segmenter:
        family: Family = _Unchanged(self._model, fingerprint)
        return Segmenter.from_family(family, "in training", cache_bytes=_CACHE)


def _judge_frame(segmenter: Segmenter, frame: LabelledFrame, with_sample: bool) -> Judged:
    truths = _truths(frame)
    if not truths:
        return Judged((), None)
    clicks = [deepest_point(truth) for truth in truths]
    with torch.no_grad():
        embedding = segmenter.encode(frame.frame)
        prompts = [Prompts(points=np.array([click])) for click in clicks]
        answers = segmenter.predict(embedding, prompts, multimask=True)
        masks = [answer.masks[0] for answer in answers]
    ious = tuple(iou(mask, truth) for mask, truth in zip(masks, truths, strict=True))
    sample = None
    if with_sample:
        pixels = embedding.pixels
        sample = _sample(frame.name, pixels, truths[0], masks[0], clicks[0], ious[0])
    return Judged(ious, sample)


def _truths(frame: LabelledFrame) -> list[NDArray[np.bool_]]:
    areas = np.bincount(frame.labels.ravel().astype(np.int64))
    areas[0] = 0
    large = np.flatnonzero(areas >= _LEAST_AREA)
    rng = np.random.default_rng(zlib.crc32(frame.name.encode()))
    chosen = rng.permutation(large)[:OBJECTS_OF_A_FRAME]
    return [frame.labels == value for value in chosen]


def _sample(
    name: str,
    pixels: NDArray[np.uint8],
    truth: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    click: tuple[int, int],
    reached: float,
) -> TuningSample:
    """The frame around an object, at most 256 pixels of it along a side."""
    row0, col0, row1, col1 = bounding_box(truth)
    half = int(max(row1 - row0, col1 - col0) * (0.5 + _MARGIN)) + 8
    half = min(half, _LARGEST_SAMPLE // 2)
    top, left = max(0, click[0] - half), max(0, click[1] - half)
    around = slice(top, click[0] + half), slice(left, click[1] + half)
    place = click[0] - top, click[1] - left
    return TuningSample(
        name, pixels[around].copy(), truth[around].copy(), mask[around].copy(), place, reached
    )
