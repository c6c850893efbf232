"""What labels held before their first logged step: known, found on the disk, or copied aside.

Copies of large labels are made and compressed in threads of their own; meanwhile the person goes
on, and every step says what it changed.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.log_regions import Written, write
from napari_cutout.formats.logs.log_entries import Start
from napari_cutout.formats.logs.start_copy import LARGEST, write_start

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Before = Callable[[], Iterable[Written]]
"""Gives what a step takes back when it is undone."""

AT_ONCE = 1 << 25
"""Bytes of labels in memory that are copied at once, in a few milliseconds."""


class StartCopy:
    """A copy of labels as they were before the steps that it is told of.

    Parameters
    ----------
    data
        The labels' array, of any kind.
    dtype
        Name of the dtype of the copy.
    before
        Of the first step, which is in the array already.
    """

    def __init__(self, data: Any, dtype: str, before: Before) -> None:
        self._data, self._dtype = data, np.dtype(dtype)
        self._lock = threading.Lock()
        self._steps: list[Before] = [before]
        self._copy: NDArray[Any] | None = None

    def take(self) -> NDArray[Any]:
        """Copy now. Nothing may be written meanwhile without :meth:`note`."""
        if self._copy is None:
            copy = np.array(self._data[...], dtype=self._dtype)
            with self._lock:
                steps, self._steps = self._steps, []
            for before in reversed(steps):
                _patch(copy, before())
            self._copy, self._data = copy, None
        return self._copy

    def note(self, before: Before) -> None:
        """A step was written, while the copy may be made."""
        with self._lock:
            # Of those after the copy only the first can have been under way when it was made.
            if self._data is not None or not self._steps:
                self._steps.append(before)

    def write(self, path: Path) -> None:
        """Write the copy. A step that was half done while it was made is taken out of it.

        Raises
        ------
        OSError
            If it can't be written.
        """
        copy = self.take()
        write_start(path, copy)
        with self._lock:
            late = self._steps[:1]
        if late and _patch(copy, late[0]()):
            write_start(path, copy)
        self._copy = np.empty(0, self._dtype)


class StartCopies:
    """The copies of a session that are still to be written.

    Parameters
    ----------
    say
        Takes what there is to be told, in words.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._waiting: list[tuple[str, StartCopy]] = []
        self._threads: list[threading.Thread] = []

    def add(self, name: str, copy: StartCopy) -> None:
        """Write a copy under a name as soon as it is known in which folder."""
        self._waiting.append((name, copy))

    def start(self, folder: Path) -> None:
        """Write those that wait, each in a thread."""
        while self._waiting:
            name, copy = self._waiting.pop(0)
            thread = threading.Thread(
                target=self._write, args=(folder / name, copy), name=f"copy {name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def join(self) -> None:
        """Wait until they are written."""
        for thread in self._threads:
            thread.join()

    def _write(self, path: Path, copy: StartCopy) -> None:
        try:
            copy.write(path)
        except (OSError, MemoryError) as error:
            self._say(
                f"What the labels held before can't be kept in {path} ({error}); save them "
                "yourself."
            )


def stored_path(data: Any) -> str:
    """Where an array is stored that is written straight to a disk; empty for one in memory."""
    if isinstance(data, np.memmap) and data.mode in ("r+", "w+"):
        return str(data.filename or "")
    root = getattr(getattr(data, "store", None), "root", None)
    if root is not None:
        return str(root / getattr(data, "path", ""))
    if callable(getattr(data, "spec", None)):
        store = data.spec().to_json().get("kvstore", {})
        return str(store.get("path", "")) if store.get("driver") == "file" else ""
    return ""


def is_too_large(data: Any) -> bool:
    """Whether an array in memory is larger than what is copied."""
    return bool(math.prod(data.shape) * np.dtype(dtype_name(data)).itemsize > LARGEST)


def dtype_name(data: Any) -> str:
    """The name of an array's dtype, in native byte order; tensorstore has dtypes of its own."""
    return str(np.dtype(getattr(data.dtype, "numpy_dtype", data.dtype)).name)


def start_of(data: Any, before: Before, *, keep: bool) -> tuple[Start, StartCopy | None]:
    """What labels held before a step that is in them already, and the copy to be written of it.

    Parameters
    ----------
    data
        The labels' array.
    before
        Of the step.
    keep
        Whether a copy is wanted where one is needed.
    """
    path = stored_path(data)
    if path:
        return Start("stored", path), None
    copy = StartCopy(data, dtype_name(data), before)
    if isinstance(data, np.ndarray) and data.nbytes <= AT_ONCE and not np.any(copy.take()):
        return Start("empty"), None
    if not keep or is_too_large(data):
        return Start("unknown"), None
    return Start("copy"), copy


def _patch(labels: NDArray[Any], pieces: Iterable[Written]) -> bool:
    """Write pixels. Whether any of them was another before."""
    changed = False
    for piece in pieces:
        box = tuple(
            slice(first, first + length)
            for first, length in zip(piece.origin, piece.pixels.shape, strict=True)
        )
        rows_cols = iter(box)
        here = labels[tuple(next(rows_cols) if at is None else at for at in piece.frame)]
        changed = changed or bool(np.any(here[piece.pixels] != piece.values))
        write(labels, piece)
    return changed
