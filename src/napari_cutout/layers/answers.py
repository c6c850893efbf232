"""What the model answered for the object that is being prompted, and what is fed back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.segment import Prompts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex, PromptState
    from napari_cutout.layers.frames import FrameSource
    from napari_cutout.segment import Prediction

    Crop = tuple[NDArray[np.bool_], tuple[int, int]]


class Answer:
    """The candidates for one state of the prompts.

    Parameters
    ----------
    prompts
        Of the frame, as they stood.
    prediction
        In pixels of the frame's pyramid level.
    source
        The frame.
    """

    def __init__(
        self, prompts: PromptState, prediction: Prediction, source: FrameSource, chosen: int = 0
    ) -> None:
        self.prompts = prompts
        self.prediction = prediction
        self.source = source
        self.chosen = chosen
        self._crops: dict[int, Crop] = {}

    def crop(self) -> Crop:
        """The chosen candidate in its box of the frame, and the box's (row, col)."""
        if self.chosen not in self._crops:
            mask, origin = self.prediction.crop(self.chosen)
            self._crops[self.chosen] = self.source.to_frame(mask, origin)
        return self._crops[self.chosen]

    @property
    def score(self) -> float:
        """The predicted IoU of the chosen candidate."""
        return float(self.prediction.scores[self.chosen])


class Answers:
    """The answers for one object while it is prompted: undo finds the earlier ones again."""

    def __init__(self) -> None:
        self._by_prompts: dict[tuple[bytes, ...], Answer] = {}
        self.latest: Answer | None = None

    def add(self, answer: Answer) -> None:
        """Keep an answer; it is the latest."""
        self._by_prompts[answer.prompts.key()] = answer
        self.latest = answer

    def find(self, prompts: PromptState) -> Answer | None:
        """The answer for the very same prompts."""
        return self._by_prompts.get(prompts.key())

    def question(self, prompts: PromptState, source: FrameSource) -> Prompts:
        """The prompts of a frame as the model is asked, with the answer that they follow.

        Logits are fed back only where prompts were added and none changed.
        """
        asked = as_asked(prompts, source.index)
        box = None
        if asked.box is not None:
            box = source.to_level(asked.box.reshape(2, 2)).reshape(4)
        latest = self.latest
        logits = None
        if latest is not None and prompts.extends(latest.prompts):
            logits = latest.prediction.feedback(latest.chosen)
        return Prompts(source.to_level(asked.points), asked.positive, box, logits=logits)


def as_asked(prompts: PromptState, index: FrameIndex) -> Prompts:
    """The prompts of a frame in the library's words; the latest box counts.

    Raises
    ------
    PromptError
        If there are none.
    """
    boxes = prompts.frame_boxes(index)
    box = boxes[-1] if len(boxes) else None
    return Prompts(prompts.frame_points(index), prompts.positive, box)


def is_ambiguous(prompts: PromptState) -> bool:
    """Whether one click or one box is all there is, which may mean several things."""
    return len(prompts) == 1
