"""The one thread that writes a journal's files, so that no disk is ever waited for.

Lines go out in their order as soon as they come; prompts a little later, the latest only. What
can't be written is kept and tried again, see journal/attempts.py. What the files are is in
journal/file.py.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from napari_cutout.layers.journal.attempts import QUIET, Attempts, Work
from napari_cutout.layers.journal.file import JournalFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari_cutout.layers.journal.attempts import Finish, Json, Prompts
    from napari_cutout.layers.journal.files import Place


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
        file = self._file
        self._attempts = None if file is None else Attempts(file, self.say, self._wrote)
        self.after: Callable[[Path], None] | None = None
        self.is_complete = True
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
            self._changed.wait_for(self._is_flushed)

    def _is_flushed(self) -> bool:
        has_failed = self._attempts is not None and self._attempts.has_failed
        is_noted = self._prompts is None or self._stopped or has_failed
        return not (self._lines or self._busy) and is_noted

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

    def _next(self) -> Work:
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
            work = Work(self._lines, prompts, self._resumed, self._stopped)
            self._lines, self._resumed = [], None
            return work

    def _left(self) -> float | None:
        """Seconds until there is something to do without being told; None for never."""
        if self._attempts is None:
            return None
        due = self._attempts.due(None if self._prompts is None else self._prompts_at)
        return None if due is None else max(due - time.monotonic(), 0)

    def _do(self, work: Work) -> bool:
        lines = work.finish()
        if self._attempts is not None:
            left = self._attempts.write(work, lines)
            with self._changed:
                # Unless later ones came.
                self._prompts = self._prompts or left
        return work.is_last

    def _wrote(self, folder: Path) -> None:
        if self.after is not None:
            self.after(folder)


def _none() -> None:
    return None
