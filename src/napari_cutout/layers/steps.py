"""The steps of a session's undo chain, and how those on a Labels layer are undone and done again.

napari's history owns the pixels: a step asks it first, looks whether the pixels are right, and
writes its stored difference where they aren't (after 100 steps, or when someone else undid).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.target.painting import changes_of, looks_written
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.writing import Change, State, revert, state_of, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from weakref import ReferenceType

    from napari.layers import Labels

    from napari_cutout.annotate import ObjectRecord, PromptState
    from napari_cutout.annotate.review import Review, ReviewState
    from napari_cutout.layers.answers import Answer, Answers, Crop


@dataclass(frozen=True, eq=False)
class Edit:
    """What is done to labels all at once: a commit, a deletion, a merge, a split, a class.

    Parameters
    ----------
    text
        What it is, in a word or two.
    changes
        Of the pixels. No two of them change the same pixel.
    added, removed
        Records of objects that come and go with it.
    classes
        ``(id, class before, class after)`` of objects whose class it changes.
    """

    text: str
    changes: Sequence[Change] = ()
    added: Sequence[ObjectRecord] = ()
    removed: Sequence[ObjectRecord] = ()
    classes: Sequence[tuple[int, str, str]] = ()


@dataclass(frozen=True, eq=False)
class PromptStep:
    """Prompts were edited. ``answers`` are those of the objects that a clearing gave up."""

    before: PromptState
    after: PromptState
    answers: ReferenceType[Answers] | None = None

    @property
    def text(self) -> str:
        """What it is, in a word."""
        return "Prompt"


@dataclass(frozen=True, eq=False)
class EditStep:
    """Labels were edited; with a commit, its prompts were cleared."""

    edit: Edit
    labels: Labels
    by_napari: bool
    """Whether napari's history has it."""
    before: PromptState
    after: PromptState
    answers: ReferenceType[Answers] | None = None
    reopened: int | None = None
    """The object that was being corrected."""

    @property
    def text(self) -> str:
        """What it is, in a word or two."""
        return self.edit.text

    @property
    def is_written(self) -> bool:
        """Whether its pixels are in the layer, all of them; an edit without pixels can't tell."""
        changes = self.edit.changes
        return bool(changes) and state_of(self.labels, changes) == "written"

    @property
    def is_gone(self) -> bool:
        """Whether its pixels are as they were before; an edit without pixels can't tell."""
        changes = self.edit.changes
        return bool(changes) and state_of(self.labels, changes) == "not written"

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
        changes = self.edit.changes
        return not changes or _take_back(self.labels, changes, held)

    def redo(self, held: bool) -> bool:
        """Write the pixels again, see :meth:`undo`."""
        changes = self.edit.changes
        return not changes or _do_again(self.labels, changes, held)


@dataclass(frozen=True, eq=False)
class StrokeStep:
    """The person painted in the target; napari's history holds it.

    ``painted`` is napari's own account: tuples of index arrays, values before, and values after.
    """

    labels: Labels
    painted: tuple[tuple[Any, ...], ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        """What it is, in a word or two."""
        return "Brush stroke"

    @property
    def is_written(self) -> bool:
        """Whether its pixels are in the layer, all of them; where none differ it can't tell."""
        return looks_written(pixels_of(self.labels), self.painted) and self._is("written")

    @property
    def is_gone(self) -> bool:
        """Whether its pixels are as they were before; where none differ it can't tell."""
        # That is asked often, and most of the time the first look tells.
        return not looks_written(pixels_of(self.labels), self.painted) and self._is("not written")

    def undo(self, held: bool) -> bool:
        """Take the pixels back, see :meth:`EditStep.undo`."""
        return _take_back(self.labels, self._changes(), held)

    def redo(self, held: bool) -> bool:
        """Paint the pixels again, see :meth:`EditStep.undo`."""
        return _do_again(self.labels, self._changes(), held)

    def _is(self, state: State) -> bool:
        changes = self._changes()
        return bool(changes) and state_of(self.labels, changes) == state

    def _changes(self) -> tuple[Change, ...]:
        return changes_of(pixels_of(self.labels).shape, self.painted)


@dataclass(frozen=True, eq=False)
class TouchStep:
    """The person painted in the preview: what each answer showed of it before and after."""

    answers: tuple[Answer, ...]
    before: tuple[Crop | None, ...]
    after: tuple[Crop | None, ...]

    @property
    def text(self) -> str:
        """What it is, in a word or two."""
        return "Touch-up"

    def show(self, *, back: bool) -> None:
        """Make the answers show what they did, or do."""
        crops = self.before if back else self.after
        for answer, crop in zip(self.answers, crops, strict=True):
            answer.touched = crop


@dataclass(frozen=True, eq=False)
class ReviewStep:
    """Something was decided in a review."""

    review: Review
    before: ReviewState
    after: ReviewState

    @property
    def text(self) -> str:
        """What it is, in a word or two."""
        return "Decision"

    def show(self, *, back: bool) -> None:
        """Stand where the review stood before, or after."""
        self.review.restore(self.before if back else self.after)


@dataclass(frozen=True, eq=False)
class WidenStep:
    """The target went on in a copy of itself with a wider dtype."""

    old: Labels
    labels: Labels

    @property
    def text(self) -> str:
        """What it is, in a word or two."""
        return "Widening"


def _take_back(labels: Labels, changes: Sequence[Change], held: bool) -> bool:
    """Take pixels back, and say whether napari's history did it."""
    if held:
        labels.undo()
        if not changes or state_of(labels, changes) == "not written":
            return True
        labels.redo()
    revert(labels, changes)
    return False


def _do_again(labels: Labels, changes: Sequence[Change], held: bool) -> bool:
    """Write pixels again, and say whether napari's history did it."""
    if held:
        labels.redo()
        if not changes or state_of(labels, changes) == "written":
            return True
        labels.undo()
    write(labels, changes)
    return False


Step = PromptStep | EditStep | StrokeStep | TouchStep | ReviewStep | WidenStep
