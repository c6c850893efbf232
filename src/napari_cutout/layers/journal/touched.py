"""What a brush made of previews that weren't committed: kept by the journal, and shown again.

A preview shows in one frame, and belongs to the prompts of one object there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate import group_prompts
from napari_cutout.formats.logs.log_entries import LoggedMask
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_cutout.annotate import FrameIndex, PromptState
    from napari_cutout.layers.answers import Answer, Crop


@dataclass(frozen=True, eq=False)
class Touched:
    """One preview that was touched up.

    Parameters
    ----------
    frame
        Of the image.
    place
        Of the object among those that are prompted there, from 0.
    crop
        What is shown, in its box of the frame, and the box's (row, col).
    """

    frame: FrameIndex
    place: int
    crop: Crop

    def __eq__(self, other: object) -> bool:
        """The same brush strokes, not only the same pixels."""
        if not isinstance(other, Touched):
            return NotImplemented
        return (self.frame, self.place) == (other.frame, other.place) and self.crop is other.crop

    __hash__ = None  # type: ignore[assignment]

    def logged(self) -> LoggedMask:
        """As it is written. O(box)."""
        mask, (row, col) = self.crop
        # All of it may have been erased.
        pixels = mask if mask.size else np.zeros((1, 1), bool)
        return LoggedMask(self.frame, (int(row), int(col)), Rle.encode(pixels), self.place)


class LeftTouches:
    """What was touched up before an accident, until its prompts are answered again."""

    def __init__(self) -> None:
        self._left: dict[tuple[object, ...], tuple[FrameIndex, Crop]] = {}

    def take(self, masks: Iterable[LoggedMask], state: PromptState, separate: bool) -> None:
        """Take what was read.

        Parameters
        ----------
        masks
            See :class:`.Uncommitted`.
        state, separate
            The prompts that were given again, and whether each is an object.
        """
        self._left = {}
        for mask in masks:
            groups = group_prompts(state.of_frame(mask.frame), mask.frame, separate)
            if 0 <= mask.group < len(groups):
                pixels = mask.mask.decode()
                crop = pixels if pixels.any() else pixels[:0, :0], mask.origin
                self._left[groups[mask.group].key()] = mask.frame, crop

    def show(self, answers: Iterable[Answer]) -> None:
        """Have the answers to the same prompts show what was touched up, once."""
        for answer in answers:
            found = self._left.pop(answer.prompts.key(), None) if self._left else None
            if found is not None and found[0] == answer.source.index:
                answer.touched = found[1]

    def touched(
        self, shown: Sequence[Answer], state: PromptState, separate: bool
    ) -> tuple[Touched, ...]:
        """All that is touched up: what is shown, and what will be.

        What belongs to prompts that aren't there any more is left out.
        """
        known = dict(self._left)
        for answer in shown:
            if answer.touched is not None:
                known[answer.prompts.key()] = answer.source.index, answer.touched
        return tuple(self._placed(known, state, separate)) if known else ()

    def _placed(
        self,
        known: dict[tuple[object, ...], tuple[FrameIndex, Crop]],
        state: PromptState,
        separate: bool,
    ) -> Iterator[Touched]:
        for frame in dict.fromkeys(frame for frame, _ in known.values()):
            groups = group_prompts(state.of_frame(frame), frame, separate)
            for place, group in enumerate(groups):
                found = known.get(group.key())
                if found is not None and found[0] == frame:
                    yield Touched(frame, place, found[1])
