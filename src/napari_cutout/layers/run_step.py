"""A step of the undo chain that grows: what a run writes frame by frame is undone all at once.

Steps that are done at once are in steps.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from napari_cutout.layers.steps import Edit, EditStep
from napari_cutout.layers.target.direct_writing import write_directly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Labels

    from napari_cutout.annotate import ObjectRecord, PromptState
    from napari_cutout.layers.target.writing import Change


@dataclass(frozen=True, eq=False)
class RunEdit(Edit):
    """What a run has done to labels so far. Later changes may lie on earlier ones."""

    changes: list[Change] = field(default_factory=list)
    added: list[ObjectRecord] = field(default_factory=list)
    removed: list[ObjectRecord] = field(default_factory=list)
    classes: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class RunStep(EditStep):
    """A run wrote into labels, past napari's history, one part after another."""

    edit: RunEdit
    _parts: list[Sequence[Change]] = field(default_factory=list)
    _own: set[int] = field(default_factory=set)
    """Records that came with it, by their place in memory: they are kept in the edit."""
    _gone: set[int] = field(default_factory=set)
    """Those of them that went again."""

    @classmethod
    def begin(cls, text: str, labels: Labels, prompts: PromptState) -> Self:
        """A run that has written nothing yet, and leaves the prompts as they are."""
        return cls(RunEdit(text), labels, False, prompts, prompts)

    def take(self, part: Edit) -> None:
        """Know what was written besides. O(part)."""
        edit = self.edit
        if part.changes:
            self._parts.append(part.changes)
            edit.changes.extend(part.changes)
        edit.classes.extend(part.classes)
        for record in part.removed:
            if id(record) in self._own:
                self._gone.add(id(record))
            else:
                edit.removed.append(record)
        edit.added.extend(part.added)
        self._own.update(map(id, part.added))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was taken yet."""
        return not (self._parts or self.edit.added or self.edit.removed or self.edit.classes)

    @property
    def is_written(self) -> bool:
        """Never told from pixels: napari's history can't write them again."""
        return False

    @property
    def is_gone(self) -> bool:
        """Never told from pixels: napari's history can't take them back."""
        return False

    def undo(self, held: bool) -> bool:
        """Take all of it back. napari's history stays as it is."""
        self._settle()
        write_directly(self.labels, self._parts, back=True)
        self.labels.refresh(extent=False, highlight=False)
        return True

    def redo(self, held: bool) -> bool:
        """Write all of it again."""
        write_directly(self.labels, self._parts)
        self.labels.refresh(extent=False, highlight=False)
        return True

    def _settle(self) -> None:
        """Forget objects that came and went within the run: before and after, they aren't there."""
        if self._gone:
            added = self.edit.added
            added[:] = [record for record in added if id(record) not in self._gone]
            self._own.difference_update(self._gone)
            self._gone.clear()
