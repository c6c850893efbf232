"""The one thread that writes a journal's files, so that no disk is ever waited for.

Lines go out in their order as soon as they come; prompts a little later, the latest only. What
can't be written is kept and tried again. What the files are is in journal/file.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.logs.uncommitted import Uncommitted
from napari_cutout.layers.journal.file import JournalFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cutout.layers.journal.files import Place

Json = dict[str, Any]
Finish = Callable[[Json], None]
Prompts = Callable[[], Uncommitted | None]

QUIET = 0.5
"""Seconds without a change after which prompts are written, and lines put on the disk itself."""

RETRY = 5.0
"""Seconds after which what couldn't be written is tried again."""


@dataclass(frozen=True, eq=False)
class _Work:
    """What the thread does at once."""

    lines: list[tuple[Json, Finish | None]]
    prompts: Prompts | None
    resumed: tuple[Path, int, Sequence[Json]] | None
    is_last: bool


class JournalWriter:
    """Writes lines and prompts, in a thread that starts with the first of them.

    Parameters
    ----------
    place
        Where to; None for nowhere: then lines are only finished.

    Attributes
    ----------
    after
        Called in the thread with the folder when lines were written; it mustn't take long.
    is_complete
        After :meth:`close`, whether all lines are in the file.
    """

    def __init__(self, place: Place | None) -> None:
        self._file = None if place is None else JournalFile(place, self.say)
        self.after: Callable[[Path], None] | None = None
        self.is_complete = True
        self._failed_at = self._sync_at = 0.0
        # All below is shared with the thread.
        self._changed = threading.Condition()
        self._lines: list[tuple[Json, Finish | None]] = []
        self._prompts: Prompts | None = None
        self._prompts_at = 0.0
        self._resumed: tuple[Path, int, Sequence[Json]] | None = None
        self._began = self._busy = self._stopped = self._closed = False
        self._messages: list[str] = []
        self._thread: threading.Thread | None = None

    @property
    def log(self) -> Path | None:
        """The file that lines go to, as soon as there is one."""
        return None if self._file is None else self._file.log

    def add(self, line: Json, finish: Finish | None = None) -> None:
        """Write a line.

        Parameters
        ----------
        line
            Its JSON object, which mustn't be changed any more.
        finish
            Called in the thread first, to put in what takes time to make.
        """
        if self._file is None and finish is None:
            return
        with self._changed:
            if not self._stopped:
                self._began = True
                self._lines.append((line, finish))
                self._wake()
                return
        if finish is not None:
            finish(line)

    def note(self, prompts: Prompts) -> None:
        """Write prompts when nothing more comes for a while.

        Parameters
        ----------
        prompts
            Called in the thread; None where there are none, so that none are left in the file.
        """
        if self._file is None:
            return
        with self._changed:
            self._prompts, self._prompts_at = prompts, time.monotonic() + QUIET
            self._wake()

    def resume(self, log: Path, size: int, lines: Sequence[Json]) -> bool:
        """Go on in the log of another session, see :meth:`.JournalFile.take_over`.

        Returns
        -------
        bool
            Whether that is possible: no line was added yet.
        """
        with self._changed:
            if self._file is None or self._began or self._stopped:
                return False
            self._began, self._resumed = True, (log, size, list(lines))
            self._wake()
            return True

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all lines so far were finished, and written or tried to be. Whether they are.

        Parameters
        ----------
        timeout
            Seconds at most.
        """
        with self._changed:
            return self._changed.wait_for(lambda: not self._lines and not self._busy, timeout)

    def flush(self) -> None:
        """Wait until all lines and prompts so far were written, or tried to be."""
        with self._changed:
            self._prompts_at = 0.0
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: (
                    not (self._lines or self._busy)
                    and (self._prompts is None or self._stopped or self._failed_at > 0)
                )
            )

    def messages(self) -> list[str]:
        """What there is to be told since the last call, in words."""
        with self._changed:
            told, self._messages = self._messages, []
            return told

    def say(self, text: str) -> None:
        """Have something told."""
        with self._changed:
            self._messages.append(text)

    def close(self, *, cleanly: bool = True) -> None:
        """Write what is left, and end the thread.

        Parameters
        ----------
        cleanly
            Whether the session is over, so that no prompts are left behind.
        """
        with self._changed:
            self._stopped = True
            if cleanly:
                self._prompts = _none
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        if self._file is not None and not self._closed:
            self.is_complete = self.is_complete and not self._file.unwritten
            self._file.release()
        self._closed = True

    def _wake(self) -> None:
        if self._thread is None and not self._stopped:
            self._thread = threading.Thread(
                target=self._run, name="napari-cutout journal", daemon=True
            )
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        try:
            while not self._do(self._next()):
                pass
        except BaseException:
            self.is_complete = False
            self.say("Autosave ended by an error of its own; please report it.")
            raise
        finally:
            with self._changed:
                self._lines, self._busy, self._stopped = [], False, True
                self._changed.notify_all()

    def _next(self) -> _Work:
        """Wait for something to do."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            while not (self._lines or self._resumed or self._stopped or self._left() == 0):
                self._changed.wait(self._left())
            self._busy = True
            prompts = None
            if self._prompts is not None and (
                self._stopped or time.monotonic() >= self._prompts_at
            ):
                prompts, self._prompts = self._prompts, None
            work = _Work(self._lines, prompts, self._resumed, self._stopped)
            self._lines, self._resumed = [], None
            return work

    def _left(self) -> float | None:
        """Seconds until there is something to do without being told; None for never."""
        if self._failed_at:
            due = self._failed_at + RETRY
        else:
            times = [self._prompts_at] if self._prompts is not None else []
            times += [self._sync_at] if self._sync_at else []
            if not times:
                return None
            due = min(times)
        return max(due - time.monotonic(), 0)

    def _do(self, work: _Work) -> bool:
        for line, finish in work.lines:
            if finish is not None:
                finish(line)
        if self._file is not None:
            if work.resumed is not None:
                self._file.take_over(*work.resumed)
            self._file.add([line for line, _ in work.lines])
            self._write(self._file, work)
        return work.is_last

    def _write(self, file: JournalFile, work: _Work) -> None:
        try:
            if file.unwritten:
                file.write_lines()
                self._sync_at = time.monotonic() + QUIET
                if self.after is not None and file.log is not None:
                    self.after(file.log.parent)
            if work.prompts is not None:
                state = work.prompts()
                file.remove_prompts() if state is None else file.write_prompts(state)
            if self._sync_at and (work.is_last or time.monotonic() >= self._sync_at):
                file.sync()
                self._sync_at = 0.0
        except (OSError, ValueError) as error:
            self._on_failed(file, error, work.prompts)
            return
        if self._failed_at:
            self._failed_at = 0.0
            self.say("Autosave works again; nothing is missing.")

    def _on_failed(self, file: JournalFile, error: Exception, prompts: Prompts | None) -> None:
        if not self._failed_at:
            reason = getattr(error, "strerror", None) or error
            self.say(
                f"Autosave can't write {file.name} ({reason}). Go on: nothing is lost while napari "
                "is open, and it is tried again."
            )
        self._failed_at = time.monotonic()
        with self._changed:
            # Unless later ones came.
            self._prompts = self._prompts or prompts


def _none() -> None:
    return None
