"""The steps of a session's undo chain, and how those on a Labels layer are undone and done again.

napari's history owns the pixels: a step asks it first, looks whether the pixels are right, and
writes its stored difference where they aren't (after 100 steps, or when someone else undid).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.writing import Change, revert, state_of, write

if TYPE_CHECKING:
    from weakref import ReferenceType

    from napari.layers import Labels

    from napari_cutout.annotate import ObjectRecord, PromptState
    from napari_cutout.layers.answers import Answers


@dataclass(frozen=True, eq=False)
class PromptStep:
    """Prompts were edited. ``answers`` are those of the object that a clearing gave up."""

    before: PromptState
    after: PromptState
    answers: ReferenceType[Answers] | None = None


@dataclass(frozen=True, eq=False)
class CommitStep:
    """A preview was committed, and its prompts were cleared."""

    record: ObjectRecord
    change: Change
    labels: Labels
    by_napari: bool
    """Whether napari's history has it."""
    before: PromptState
    after: PromptState
    answers: ReferenceType[Answers] | None = None

    @property
    def is_written(self) -> bool:
        """Whether its pixels are in the layer, all of them."""
        return state_of(self.labels, self.change) == "written"

    @property
    def is_gone(self) -> bool:
        """Whether its pixels are as they were before."""
        return state_of(self.labels, self.change) == "not written"

    def undo(self, held: bool) -> bool:
        """Take the pixels back.

        Parameters
        ----------
        held
            Whether it is the last step of napari's own history.

        Returns
        -------
        bool
            Whether napari's history did it.
        """
        if held:
            self.labels.undo()
            if self.is_gone:
                return True
            self.labels.redo()
        revert(self.labels, self.change)
        return False

    def redo(self, held: bool) -> bool:
        """Write the pixels again, see :meth:`undo`."""
        if held:
            self.labels.redo()
            if self.is_written:
                return True
            self.labels.undo()
        write(self.labels, self.change)
        return False


@dataclass(frozen=True, eq=False)
class StrokeStep:
    """The person painted in the target; napari's history holds it."""

    labels: Labels


Step = PromptStep | CommitStep | StrokeStep
