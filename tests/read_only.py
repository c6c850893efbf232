"""A folder that can only be read, for whoever runs the tests: the administrator, too."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NOBODY = 65534


@contextmanager
def read_only_folder(fill: Callable[[Path], object] | None = None) -> Iterator[Path]:
    """A folder with what ``fill`` writes into it; nothing in it can be written while it is open."""
    if not hasattr(os, "geteuid"):
        pytest.skip("needs the permissions of POSIX")
    folder = Path(tempfile.mkdtemp())
    try:
        if fill is not None:
            fill(folder)
        everything = [folder, *folder.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        user = os.geteuid()
        if user == 0:
            # To the administrator, permissions are nothing.
            os.seteuid(_NOBODY)
        try:
            yield folder
        finally:
            if user == 0:
                os.seteuid(user)
            for path in everything:
                path.chmod(0o755 if path.is_dir() else 0o644)
    finally:
        shutil.rmtree(folder)
