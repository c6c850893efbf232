"""The journal of a session: every step on labels as it happens, kept in the layer and on disk.

It only listens. How files are written is in journal/writer.py; how what they hold is made again,
in journal/recovery.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from weakref import finalize, ref

from napari_cutout.formats.logs.log_entries import Entry, Start
from napari_cutout.formats.logs.log_json import entry_to_json
from napari_cutout.formats.logs.log_reader import read_entries
from napari_cutout.layers.journal.entries import EntryMaker, look_of
from napari_cutout.layers.journal.files import Place
from napari_cutout.layers.journal.image_facts import facts_of
from napari_cutout.layers.journal.known import Known, known_before, known_now
from napari_cutout.layers.journal.pieces import pieces_of, size_of
from napari_cutout.layers.journal.prompts import Given, given_in
from napari_cutout.layers.journal.start_copies import StartCopies, is_too_large, start_of
from napari_cutout.layers.journal.target import JournalTarget, header_for
from napari_cutout.layers.journal.writer import JournalWriter
from napari_cutout.layers.steps import EditStep, StrokeStep
from napari_cutout.layers.target.pyramids import is_foreign, pixels_of
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari.layers import Labels

    from napari_cutout.layers.journal.recovery import Recovery
    from napari_cutout.layers.journal.start_copies import Before
    from napari_cutout.layers.session import Session

Json = dict[str, Any]

AT_ONCE = 1 << 20
"""Pixels of a step that are encoded at once, in a few milliseconds; more are left to the thread."""

PATIENCE = 0.02
"""Seconds that a step waits at most for the one before to be in the file: a kill then takes no
more than the last one."""


class Journal:
    """What is done in a session, so that it is never lost and can be done again.

    Every step on labels becomes an entry, in ``labels.metadata["napari-cutout"]`` and, with a
    folder, in a file; prompts that aren't committed are kept in a second file. Pixels that someone
    writes into ``labels.data`` without napari's knowledge aren't seen.

    Parameters
    ----------
    session
        What is listened to, until it is closed.
    folder
        Where the files go: see :func:`.usual_folder`. None for no files.
    tell
        Takes what a person should know: that a file can't be written, and where it goes instead.
        Called where the session lives, with its next event. Default: the session's status.

    Attributes
    ----------
    id
        Stands for the session in its files.
    """

    def __init__(
        self,
        session: Session,
        folder: Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.id = uuid4().hex
        self._session = ref(session)
        self._image = facts_of(session.image)
        self._keeps_files = folder is not None
        self._tell = weak_call(tell or session._say)
        self._make = EntryMaker()
        self._targets: list[JournalTarget] = []
        self._next = 0
        self._known = session.labels
        self._entries: list[Json] = []
        self._given: Given | None = None
        place = None if folder is None else Place.of(self._image, folder)
        self._stem = "" if place is None else place.stem
        # Neither they nor the thread keep the journal alive.
        self._writer = JournalWriter(place)
        self._copies = StartCopies(self._writer.say)
        self._writer.after = self._copies.start
        self._finalize = finalize(self, _end, self._writer, self._copies, cleanly=False)
        self._listen(session, True)
        self._on_prompts()
        labels = session.labels
        if session.can_undo and labels is not None and not is_foreign(labels):
            # It began long ago: what was done so far is where the log begins.
            self._begin(session, labels, lambda: (), known_now(session, labels))

    @property
    def path(self) -> Path | None:
        """The file of the log, as soon as there is one."""
        return self._writer.log

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All that was done, in order."""
        self._writer.wait()
        return read_entries(self._entries)

    def flush(self) -> None:
        """Wait until all that was done so far is in the files, if it can be."""
        self._writer.flush()
        self._tell_all()

    def resume(self, recovery: Recovery) -> bool:
        """Go on in the log of a session that ended by accident and was restored.

        Returns
        -------
        bool
            Whether that is possible: it isn't after the first step of this session.
        """
        if self._entries or not self._writer.resume(recovery.log, recovery.size, recovery.lines):
            return False
        self.id, self._entries = recovery.session or self.id, list(recovery.lines)
        self._make.follow(recovery.entries, recovery.keys)
        self._next = 1 + max((entry.target for entry in recovery.entries), default=-1)
        self._targets = [
            JournalTarget(labels, number, self._on_replaced)
            for number, labels in recovery.targets.items()
        ]
        return True

    def close(self) -> None:
        """Say in the file that the session ended in an orderly way, and end the thread."""
        if not self._finalize.alive:
            return
        session = self._session()
        if session is not None:
            self._listen(session, False)
        if self._entries:
            self._put(entry_to_json(self._make.make(Entry("closed", 0))), self._targets)
        self._finalize.detach()
        _end(self._writer, self._copies, cleanly=True)
        if not self._writer.is_complete:
            self._writer.say("The last steps are in no file; save the labels yourself.")
        self._tell_all()
        for target in self._targets:
            target.forget()

    def _listen(self, session: Session, on: bool) -> None:
        events = session.events
        watched: list[tuple[Any, Callable[..., None]]] = [
            (events.edited, self._on_edited),
            (events.labels, self._on_labels),
            (events.closed, self.close),
            *(
                (getattr(events, name), self._on_prompts)
                for name in ("dirty", "answer", "options", "polarity")
            ),
        ]
        for emitter, call in watched:
            (emitter.connect if on else emitter.disconnect)(call)

    def _on_edited(self, event: Any) -> None:
        session, step, action = self._session(), event.step, event.action
        if session is None or not isinstance(step, EditStep | StrokeStep):
            return
        if self._keeps_files:
            self._writer.wait(PATIENCE)
        before = partial(pieces_of, step, back=action != "undo")
        target = next((known for known in self._targets if known.is_of(step.labels)), None)
        if target is None:
            # Without a target, the step made a new layer.
            known = None if self._known is None else known_before(session, step, action)
            target = self._begin(session, step.labels, before, known, is_empty=known is None)
        elif target.copy is not None:
            target.copy.note(before)
        light, whole = self._make.step(step, action, target.number, look_of(session))
        if size_of(step) <= AT_ONCE:
            self._put(entry_to_json(whole()), [target])
        else:
            # It has its place at once, and the thread fills it in.
            self._put(
                entry_to_json(light), [target], lambda line: line.update(entry_to_json(whole()))
            )
        self._tell_all()

    def _begin(
        self,
        session: Session,
        labels: Labels,
        before: Before,
        there: Known | None = None,
        *,
        is_empty: bool = False,
        replaces: int | None = None,
    ) -> JournalTarget:
        """The header of labels that are written for the first time. A step is in them already."""
        data = pixels_of(labels)
        start, copy = Start("empty"), None
        if not is_empty:
            start, copy = start_of(data, before, keep=self._keeps_files)
        number, self._next = self._next, self._next + 1
        if copy is not None:
            name = f"{self._stem}.start-{self.id[:8]}-{number}.npz"
            start = Start("copy", name)
            self._copies.add(name, copy)
        elif self._keeps_files and start.kind == "unknown" and is_too_large(data):
            self._writer.say(
                f"What {labels.name!r} held before is larger than 1 GiB, and isn't kept beside the "
                "log; save it yourself."
            )
        image, dims = session.image, session.viewer.dims
        header = header_for(labels, image, dims, self.id, self._image, start, replaces)
        records, classes = ((), {}) if there is None else (there.records, there.classes)
        target = JournalTarget(labels, number, self._on_replaced, copy)
        self._put(entry_to_json(self._make.header(header, number, records, classes)), [target])
        self._targets.append(target)
        return target

    def _on_labels(self) -> None:
        """The target is another one, or was removed."""
        session = self._session()
        if session is not None:
            self._known = session.labels
            for target in self._targets:
                if target.labels is not None and target.labels not in session.viewer.layers:
                    target.forget()

    def _on_replaced(self, event: Any) -> None:
        """A layer that was written has another array: what that holds is where the log goes on."""
        session = self._session()
        old = next((known for known in self._targets if known.labels == event.source), None)
        if session is None or old is None or old.is_of(event.source):
            return
        labels = old.labels
        old.forget()
        self._begin(session, labels, lambda: (), replaces=old.number)
        self._tell_all()

    def _on_prompts(self) -> None:
        session = self._session()
        if session is None or not self._keeps_files:
            return
        given = given_in(session, self.id, self._image)
        if given != self._given:
            # A thread isn't started to say that there is nothing.
            if self._given is not None or len(given.prompts):
                self._writer.note(given.logged)
            self._given = given
        self._tell_all()

    def _put(
        self,
        line: Json,
        targets: list[JournalTarget],
        finish: Callable[[Json], None] | None = None,
    ) -> None:
        self._entries.append(line)
        for target in targets:
            target.add(line)
        self._writer.add(line, finish)

    def _tell_all(self) -> None:
        for text in self._writer.messages():
            self._tell(text)


def _end(writer: JournalWriter, copies: StartCopies, *, cleanly: bool) -> None:
    writer.close(cleanly=cleanly)
    copies.join()
