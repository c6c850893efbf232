"""Going on after a crash: what the last session of an image left, found and made again.

What is written while a session lives is in journal.py.
"""

from __future__ import annotations

import contextlib
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.annotate.log import record_of
from napari_cutout.annotate.replay import sections
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.log_entries import Entry
from napari_cutout.formats.log_json import entry_to_json
from napari_cutout.formats.prompt_log import LogError, append, line_of, read_log, size_if_closed
from napari_cutout.formats.uncommitted import Uncommitted, read_uncommitted
from napari_cutout.layers.image_facts import facts_of, is_same
from napari_cutout.layers.journal_files import (
    Lock,
    Place,
    data_folder,
    prompts_path,
    usual_folder,
)
from napari_cutout.layers.journal_prompts import give_again
from napari_cutout.layers.restored_labels import add_on, replay_here, restored_layer
from napari_cutout.layers.session import Session
from napari_cutout.layers.steps import Edit

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate import ObjectRecord
    from napari_cutout.formats.log_entries import ImageFacts

Json = dict[str, Any]


class Recovery:
    """What a session left that ended by accident.

    Parameters
    ----------
    image
        The layer that is there now.
    log
        The file of the log; there may be none where nothing was committed.
    entries, size
        The entries of its last session, and how many bytes of the file are whole lines.
    uncommitted
        Prompts that weren't committed; None for none.
    notes
        What couldn't be read, in words.
    is_damaged
        Whether a line of the file before the last one can't be read: the entries end there.

    Attributes
    ----------
    notes
        See the parameter; what :meth:`restore` couldn't find is added.
    targets
        The layers that :meth:`restore` made, by their numbers in the log.
    keys
        The objects that it made, with their numbers in the log.
    """

    def __init__(
        self,
        image: Image,
        log: Path,
        entries: tuple[Entry, ...],
        size: int,
        uncommitted: Uncommitted | None,
        notes: tuple[str, ...] = (),
        *,
        is_damaged: bool = False,
    ) -> None:
        self.image, self.log, self.size = image, log, size
        self.is_damaged = is_damaged
        self.entries, self.uncommitted = entries, uncommitted
        self.notes = list(notes)
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
        for section in sections(self.entries):
            replayed = replay_here(section, self.log.parent, self.notes.append)
            last = restored_layer(replayed, section, self.image, viewer.dims)
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
        if self.is_damaged:
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
    logs = [log for place in places for log in place.found()]
    found = [recovery for log in logs if (recovery := _read(image, facts, log)) is not None]
    return max(found, key=_last_written, default=None)


def _read(image: Image, facts: ImageFacts, log: Path) -> Recovery | None:
    """What a log and the prompts beside it hold, if there is any and it isn't being written."""
    has_prompts = prompts_path(log).exists()
    if _is_written(log) or (not has_prompts and _is_over(log)):
        return None
    notes: list[str] = []
    entries, size, is_damaged = _last_session(log, notes)
    uncommitted = None
    if has_prompts:
        try:
            uncommitted = read_uncommitted(prompts_path(log))
        except FormatError as error:
            notes.append(str(error))
    header = entries[0].header if entries else None
    abouts = [header.image] if header is not None else []
    abouts += [uncommitted.image] if uncommitted is not None else []
    if not abouts or not is_same(abouts[0], facts):
        return None
    return Recovery(image, log, entries, size, uncommitted, tuple(notes), is_damaged=is_damaged)


def _last_session(log: Path, notes: list[str]) -> tuple[tuple[Entry, ...], int, bool]:
    """The entries of the last open session, the size of all lines, and whether some are bad."""
    is_damaged = False
    try:
        found = read_log(log)
        entries, size = found.entries, found.size
        if found.is_cut_off:
            notes.append(f"{log}: the last line was cut off, and is left out.")
    except LogError as error:
        entries, size, is_damaged = error.entries, error.size, True
        notes.append(f"{error}; what stands before that is restored.")
    except FormatError:
        return (), 0, False
    if not entries or entries[-1].kind == "closed":
        return (), size, is_damaged
    headers = [entry.header for entry in entries if entry.header is not None]
    session = headers[-1].session
    first = next(
        place
        for place, entry in enumerate(entries)
        if entry.header is not None and entry.header.session == session
    )
    return entries[first:], size, is_damaged


def _is_over(log: Path) -> bool:
    """Whether a log was closed in an orderly way: then it isn't read through."""
    try:
        return size_if_closed(log) is not None
    except OSError:
        return True


def _is_written(log: Path) -> bool:
    """Whether a session that lives writes it."""
    try:
        lock = Lock(log)
    except BlockingIOError:
        return True
    except OSError:
        return False
    lock.release()
    return False


def _last_written(recovery: Recovery) -> float:
    times = [path.stat().st_mtime for path in (recovery.log, prompts_path(recovery.log))
             if path.exists()]  # fmt: skip
    return max(times, default=0.0)


def _local(time: str) -> str:
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M")
    return time
