"""The files of one session's journal: lines appended, prompts replaced, and where both may go.

No thread here: journal/writer.py calls this from one.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.logs.prompt_log import append, line_of, sync
from napari_cutout.formats.logs.uncommitted import Uncommitted, write_uncommitted
from napari_cutout.layers.journal.files import Claim, Lock, Place, claim, data_folder, prompts_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Json = dict[str, Any]


class JournalFile:
    """A log and the prompts beside it, which only this session writes.

    Nothing is made before something is written. What is written is remembered, so that all of it
    can be written again somewhere else.

    Parameters
    ----------
    place
        Where it goes. A folder that can't be written gives way to :func:`.data_folder`.
    say
        Takes what there is to be told, in words.

    Attributes
    ----------
    log
        The file of the lines, as soon as there is one.
    """

    def __init__(self, place: Place, say: Callable[[str], None]) -> None:
        self._place, self._say = place, say
        self._claim: Claim | None = None
        self.log: Path | None = None
        self._lines: list[Json] = []
        self._written = self._size = 0

    @property
    def name(self) -> str:
        """Where it goes, in words."""
        return str(self._place.folder if self._claim is None else self._claim.log)

    @property
    def unwritten(self) -> int:
        """The number of lines that are still to be written."""
        return len(self._lines) - self._written

    def add(self, lines: Sequence[Json]) -> None:
        """Remember lines that are to be written."""
        self._lines += lines

    def take_over(self, log: Path, size: int, lines: Sequence[Json]) -> None:
        """Go on in the log of a session that ended by accident; where it is taken, in another one.

        Parameters
        ----------
        log, size
            The file, and how many bytes of it are whole lines.
        lines
            Those of its last session.
        """
        self.remove_prompts()
        self.release()
        self._lines = [*lines, *self._lines]
        try:
            self._claim, self.log = Claim(log, size, Lock(log)), log
        except OSError:
            self._say(f"{log} can't be gone on with; all of it is written to another file.")
        else:
            self._written, self._size = len(lines), size

    def write_lines(self) -> None:
        """Append the lines that are still to be written.

        Raises
        ------
        OSError
            If they can't be; they are kept.
        """
        own = self._claimed()
        try:
            self._size = append(own.log, self._bytes(), self._size)
        except FileNotFoundError:
            # Gone, or cut short by somebody: all of it is written again, to a file of its own.
            self.release()
            self._size = append(self._claimed().log, self._bytes(), self._size)
        self._written = len(self._lines)

    def write_prompts(self, state: Uncommitted) -> None:
        """Replace the prompts.

        Raises
        ------
        OSError, FormatError
            If they can't be written; then those before are still there.
        """
        write_uncommitted(prompts_path(self._claimed().log), state)

    def remove_prompts(self) -> None:
        """Leave no prompts behind."""
        if self._claim is not None:
            with contextlib.suppress(OSError):
                prompts_path(self._claim.log).unlink(missing_ok=True)

    def sync(self) -> None:
        """Have the lines on the disk itself.

        Raises
        ------
        OSError
            If that can't be.
        """
        if self._claim is not None:
            sync(self._claim.log)

    def release(self) -> None:
        """Let go of the files; what is written next goes to others, from the first line on."""
        if self._claim is not None:
            self._claim.lock.release()
        self._claim, self._written, self._size = None, 0, 0

    def _bytes(self) -> bytes:
        return b"".join(line_of(line) for line in self._lines[self._written :])

    def _claimed(self) -> Claim:
        if self._claim is None:
            self._claim = self._claim_somewhere()
            self.log, self._size = self._claim.log, self._claim.size
        return self._claim

    def _claim_somewhere(self) -> Claim:
        try:
            return claim(self._place)
        except OSError as error:
            if self._place.folder == data_folder():
                raise
            found = claim(Place(data_folder(), self._place.stem))
            reason = error.strerror or error
            self._say(
                f"{self._place.folder} can't be written ({reason}); autosave goes to {found.log}."
            )
            self._place = Place(data_folder(), self._place.stem)
            return found
