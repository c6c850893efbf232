"""What is proposed for a session's objects, and what becomes of it: shown, accepted, dismissed.

How it is learned is run by classes.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers import object_edits
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.everything.choosing import counted
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari.layers import Labels

    from napari_cutout.annotate import ObjectTable
    from napari_cutout.layers.classes.proposals import Proposal, Proposals
    from napari_cutout.layers.session import Session

COLUMNS = ("proposed class", "class confidence")
"""Features of the labels in which proposals are shown."""


class ClassesChosen(Telling):
    """As far as proposals are there. See :class:`.Classes`."""

    def __init__(self, session: Session) -> None:
        super().__init__("proposed")
        self.session = session
        self._labels: Labels | None = None
        self._proposals: Proposals | None = None
        self._dismissed: set[int] = set()
        self._shown: dict[int, Proposal] = {}

    @property
    def learned(self) -> Proposals | None:
        """What was learned last: examples of each class, and how well they were told apart."""
        return self._proposals

    @property
    def proposals(self) -> dict[int, Proposal]:
        """By id: what is proposed for objects that have no class, the surest first."""
        if self._proposals is None or self.session.labels != self._labels:
            return {}
        table = self.session.objects
        left = {
            number: proposal
            for number, proposal in self._proposals.by_id.items()
            if number in table.places
            and not table.class_of(number)
            and number not in self._dismissed
        }
        return dict(sorted(left.items(), key=lambda pair: (-pair[1].confidence, pair[0])))

    def above(self, confidence: float) -> dict[int, Proposal]:
        """Those proposals that have a confidence at least."""
        return {
            number: proposal
            for number, proposal in self.proposals.items()
            if proposal.confidence >= confidence
        }

    def accept(
        self, ids: int | Iterable[int] | None = None, *, above: float = 0.0
    ) -> tuple[int, ...]:
        """Give objects the classes that are proposed for them, as one undo step.

        Undoing it brings the proposals back.

        Parameters
        ----------
        ids
            Of one or more objects. Default: all that have a proposal.
        above
            The least confidence, 0 to 1; others stay proposals.

        Returns
        -------
        tuple of int
            The ids that got a class.

        Raises
        ------
        SessionError
            If nothing is proposed for one of them, or nothing is so sure.
        """
        self._check_open()
        proposals = self.proposals
        asked = tuple(proposals) if ids is None else _numbers(ids)
        missing = [number for number in asked if number not in proposals]
        if missing:
            raise SessionError(f"no class is proposed for object {missing[0]}; propose classes")
        chosen = {n: proposals[n] for n in asked if proposals[n].confidence >= above}
        if not chosen:
            raise SessionError(
                f"no proposal has a confidence of {above:.2f} or more; ask for less"
                if proposals
                else "no class is proposed; give classes to some objects, then propose"
            )

        def plan(_labels: Labels, table: ObjectTable) -> Edit:
            by_class: dict[str, list[int]] = {}
            for number, proposal in chosen.items():
                by_class.setdefault(proposal.name, []).append(number)
            edits = (object_edits.set_class(same, name, table) for name, same in by_class.items())
            return Edit("Classes", classes=tuple(one for edit in edits for one in edit.classes))

        self.session._edit_objects(plan)
        self._say(f"{counted(len(chosen))} got the class that was proposed. Ctrl+Z undoes it.")
        return tuple(chosen)

    def dismiss(self, ids: int | Iterable[int] | None = None) -> None:
        """Take proposals away; of all objects by default."""
        if ids is None:
            self._proposals, self._dismissed = None, set()
        else:
            self._dismissed.update(_numbers(ids))
        self._on_objects()

    def _on_objects(self, _event: object = None) -> None:
        """Show the proposals that are left among the features of the labels."""
        left = self.proposals
        if left == self._shown:
            return
        self._shown = left
        if self.session.labels is not None and self.session.labels == self._labels:
            columns: dict[str, Any] = {
                "id": np.array(list(left), np.int64),
                COLUMNS[0]: np.array([one.name for one in left.values()], object),
                COLUMNS[1]: np.array([one.confidence for one in left.values()], float).round(3),
            }
            self.session._target.measured(columns, until_changed=False)
        self.events.proposed()


def _numbers(ids: int | Iterable[int]) -> tuple[int, ...]:
    return (int(ids),) if isinstance(ids, int | np.integer) else tuple(int(one) for one in ids)
