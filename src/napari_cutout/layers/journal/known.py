"""What is known of the objects of labels that were there before a session did anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.steps import Edit, EditStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari.layers import Labels

    from napari_cutout.annotate import ObjectRecord
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.steps import StrokeStep
    from napari_cutout.layers.undo import Action


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of labels.

    Parameters
    ----------
    records
        Their objects, in the order in which they came.
    classes
        Of ids that have one.
    """

    records: tuple[ObjectRecord, ...]
    classes: Mapping[int, str]

    def give(self, session: Session) -> None:
        """Let a session know it, of its target; nothing is written, and nothing to be undone."""
        labels = session.labels
        if labels is None:
            return
        table = session.objects
        here = {(one.id, one.frame) for one in table}
        records = tuple(one for one in self.records if (one.id, one.frame) not in here)
        named = self.classes.items()
        classes = tuple((number, "", name) for number, name in named if not table.class_of(number))
        session._target.edited(labels, Edit("Known", added=records, classes=classes))
        session.events.objects()


def known_now(session: Session, labels: Labels) -> Known:
    """What a session knows of a layer."""
    table = session._target.table_of(labels)
    return Known(tuple(table), dict(table.classes))


def known_before(session: Session, step: EditStep | StrokeStep, action: Action) -> Known:
    """What it knew of the layer before a step that is done, or undone, already."""
    known = known_now(session, step.labels)
    if not isinstance(step, EditStep):
        return known
    edit, back = step.edit, action == "undo"
    came, went = (edit.removed, edit.added) if back else (edit.added, edit.removed)
    records = tuple(one for one in known.records if not any(one is new for new in came))
    classes = dict(known.classes)
    for number, before, after in edit.classes:
        classes[number] = after if back else before
    named = {number: name for number, name in classes.items() if name}
    return Known((*records, *went), named)
