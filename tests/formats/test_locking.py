"""Locks of files: one at a time, free again when their process ends; also where none can be had."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys

import pytest

from napari_cutout.formats import locking
from napari_cutout.formats.locking import FileLock, PresenceLock, lock_of

ENDED = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True,
                       text=True, check=True)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lock"


@pytest.mark.parametrize("kind", [FileLock, PresenceLock])
def test_one_at_a_time(path, kind):
    lock = kind(path)
    with pytest.raises(BlockingIOError):
        kind(path)
    assert path.read_text() == f"{os.getpid()} on {socket.gethostname()}\n"
    lock.release()
    lock.release()
    assert not path.exists()
    kind(path).release()


@pytest.mark.skipif(sys.platform == "win32", reason="asking for a process would end it")
@pytest.mark.parametrize(
    ("said", "is_taken_over"),
    [
        (f"{ENDED.stdout.strip()} on {socket.gethostname()}\n", True),
        (f"{os.getpid()} on {socket.gethostname()}\n", False),
        ("1 on another-machine\n", False),
        ("", False),
    ],
    ids=["gone", "here", "elsewhere", "nobody"],
)
def test_a_file_of_a_process_that_is_gone_is_taken_over(path, said, is_taken_over):
    path.write_text(said)
    if not is_taken_over:
        with pytest.raises(BlockingIOError):
            PresenceLock(path)
    else:
        PresenceLock(path).release()


def test_a_file_that_never_was_named_is_taken_over_after_a_while(path):
    path.write_text("")
    os.utime(path, (0, 0))
    PresenceLock(path).release()


def test_where_the_file_system_can_t_lock_the_file_being_there_is_the_lock(path, monkeypatch):
    def can_t(_file):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(locking, "_lock", can_t)
    lock = lock_of(path)
    with pytest.raises(BlockingIOError):
        lock_of(path)
    lock.release()


def test_where_nothing_can_be_written_there_is_no_lock(tmp_path):
    with pytest.raises(FileNotFoundError):
        lock_of(tmp_path / "missing" / "lock")
