"""Writing into a journal's files what came, and trying again what couldn't be written.

When there is something to write, and the thread that does it, is the matter of writer.py; what the
files are, of file.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.logs.uncommitted import Uncommitted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cutout.layers.journal.file import JournalFile

Json = dict[str, Any]
Finish = Callable[[Json], None]
Prompts = Callable[[], Uncommitted | None]

QUIET = 0.5
"""Seconds without a change after which prompts are written, and lines put on the disk itself."""

RETRY = 5.0
"""Seconds after which what couldn't be written is tried again."""


@dataclass(frozen=True, eq=False)
class Work:
    """What is written at once.

    Parameters
    ----------
    lines
        JSON objects, each with what is called first to put in what takes time to make.
    prompts
        Called for the prompts; None where they stay as they are.
    resumed
        The log of another session that is gone on in, see :meth:`.JournalFile.take_over`.
    is_last
        Whether nothing comes after it.
    """

    lines: list[tuple[Json, Finish | None]]
    prompts: Prompts | None
    resumed: tuple[Path, int, Sequence[Json]] | None
    is_last: bool

    def finish(self) -> list[Json]:
        """The lines with all that belongs in them."""
        for line, finish in self.lines:
            if finish is not None:
                finish(line)
        return [line for line, _ in self.lines]


class Attempts:
    """Tries to write, in one thread.

    Parameters
    ----------
    file
        Where to.
    say
        Takes what a person should know.
    wrote
        Called with the folder when lines were written.
    """

    def __init__(
        self, file: JournalFile, say: Callable[[str], None], wrote: Callable[[Path], None]
    ) -> None:
        self.file, self._say, self._wrote = file, say, wrote
        self._failed_at = self._sync_at = 0.0

    @property
    def has_failed(self) -> bool:
        """Whether the last attempt failed."""
        return self._failed_at > 0

    def due(self, prompts_at: float | None) -> float | None:
        """When there is something to do without being told; None for never.

        Parameters
        ----------
        prompts_at
            When prompts are to be written; None without any.
        """
        if self._failed_at:
            return self._failed_at + RETRY
        times = [] if prompts_at is None else [prompts_at]
        times += [self._sync_at] if self._sync_at else []
        return min(times, default=None)

    def write(self, work: Work, lines: list[Json]) -> Prompts | None:
        """Write some work, and what is left of the work before.

        Parameters
        ----------
        work
            What to write.
        lines
            Its lines, finished.

        Returns
        -------
        callable or None
            Prompts that couldn't be written. Lines that couldn't are kept here.
        """
        if work.resumed is not None:
            self.file.take_over(*work.resumed)
        self.file.add(lines)
        try:
            self._write(work)
        except (OSError, ValueError) as error:
            self._fail(error)
            return work.prompts
        if self._failed_at:
            self._failed_at = 0.0
            self._say("Autosave works again; nothing is missing.")
        return None

    def _write(self, work: Work) -> None:
        file = self.file
        if file.unwritten:
            file.write_lines()
            self._sync_at = time.monotonic() + QUIET
            if file.log is not None:
                self._wrote(file.log.parent)
        if work.prompts is not None:
            state = work.prompts()
            file.remove_prompts() if state is None else file.write_prompts(state)
        if self._sync_at and (work.is_last or time.monotonic() >= self._sync_at):
            file.sync()
            self._sync_at = 0.0

    def _fail(self, error: Exception) -> None:
        if not self._failed_at:
            reason = getattr(error, "strerror", None) or error
            self._say(
                f"Autosave can't write {self.file.name} ({reason}). Go on: nothing is lost while "
                "napari is open, and it is tried again."
            )
        self._failed_at = time.monotonic()
