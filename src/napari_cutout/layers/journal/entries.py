"""Steps of the undo chain as entries of a log, with numbers for objects and steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from napari_cutout.annotate.log import log_object
from napari_cutout.annotate.log_regions import regions
from napari_cutout.formats.logs.log_entries import Entry
from napari_cutout.layers.journal.pieces import pieces_of
from napari_cutout.layers.steps import EditStep, StrokeStep
from napari_cutout.segment.intensity import IntensityMapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from napari_cutout.annotate import ObjectRecord
    from napari_cutout.formats.logs.log_entries import Header
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.undo import Action


@dataclass(frozen=True)
class Look:
    """How an image is looked at: its intensity mapping, its axis of channels and those taken."""

    intensity: IntensityMapping | None = None
    channels: tuple[int, tuple[int, ...]] | None = None


def look_of(session: Session) -> Look:
    """How a session looks at its image now."""
    channels = session.channels
    mapping = session._predictor.mapping_of(channels)
    if mapping is None and session.intensity == "percentile":
        apart = channels is not None and len(channels.positions) > 1
        mapping = IntensityMapping("percentile", per_channel=apart)
    return Look(mapping, None if channels is None else (channels.axis, channels.positions))


class EntryMaker:
    """Makes the entries of a session, and knows the numbers that it gave.

    Attributes
    ----------
    number
        Of the next entry.
    """

    def __init__(self) -> None:
        self.number = 0
        self._key = 0
        self._keys: WeakKeyDictionary[ObjectRecord, int] = WeakKeyDictionary()
        self._steps: WeakKeyDictionary[EditStep | StrokeStep, int] = WeakKeyDictionary()

    def follow(self, entries: Iterable[Entry], keys: Mapping[ObjectRecord, int]) -> None:
        """Go on after entries, of which these objects came."""
        for entry in entries:
            self.number = max(self.number, entry.number + 1)
            self._key = max([self._key, *(one.key + 1 for one in entry.added)])
        self._keys.update(keys)

    def make(self, entry: Entry) -> Entry:
        """An entry with the next number, and the time."""
        numbered = replace(entry, number=self.number, time=datetime.now(UTC).isoformat())
        self.number += 1
        return numbered

    def header(
        self,
        header: Header,
        target: int,
        records: Iterable[ObjectRecord],
        classes: Mapping[int, str],
    ) -> Entry:
        """The header of labels that have objects already, with these classes."""
        objects = tuple(log_object(one, self._new_key(one)) for one in records)
        named = tuple((number, "", name) for number, name in classes.items())
        entry = Entry("header", 0, target=target, added=objects, classes=named, header=header)
        return self.make(entry)

    def step(
        self,
        step: EditStep | StrokeStep,
        action: Action,
        target: int,
        look: Look,
    ) -> tuple[Entry, Callable[[], Entry]]:
        """A step as an entry: without what takes time to make, and how to make all of it.

        Parameters
        ----------
        step, action
            What was done.
        target
            The number of the labels.
        look
            How the image is looked at.
        """
        back = action == "undo"
        kind = action if action != "do" else "edit" if isinstance(step, EditStep) else "stroke"
        of = None if action == "do" else self._steps.get(step)
        light = self.make(Entry(kind, 0, target=target, text=step.text, of=of))
        if action == "do":
            self._steps[step] = light.number
        if not isinstance(step, EditStep):
            return light, lambda: replace(light, regions=regions(pieces_of(step, back=back)))
        edit = step.edit
        coming, going = (edit.removed, edit.added) if back else (edit.added, edit.removed)
        changes = [(number, was, now) for number, was, now in edit.classes]
        if back:
            changes = [(number, now, was) for number, was, now in reversed(changes)]
        light = replace(
            light,
            removed=tuple(self._keys[record] for record in going if record in self._keys),
            returned=tuple(self._keys[record] for record in coming if record in self._keys),
            classes=tuple(changes),
        )
        named = {number: now for number, _, now in changes}
        new = [
            (record, self._new_key(record), named.get(record.id, ""))
            for record in coming
            if record not in self._keys
        ]

        def whole() -> Entry:
            return replace(
                light,
                regions=regions(pieces_of(step, back=back)),
                added=tuple(
                    log_object(one, key, name, look.intensity, look.channels)
                    for one, key, name in new
                ),
            )

        return light, whole

    def _new_key(self, record: ObjectRecord) -> int:
        key = self._keys[record] = self._key
        self._key += 1
        return key
