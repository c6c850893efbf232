"""A file that one process at a time has: the system lets go of it when the process ends anyhow."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LOCKED_BYTE = 1 << 20
_NAMED_AFTER = 60.0
_CAN_T_LOCK = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def lock_of(path: Path) -> FileLock:
    """A lock, on file systems too that can't lock, as some of clusters.

    There, the file being there is the lock; it is taken over where it names a process of this
    machine that is gone.

    Raises
    ------
    BlockingIOError
        If somebody else has it.
    OSError
        If the folder can't be written.
    """
    was_there = path.exists()
    try:
        return FileLock(path)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in _CAN_T_LOCK:
            raise
    if not was_there and not path.stat().st_size:
        # Made in trying.
        path.unlink()
    return PresenceLock(path)


class FileLock:
    """A file that is locked until it is released, or the process ends in any way.

    Who has it stands in it: ``PID on HOST``.

    Parameters
    ----------
    path
        The file; made, and removed when it is released.

    Raises
    ------
    BlockingIOError
        If somebody else has it.
    OSError
        If the folder can't be written, or can't lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _locked(path)
        os.ftruncate(self._file, 0)
        os.write(self._file, _who())

    def release(self) -> None:
        """Let go of it."""
        if self._file < 0:
            return
        if sys.platform != "win32":
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1
        if sys.platform == "win32":
            self._remove()

    def _remove(self) -> None:
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return


class PresenceLock(FileLock):
    """A lock that is a file, where the system has no better. See :func:`lock_of`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _remove_dead(path)
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError as error:
            raise BlockingIOError(*error.args) from error
        os.write(self._file, _who())


def _who() -> bytes:
    return f"{os.getpid()} on {socket.gethostname()}\n".encode()


def _remove_dead(path: Path) -> None:
    """Remove the file of a process of this machine that is gone."""
    try:
        process, _, host = path.read_text("utf-8", "replace").strip().partition(" on ")
        is_new = time.time() - path.stat().st_mtime < _NAMED_AFTER
    except OSError:
        return
    # Whoever makes it writes who that is a moment later.
    is_unnamed = not process.isdecimal() and not is_new
    if is_unnamed or (host == socket.gethostname() and not _is_alive(int(process))):
        path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":
        # There, asking would end it.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _locked(path: Path) -> int:
    """A file descriptor of a file that is locked, and that is still the one of this name."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(file)
            # Whoever had it before may have removed it meanwhile.
            if path.exists() and os.path.samestat(os.fstat(file), os.stat(path)):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
        os.lseek(file, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
