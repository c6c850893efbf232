"""Boxes and masks from elsewhere, cut out again by the model: all in one batched call a pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.mask_options import MaskOptions
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import ArrayLike

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.prediction import Prediction
    from napari_cutout.segment.segmenter import Segmenter

Placed: TypeAlias = tuple[NDArray[np.bool_], tuple[int, int]]
"""A mask ``(h, w)`` bool in its box, and the box's (row, col) in the frame."""

BATCH = 32
"""Objects that are refined between two reports."""

_STABILITY_OFFSET = 1.0


def refine(
    segmenter: Segmenter,
    embedding: Embedding,
    boxes: ArrayLike | None = None,
    masks: Iterable[Placed | NDArray[np.bool_]] | None = None,
    passes: int = 2,
) -> Objects:
    """Cut out what boxes and masks from elsewhere mean.

    Parameters
    ----------
    segmenter
        The model.
    embedding
        Of the frame.
    boxes
        ``(N, 4)``: row0, col0, row1, col1 each, both corners inside.
    masks
        Each ``(rows, cols)`` bool of the frame's size, or one in its box and the box's (row, col).
        A mask is given to the model with its box and its innermost point.
    passes
        How often each is asked: first for three candidates, from the second time on for one mask
        with the best answer so far fed back.

    Returns
    -------
    Objects
        The best first; without those of which nothing was left. :func:`refine_prompts` keeps the
        order of what was given, and can be stopped.

    Raises
    ------
    PromptError
        If there is neither, or one of them doesn't fit the frame.

    Examples
    --------
    >>> from napari_cutout import Segmenter
    >>> from napari_cutout.sample_data import fluorescence
    >>> segmenter = Segmenter("compact")
    >>> embedding = segmenter.encode(fluorescence())
    >>> len(refine(segmenter, embedding, boxes=[[185, 180, 225, 225]]))
    1
    """
    prompts = [] if boxes is None else box_prompts(boxes)
    prompts += [] if masks is None else [mask_prompts(mask) for mask in masks]
    if not prompts:
        raise PromptError("there is nothing to refine; give boxes (N, 4), or masks")
    found: list[FoundObject] = []
    for batch in refine_prompts(segmenter, embedding, prompts, passes):
        found += [one for one in batch if one is not None]
    return Objects(tuple(sorted(found, key=lambda one: -one.score)), embedding.shape)


def refine_prompts(
    segmenter: Segmenter, embedding: Embedding, prompts: Sequence[Prompts], passes: int = 2
) -> Iterator[tuple[FoundObject | None, ...]]:
    """Refine prompts of one object each, a batch after the other.

    Parameters
    ----------
    segmenter, embedding, passes
        See :func:`refine`.
    prompts
        Of :func:`box_prompts` and :func:`mask_prompts`, or any others.

    Yields
    ------
    tuple
        For each prompt of the batch what was found, None where nothing was. The batches are in
        the order of the prompts, and each is ready to be used when it comes.

    Raises
    ------
    PromptError
        If a prompt doesn't fit the frame, or there is to be no pass.
    """
    if passes < 1:
        raise PromptError(f"prompts are refined in one pass or more, not {passes}")
    for prompt in prompts:
        prompt.check(embedding.shape)
    for first in range(0, len(prompts), BATCH):
        batch = prompts[first : first + BATCH]
        answers = _passes(segmenter, embedding, batch, passes)
        yield tuple(
            found_object(answer, 0, _point(prompt))
            for prompt, answer in zip(batch, answers, strict=True)
        )


def box_prompts(boxes: ArrayLike) -> list[Prompts]:
    """A prompt for each of ``(N, 4)`` boxes.

    Raises
    ------
    PromptError
        If they aren't boxes.
    """
    array = np.asarray(boxes, float)
    if array.size == 0:
        return []
    if array.ndim != 2 or array.shape[1] != 4:
        raise PromptError(
            f"boxes have shape (N, 4), row0, col0, row1, col1 each, not {array.shape}; "
            "put a single one into a list"
        )
    return [Prompts(box=box) for box in array]


def mask_prompts(mask: Placed | NDArray[np.bool_]) -> Prompts:
    """A mask as a prompt: itself, its box, and the point of it that is farthest from its edge.

    Parameters
    ----------
    mask
        See :func:`refine`.

    Raises
    ------
    PromptError
        If it is empty, or no mask.
    """
    array, origin = mask if isinstance(mask, tuple) else (mask, None)
    given = Prompts(mask=array, mask_origin=origin)
    assert given.mask is not None, "a prompt keeps its mask"
    shift = np.array(origin or (0, 0))
    rows, cols = (np.flatnonzero(given.mask.any(axis=axis)) for axis in (1, 0))
    corners = np.array([[rows[0], cols[0]], [rows[-1], cols[-1]]]) + shift
    return replace(
        given,
        points=np.add(innermost(given.mask), shift)[None].astype(float),
        positive=np.array([True]),
        box=corners.reshape(4).astype(float),
    )


def innermost(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """The (row, col) of a mask ``(h, w)`` that is farthest from its edge, and from the array's."""
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))
    row, col = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(row) - 1, int(col) - 1


def found_object(
    prediction: Prediction, k: int = 0, point: tuple[float, float] | None = None
) -> FoundObject | None:
    """A candidate as an object in its box; None where its mask is empty.

    Parameters
    ----------
    prediction
        The candidates.
    k
        Which one.
    point
        (row, col) of the prompt.
    """
    mask, origin = prediction.crop(k)
    if not mask.any():
        return None
    # The masks of both thresholds lie one in the other: the smaller is what they share.
    least, most = (
        int(np.count_nonzero(prediction.crop(k, MaskOptions(offset))[0]))
        for offset in (_STABILITY_OFFSET, -_STABILITY_OFFSET)
    )
    score = float(prediction.scores[k])
    return FoundObject(Rle.encode(mask), origin, score, least / most, prediction.window, point)


def _passes(
    segmenter: Segmenter, embedding: Embedding, prompts: Sequence[Prompts], passes: int
) -> list[Prediction]:
    answers = segmenter.predict(embedding, list(prompts))
    for _ in range(passes - 1):
        # The mask from elsewhere gives way to the answer to it, which knows of it.
        again = [
            replace(prompt, mask=None, mask_origin=None, logits=answer.feedback(0))
            for prompt, answer in zip(prompts, answers, strict=True)
        ]
        # A prompt and its answer mean one thing: SAM is trained to give one mask for both.
        answers = segmenter.predict(embedding, again, multimask=False)
    return answers


def _point(prompts: Prompts) -> tuple[float, float] | None:
    if not prompts.positive.any():
        return None
    row, col = prompts.points[prompts.positive][0].tolist()
    return row, col
