"""The files that a session left which ended by accident: read as far as they can be.

What is made of them is in journal/recovery.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.prompt_log import LogError, read_log, size_if_closed
from napari_cutout.formats.logs.uncommitted import Uncommitted, read_uncommitted
from napari_cutout.layers.journal.files import Lock, prompts_path

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.formats.logs.log_entries import Entry, ImageFacts


@dataclass(frozen=True)
class Left:
    """What is in the files.

    Parameters
    ----------
    log
        The file of the log; there may be none where nothing was committed.
    about
        Which image was cut.
    entries, size
        The entries of the last session, and how many bytes of the file are whole lines.
    uncommitted
        Prompts that weren't committed; None for none.
    notes
        What couldn't be read, in words.
    is_damaged
        Whether a line before the last one can't be read: the entries end there.
    written
        When something was written last, in seconds.
    """

    log: Path
    about: ImageFacts
    entries: tuple[Entry, ...]
    size: int
    uncommitted: Uncommitted | None
    notes: tuple[str, ...]
    is_damaged: bool
    written: float


def read_left(log: Path) -> Left | None:
    """What a log and the prompts beside it hold.

    Returns
    -------
    Left or None
        None where the session ended in an orderly way, or lives and goes on writing.
    """
    prompts = prompts_path(log)
    if _is_written(log) or (not prompts.exists() and _is_over(log)):
        return None
    notes: list[str] = []
    entries, size, is_damaged = _last_session(log, notes)
    uncommitted = None
    if prompts.exists():
        try:
            uncommitted = read_uncommitted(prompts)
        except FormatError as error:
            notes.append(str(error))
    abouts = [entry.header.image for entry in entries[:1] if entry.header is not None]
    abouts += [uncommitted.image] if uncommitted is not None else []
    if not abouts:
        return None
    times = [path.stat().st_mtime for path in (log, prompts) if path.exists()]
    written = max(times, default=0.0)
    return Left(log, abouts[0], entries, size, uncommitted, tuple(notes), is_damaged, written)


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
