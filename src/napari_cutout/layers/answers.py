"""What the model answered for the objects that are being prompted, and what is fed back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.annotate import as_prompts
from napari_cutout.segment import Prompts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.annotate import PromptState
    from napari_cutout.layers.image.frames import FrameSource
    from napari_cutout.segment import MaskOptions, Prediction

    Crop = tuple[NDArray[np.bool_], tuple[int, int]]


class Answer:
    """The candidates for the prompts of one object.

    Parameters
    ----------
    prompts
        Of the object, as they stood.
    prediction
        In pixels of the frame.
    source
        The frame.
    chosen
        The candidate that is shown.
    """

    def __init__(
        self, prompts: PromptState, prediction: Prediction, source: FrameSource, chosen: int = 0
    ) -> None:
        self.prompts = prompts
        self.prediction = prediction
        self.source = source
        self.chosen = chosen
        self.touched: Crop | None = None
        """What a brush made of it; it is shown instead of the candidates."""
        self._crops: dict[tuple[int, MaskOptions], Crop] = {}
        self._cut: dict[int, bool] = {}

    def crop(self, options: MaskOptions) -> Crop:
        """What is shown, in its box of the frame, and the box's (row, col)."""
        if self.touched is not None:
            return self.touched
        wanted = self.chosen, options
        if wanted not in self._crops:
            self._crops[wanted] = self.prediction.crop(self.chosen, options)
        return self._crops[wanted]

    @property
    def is_cut(self) -> bool:
        """Whether what is shown may reach beyond what was looked at; never what a brush made."""
        if self.touched is not None:
            return False
        if self.chosen not in self._cut:
            self._cut[self.chosen] = self.prediction.is_cut(self.chosen)
        return self._cut[self.chosen]

    @property
    def score(self) -> float:
        """The predicted IoU of the chosen candidate."""
        return float(self.prediction.scores[self.chosen])


class Answers:
    """The answers since the last commit: undo finds the earlier ones again."""

    def __init__(self) -> None:
        self._by_prompts: dict[tuple[object, ...], Answer] = {}

    def add(self, answer: Answer) -> None:
        """Keep an answer; it is the latest."""
        key = answer.prompts.key()
        self._by_prompts.pop(key, None)
        self._by_prompts[key] = answer

    def find(self, prompts: PromptState) -> Answer | None:
        """The answer for the very same prompts."""
        return self._by_prompts.get(prompts.key())

    def before(self, prompts: PromptState) -> Answer | None:
        """The latest answer that these prompts follow: they were added to and none changed."""
        known = reversed(self._by_prompts.values())
        followed = [answer for answer in known if prompts.extends(answer.prompts)]
        return max(followed, key=lambda answer: len(answer.prompts), default=None)

    def question(self, prompts: PromptState, source: FrameSource) -> Prompts:
        """The prompts of an object as the model is asked, with the answer that they follow.

        What a brush made of that answer is fed back as a mask, else its logits are.
        """
        latest = self.before(prompts)
        if latest is None:
            return as_prompts(prompts, source.index, source.shape)
        if latest.touched is None:
            logits = latest.prediction.feedback(latest.chosen)
            return as_prompts(prompts, source.index, source.shape, logits)
        asked = as_prompts(prompts, source.index, source.shape)
        mask, origin = latest.touched
        if not mask.any():
            return Prompts(asked.points, asked.positive, asked.box)
        return Prompts(asked.points, asked.positive, asked.box, mask, mask_origin=origin)


def apart(crops: Sequence[Crop]) -> list[Crop]:
    """Masks of one frame that share no pixel: where they meet, the later one lies on top.

    Parameters
    ----------
    crops
        Each a mask ``(h, w)`` in its box, and the box's (row, col).
    """
    kept = [(mask.copy(), origin) for mask, origin in crops] if len(crops) > 1 else list(crops)
    for place, (below, origin) in enumerate(kept):
        for above, other in kept[place + 1 :]:
            cut_here, cut_there = _shared(origin, below.shape, other, above.shape)
            if cut_here is not None:
                below[cut_here] &= ~above[cut_there]
    return kept


def _shared(
    origin: tuple[int, int],
    shape: tuple[int, ...],
    other: tuple[int, int],
    other_shape: tuple[int, ...],
) -> tuple[tuple[slice, slice] | None, tuple[slice, slice]]:
    """The slices of two boxes that are the same pixels of the frame; None when there are none."""
    here, there = [], []
    for a, size, b, length in zip(origin, shape, other, other_shape, strict=True):
        low, high = max(a, b), min(a + size, b + length)
        if low >= high:
            return None, (slice(0), slice(0))
        here.append(slice(low - a, high - a))
        there.append(slice(low - b, high - b))
    return (here[0], here[1]), (there[0], there[1])
