"""Asking the model again for the objects of a prompt log, and how far the answers agree.

What the log itself comes to is in replay.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.asking import as_prompts, is_ambiguous
from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.log import prompts_of
from napari_cutout.formats.errors import FormatError
from napari_cutout.segment.errors import FrameError, PromptError
from napari_cutout.segment.windows import fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_cutout.formats.logs.log_entries import LoggedObject
    from napari_cutout.segment import Embedding, Prediction, Segmenter

    Crop = tuple[NDArray[np.bool_], tuple[int, int]]


@dataclass(frozen=True)
class Recomputed:
    """An object that the model was asked for again.

    Parameters
    ----------
    logged
        As it was committed.
    iou
        Of what was committed and what was answered now; None where nothing could be asked.
    score
        The predicted IoU of the answer.
    problem
        Why nothing could be asked; else empty.
    """

    logged: LoggedObject
    iou: float | None
    score: float | None = None
    problem: str = ""


def recompute(
    objects: Iterable[LoggedObject], image: Any, segmenter: Segmenter
) -> Iterator[Recomputed]:
    """Ask for each object again, as it was asked for: prompts, intensity mapping, mask options.

    Points are given one after another, each with the answer before it, as a person who clicks
    gives them; in which order points and shapes were given isn't known, so that shapes come first.
    What was touched up with a brush can't be asked for. An object that was found with a point is
    compared with the candidate that is nearest to it.

    Parameters
    ----------
    objects
        Of a log.
    image
        The array that was cut, of any kind; colours on one more axis behind those of the frames.
    segmenter
        The model.

    Yields
    ------
    Recomputed
        In the order of the objects.
    """
    known: tuple[object, Embedding] | None = None
    for one in objects:
        if not len(one.prompts):
            how = "it was made" if one.found is None else f"it was found ({one.found.mode})"
            yield Recomputed(one, None, problem=f"{how} without prompts")
            continue
        window = None if one.found is None else one.found.window
        key = one.frame, one.intensity, one.channels, window
        try:
            if known is None or known[0] != key:
                intensity = one.intensity or "percentile"
                frame = _frame(image, one)
                if window is not None and not fits(window, frame.shape[:2]):
                    raise FormatError(f"{window} doesn't lie inside the frame of {frame.shape[:2]}")
                known = key, segmenter.encode(frame, intensity, window)
            answer = _answer(one, known[1], segmenter)
        except (FormatError, FrameError, PromptError) as error:
            yield Recomputed(one, None, problem=str(error))
            continue
        chosen, agreement = _agreement(one, answer)
        yield Recomputed(one, agreement, float(answer.scores[chosen]))


def _agreement(one: LoggedObject, answer: Prediction) -> tuple[int, float]:
    """Which candidate is compared with an object, and the IoU of the two."""
    count, logged = len(answer.scores), (one.mask.decode(), one.origin)
    asked = [min(one.candidate, count - 1)] if one.found is None else range(count)
    ious = {k: crop_iou(logged, answer.crop(k, one.options)) for k in asked}
    best = max(ious, key=ious.__getitem__)
    return best, ious[best]


def crop_iou(first: Crop, second: Crop) -> float:
    """The IoU of two masks of a frame, each in its box; 1 where both are empty."""
    (a, at), (b, there) = first, second
    here, other = [], []
    for start, length, begin, size in zip(at, a.shape, there, b.shape, strict=True):
        low, high = max(start, begin), min(start + length, begin + size)
        here.append(slice(low - start, max(high, low) - start))
        other.append(slice(low - begin, max(high, low) - begin))
    shared = int(np.count_nonzero(a[tuple(here)] & b[tuple(other)]))
    union = int(np.count_nonzero(a)) + int(np.count_nonzero(b)) - shared
    return shared / union if union else 1.0


def _answer(one: LoggedObject, embedding: Embedding, segmenter: Segmenter) -> Prediction:
    state = prompts_of(one.prompts, len(one.frame))
    first = 0 if len(state.shapes) + len(state.masks) else 1
    logits, answer = None, None
    for count in range(first, len(state.points) + 1):
        given = replace(
            state,
            points=state.points[:count],
            positive=state.positive[:count],
            groups=state.groups[:count],
        )
        asked = as_prompts(given, one.frame, embedding.shape, logits)
        answer = segmenter.predict(embedding, asked, multimask=is_ambiguous(given))
        logits = answer.feedback()
    assert answer is not None, "there are prompts"
    return answer


def _frame(image: Any, one: LoggedObject) -> Any:
    """The frame, read; an image of one frame as it is, which the segmenter may read in pieces."""
    axes = len(one.frame)
    shape = tuple(int(size) for size in image.shape)
    if not axes <= len(shape) <= axes + 1 or any(
        at is not None and at >= size for at, size in zip(one.frame, shape, strict=False)
    ):
        raise FrameError(f"there is no frame {list(one.frame)} in an image of shape {shape}")
    if axes == 2:
        return image
    slices: tuple[Any, ...] = frame_slices(one.frame)
    if len(shape) > axes:
        slices = (*slices, slice(None))
    if one.channels is None:
        return np.asarray(image[slices])
    axis, positions = one.channels
    frames = [np.asarray(image[(*slices[:axis], at, *slices[axis + 1 :])]) for at in positions]
    return frames[0] if len(frames) == 1 else np.stack(frames, axis=-1)
