"""Going on after a crash: what the last session of an image left, found and made again.

What is written while a session lives is in journal.py; how what it left is read, in left_files.py.
"""

from __future__ import annotations

import contextlib
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.annotate.log import record_of
from napari_cutout.annotate.replay import sections
from napari_cutout.formats.logs.log_entries import Entry
from napari_cutout.formats.logs.log_json import entry_to_json
from napari_cutout.formats.logs.prompt_log import append, line_of
from napari_cutout.layers.journal.files import (
    Lock,
    Place,
    data_folder,
    prompts_path,
    usual_folder,
)
from napari_cutout.layers.journal.image_facts import facts_of, is_same
from napari_cutout.layers.journal.left_files import read_left
from napari_cutout.layers.journal.prompts import give_again
from napari_cutout.layers.journal.restored_labels import add_on, replay_here, restored_layer
from napari_cutout.layers.session import Session
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target.targets import levels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate import ObjectRecord
    from napari_cutout.annotate.replay import Replayed
    from napari_cutout.layers.journal.left_files import Left

Json = dict[str, Any]


class Recovery:
    """What a session left that ended by accident.

    Parameters
    ----------
    image
        The layer that is there now.
    left
        The files, and what is in them.

    Attributes
    ----------
    notes
        What couldn't be read, in words; what :meth:`prepare` couldn't find is added.
    targets
        The layers that :meth:`restore` made, by their numbers in the log.
    keys
        The objects that it made, with their numbers in the log.
    """

    def __init__(self, image: Image, left: Left) -> None:
        self.image, self._left = image, left
        self.log, self.size, self.entries = left.log, left.size, left.entries
        self.uncommitted = left.uncommitted
        self.notes = list(left.notes)
        self._made: list[tuple[Sequence[Entry], Replayed, Any]] | None = None
        self.targets: dict[int, Labels] = {}
        self.keys: dict[ObjectRecord, int] = {}

    @property
    def session(self) -> str:
        """What stands for the session in its files."""
        header = self.entries[0].header if self.entries else None
        return "" if header is None else header.session

    @property
    def lines(self) -> list[Json]:
        """The entries as the file has them."""
        return [entry_to_json(entry) for entry in self.entries]

    @property
    def steps(self) -> int:
        """The number of steps on labels: commits, corrections, strokes and their undoing."""
        return sum(entry.kind != "header" for entry in self.entries)

    @property
    def prompts(self) -> int:
        """The number of prompts that weren't committed."""
        return 0 if self.uncommitted is None else len(self.uncommitted.prompts)

    @property
    def text(self) -> str:
        """What there is, in words."""
        times = [entry.time for entry in self.entries]
        times += [self.uncommitted.time] if self.uncommitted is not None else []
        counts = [(self.steps, "step"), (self.prompts, "uncommitted prompt")]
        found = [f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts if count]
        when = f" at {_local(max(times))}" if times else ""
        return f"Work on {self.image.name!r} ended by accident{when}: {' and '.join(found)}."

    def prepare(self) -> None:
        """Make the labels again as arrays, which takes time: in any thread, before they are shown.

        :meth:`restore` does it where it wasn't done.
        """
        headers = [entry.header for entry in self.entries if entry.header is not None]
        replaced = {header.replaces for header in headers}
        left = [one for one in sections(self.entries) if one[0].target not in replaced]
        notes: list[str] = []
        made: list[tuple[Sequence[Entry], Replayed, Any]] = []
        for section in left:
            replayed = replay_here(section, self.log.parent, notes.append)
            made.append((section, replayed, levels_of(replayed.labels)))
        self._made = made
        self.notes += notes

    def restore(self, where: Session | Viewer) -> Labels | None:
        """Make the labels again, pixel for pixel, with their objects, and give the prompts again.

        The files stay until a journal goes on with them, see :meth:`.Journal.resume`, or
        :meth:`dismiss` is called.

        Parameters
        ----------
        where
            A session of the image: it gets labels, objects, classes and prompts. Or a viewer with
            the image in it: it gets the labels.

        Returns
        -------
        Labels or None
            The layer that was written last; None where none was.
        """
        session = where if isinstance(where, Session) else None
        viewer = where.viewer if isinstance(where, Session) else where
        self._keep_damaged()
        self.targets, self.keys = {}, {}
        last: Labels | None = None
        if self._made is None:
            self.prepare()
        # Another time they are made anew: the arrays are the layers' from now on.
        made, self._made = self._made or [], None
        for section, replayed, pixels in made:
            last = restored_layer(pixels, section, self.image, viewer.dims)
            add_on(viewer, last, self.image)
            self.targets[section[0].target] = last
            records = {record_of(one): one.key for one in replayed.objects}
            self.keys |= records
            if session is not None:
                session.labels = last
                classes = tuple((number, "", name) for number, name in replayed.classes.items())
                session._target.edited(last, Edit("Restore", (), tuple(records), (), classes))
                session.events.objects()
        if session is not None and self.uncommitted is not None:
            give_again(session, self.uncommitted)
        return last

    def dismiss(self) -> None:
        """Don't offer it again. The log stays, as one that was closed; prompts are dropped.

        Raises
        ------
        OSError
            If the folder can't be written, or another session has the log.
        """
        self._keep_damaged()
        lock = Lock(self.log)
        try:
            if self.entries:
                number = self.entries[-1].number + 1
                entry = Entry("closed", number, self.entries[-1].time, text="Dismissed")
                append(self.log, line_of(entry_to_json(entry)), self.size)
            prompts_path(self.log).unlink(missing_ok=True)
        finally:
            lock.release()

    def _keep_damaged(self) -> None:
        """What can't be read is cut off when the log is gone on with: keep a copy of all of it."""
        if self._left.is_damaged:
            with contextlib.suppress(OSError):
                shutil.copy2(self.log, self.log.with_name(f"{self.log.name}.damaged"))


def find(image: Image, folder: Path | None = None) -> Recovery | None:
    """What the latest session of an image left, if it ended by accident.

    Parameters
    ----------
    image
        A layer. See :func:`.is_same` for what makes it the same image.
    folder
        Where to look. Default: beside the image, and in :func:`.data_folder`.

    Returns
    -------
    Recovery or None
        None also while the session that writes the files still lives, in whatever process.
    """
    facts = facts_of(image)
    folders = [usual_folder(facts), data_folder()] if folder is None else [Path(folder)]
    stem = Place.of(facts, folders[0]).stem
    places = [Place(one, stem) for one in dict.fromkeys(folders)]
    found = [left for place in places for log in place.found() if (left := read_left(log))]
    same = [left for left in found if is_same(left.about, facts)]
    latest = max(same, key=lambda left: left.written, default=None)
    return None if latest is None else Recovery(image, latest)


def _local(time: str) -> str:
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M")
    return time
