"""The model asked for objects where they are expected: one batch for all that a window shows.

The prompt is the expected mask with its box and its innermost point, and the answer is blended
with the expected mask, by as much as the model's habits leave in doubt. Measured on cells in
time-lapses and on cells and nuclei through volumes: boxes alone lose what a model sees badly, and
a moved mask alone keeps its errors.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.refining import mask_prompts
from napari_cutout.stacks.propagating.habits import Habit
from napari_cutout.stacks.propagating.pieces import Piece, depth, main_part, placed
from napari_cutout.stacks.propagating.views import view_of, views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.prediction import Prediction
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window

EDGE = 0.04
"""How wide the edge of an expected mask is, in sizes of the object: there its logits are from
-1 to 1. As wide as those of a model are."""

LEAST_TRUST = 1e-9
"""What never was sure still has pixels that nobody else claims."""

_SUREST = 8.0
_ROOM = 0.5

# The nearest to 0 first.
_BIASES = (0.0, -0.5, 0.5, -1.0, 1.0, -1.5, 1.5, -2.0, 2.0, -2.5, 2.5, -3.0, 3.0)


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model says of one object.

    Parameters
    ----------
    logits
        ``(window.rows, window.cols)`` float32, blended with the expected mask.
    window
        The object's surroundings, in the frame.
    expected
        ``(window.rows, window.cols)`` bool.
    score
        The predicted IoU, 0 to 1.
    agreement
        The IoU of what the model alone says with what was expected.
    """

    logits: NDArray[np.float32]
    window: Window
    expected: NDArray[np.bool_]
    score: float
    agreement: float


def ask(
    segmenter: Segmenter,
    embedding: Embedding,
    expected: Sequence[Piece],
    habits: Sequence[Habit],
    keep_shape: float,
) -> list[Answer]:
    """Ask for objects.

    Parameters
    ----------
    segmenter
        The model.
    embedding
        Of the frame.
    expected
        Where each object should be.
    habits
        What the model makes of each, see :func:`learn_habits`.
    keep_shape
        The share that the expected mask has in the answer at least, see :meth:`.Habit.kept_share`.
    """
    predictions = _predicted(segmenter, embedding, expected)
    return [
        _answer(prediction, piece, habit, keep_shape)
        for prediction, piece, habit in zip(predictions, expected, habits, strict=True)
    ]


def learn_habits(segmenter: Segmenter, embedding: Embedding, known: Sequence[Piece]) -> list[Habit]:
    """How a model sees objects of which a person says what they are.

    A model's masks are larger or smaller than those of the person who goes on with them, by more
    than the object changes from frame to frame. Of two thresholds that fit as well, the one
    nearer to 0 is taken.

    Parameters
    ----------
    segmenter, embedding
        The model, and the frame.
    known
        The objects in it.
    """
    habits = []
    for prediction, piece in zip(_predicted(segmenter, embedding, known), known, strict=True):
        said, window = _said(prediction, piece)
        drawn = piece.drawn(window)
        fits = []
        for bias in _BIASES:
            mask = said > bias
            both = int(np.count_nonzero(mask & drawn))
            fits.append(both / (piece.area + int(np.count_nonzero(mask)) - both))
        best = int(np.argmax(fits))
        habits.append(Habit(_BIASES[best], 1 - fits[best]))
    return habits


def _predicted(
    segmenter: Segmenter, embedding: Embedding, expected: Sequence[Piece]
) -> list[Prediction]:
    """What the model says of each, all that one window shows in one batch."""
    windows = views(embedding)
    by_view: dict[Window, list[int]] = defaultdict(list)
    for number, piece in enumerate(expected):
        by_view[view_of(piece, windows, embedding)].append(number)
    answers: dict[int, Prediction] = {}
    for view, members in sorted(by_view.items()):
        prompts = [mask_prompts((expected[i].mask, expected[i].origin)) for i in members]
        # Mask and box mean one thing: a model is trained to give one mask for both.
        found = segmenter.predict(replace(embedding, window=view), prompts, multimask=False)
        answers.update(zip(members, found, strict=True))
    return [answers[number] for number in range(len(expected))]


def _said(prediction: Prediction, piece: Piece) -> tuple[NDArray[np.float32], Window]:
    """The logits of an object's surroundings, and where those lie."""
    window = piece.around(round(_ROOM * piece.size) + 2, prediction.shape)
    seen = prediction.window
    # Beyond what was looked at there is nothing of it.
    said = placed(prediction.full_logits(0), (seen.row, seen.col), window, -_SUREST)
    return np.asarray(said, np.float32), window


def _answer(prediction: Prediction, piece: Piece, habit: Habit, keep_shape: float) -> Answer:
    said, window = _said(prediction, piece)
    said = np.clip(said, -_SUREST, _SUREST) - np.float32(habit.bias)
    drawn = piece.drawn(window)
    either = np.count_nonzero(drawn | (said > 0))
    agreement = float(np.count_nonzero(drawn & (said > 0)) / either)
    edge = max(EDGE * piece.size, 1 / 3)
    prior = np.clip(depth(drawn) / np.float32(edge), -_SUREST, _SUREST)
    kept = habit.kept_share(agreement, keep_shape)
    mixed = (1 - kept) * said + kept * prior
    score = float(np.clip(prediction.scores[0], 0, 1))
    return Answer(np.asarray(mixed, np.float32), window, drawn, score, agreement)


def share_out(
    answers: Sequence[Answer], trusts: Sequence[float], taken: Sequence[Piece] = ()
) -> list[Piece | None]:
    """Masks that share no pixel: each goes to the object whose logit times trust is highest there.

    Parameters
    ----------
    answers
        In the order of ids: of equal claims the first one wins.
    trusts
        How far the masks they come from can be trusted, above 0: an object that was carried far,
        perhaps past its end, takes nothing from one that a person has just given.
    taken
        Masks whose pixels nobody else gets.

    Returns
    -------
    list
        For each answer its mask, None where nothing is left.
    """
    pairs = zip(answers, trusts, strict=True)
    logits = [answer.logits * np.float32(max(trust, LEAST_TRUST)) for answer, trust in pairs]
    for values, answer in zip(logits, answers, strict=True):
        for piece in taken:
            values[piece.drawn(answer.window)] = -np.inf
    claims = list(zip(logits, (answer.window for answer in answers), strict=True))
    masks = [values > 0 for values in logits]
    for first, second in _meeting([window for _, window in claims]).tolist():
        _part(masks, claims, first, second)
    found = []
    for mask, answer in zip(masks, answers, strict=True):
        corner = (answer.window.row, answer.window.col)
        found.append(Piece.of(main_part(mask, answer.expected), corner))
    return found


def _part(
    masks: list[NDArray[np.bool_]],
    claims: Sequence[tuple[NDArray[np.float32], Window]],
    first: int,
    second: int,
) -> None:
    """Take out of two masks what the other one has a better claim to."""
    (ours, here), (theirs, there) = claims[first], claims[second]
    seen = placed(theirs, (there.row, there.col), here, -np.inf)
    masks[first] &= ~((seen > ours) & (seen > 0))
    seen = placed(ours, (here.row, here.col), there, -np.inf)
    masks[second] &= ~((seen >= theirs) & (seen > 0))


def _meeting(windows: Sequence[Window]) -> NDArray[np.int64]:
    """Pairs ``(M, 2)`` of windows that share a pixel, the smaller number first."""
    low = np.array([(one.row, one.col) for one in windows], np.int64).reshape(-1, 2)
    high = low + np.array([(one.rows, one.cols) for one in windows], np.int64).reshape(-1, 2)
    meets = (low[:, None] < high[None]) & (low[None] < high[:, None])
    return np.argwhere(np.triu(meets.all(axis=2), 1))
