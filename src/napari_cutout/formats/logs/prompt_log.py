"""Prompt logs as files: JSON lines, one an entry. Read, and appended to so that kills do no harm.

What an entry says is in log_entries.py.
"""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_reader import LogReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.formats.logs.log_entries import Entry

_TAIL = 1 << 16
_BINARY = getattr(os, "O_BINARY", 0)


class LogError(FormatError):
    """A prompt log with a line that can't be read.

    Attributes
    ----------
    entries, size
        Those before that line, and how many bytes of the file they take.
    """

    def __init__(self, message: str, entries: tuple[Entry, ...] = (), size: int = 0) -> None:
        super().__init__(message)
        self.entries, self.size = entries, size


@dataclass(frozen=True)
class PromptLog:
    """What a file holds.

    Parameters
    ----------
    entries
        In their order.
    size
        Bytes of the file that they take.
    is_cut_off
        Whether the file's last line was cut off, as a kill leaves it; it was left out.
    """

    entries: tuple[Entry, ...]
    size: int
    is_cut_off: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the last session ended in an orderly way."""
        return bool(self.entries) and self.entries[-1].kind == "closed"


def read_log(path: Path) -> PromptLog:
    """Read a prompt log.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    LogError
        If a line but the last can't be read, with its number.
    FormatError
        If there is no such file, or no entry in it.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path}: can't be read ({error.strerror or error})") from error
    *lines, rest = data.split(b"\n")
    reader = LogReader()
    entries: list[Entry] = []
    size = 0
    for number, line in enumerate(lines, start=1):
        try:
            entries.append(reader.read(_parsed(line)))
        except FormatError as error:
            raise LogError(f"{path}, line {number}: {error}", tuple(entries), size) from error
        size += len(line) + 1
    if not entries:
        raise FormatError(f"{path}: there is no entry of a prompt log in it")
    return PromptLog(tuple(entries), size, bool(rest))


def line_of(value: Mapping[str, Any]) -> bytes:
    """The line of an entry's JSON object, with its end."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def append(path: Path, lines: bytes, size: int) -> int:
    """Append lines in one write. What a failed write left behind is cut off first.

    Parameters
    ----------
    path
        The file; made where ``size`` is 0.
    lines
        Whole lines.
    size
        Of the file as it should be.

    Returns
    -------
    int
        Its size afterwards.

    Raises
    ------
    OSError
        If they can't be written: then the file is as it was. ``FileNotFoundError`` if it is gone,
        or shorter than it should be.
    """
    file = os.open(path, os.O_RDWR | _BINARY | (0 if size else os.O_CREAT), 0o666)
    try:
        found = os.fstat(file).st_size
        if found < size:
            raise FileNotFoundError(errno.ENOENT, "the file lost its end", str(path))
        if found > size:
            os.ftruncate(file, size)
        os.lseek(file, size, os.SEEK_SET)
        try:
            if os.write(file, lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            os.ftruncate(file, size)
            raise
    finally:
        os.close(file)
    return size + len(lines)


def sync(path: Path) -> None:
    """Have what was appended on the disk itself, for the case of a power failure.

    Raises
    ------
    OSError
        If that can't be.
    """
    file = os.open(path, os.O_RDWR | _BINARY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def size_if_closed(path: Path) -> int | None:
    """The size of a log that another session can follow in, or None. Reads the last line only.

    That is one that is closed, not there, or without a whole line.

    Raises
    ------
    OSError
        If it can't be read.
    """
    if not path.exists():
        return 0
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _TAIL, 0))
        tail = file.read()
    if size == len(tail) and b"\n" not in tail:
        return 0
    *_, last, rest = (b"\n" + tail).split(b"\n")
    try:
        value = _parsed(last)
    except FormatError:
        return None
    closed = not rest and isinstance(value, dict) and value.get("kind") == "closed"
    return size if closed else None


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not an entry of a prompt log ({error})") from error
