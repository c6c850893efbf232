"""Feature maps on disk, beside the data: an optional store that any number of processes share.

An entry is a folder, see stored.py. It is written under a name of its own, its completion marker
last, and then renamed: what bears an entry's name is whole. What was torn all the same, by a power
cut, doesn't fit its marker and is thrown away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from napari_cutout.segment import stored
from napari_cutout.segment.errors import StoreError, StoreWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cutout.sam.family import Features

SUFFIX = ".embeddings.zarr"

STALE_SECONDS = 600.0
"""From this age on, what is still being written was left behind by a process that died."""

_LAYOUT = "v1"
_WRITING = "writing-"
_REMOVED = "removed-"


def beside(data: Path) -> Path:
    """Where the feature maps of an image file or folder are kept unless somebody says otherwise."""
    return data.with_name(data.name + SUFFIX)


class EmbeddingStore:
    """Feature maps by what they were made of, see :meth:`.Embedding.remember`.

    Parameters
    ----------
    path
        A folder, made with the first entry.
    capacity
        Bytes that are kept; the entries that weren't used for longest go first. None: no limit.
    warn
        Called once with a :class:`StoreError` when nothing can be written: predictions go on
        without. Default: a :class:`StoreWarning`. May be called in any thread.

    Notes
    -----
    Safe to use from several threads and processes, on one machine or over a network folder.
    """

    def __init__(
        self,
        path: str | Path,
        capacity: int | None = None,
        warn: Callable[[StoreError], None] | None = None,
    ) -> None:
        self.path = Path(path)
        self.capacity = capacity
        self._warn = warn or _warn
        self._is_broken = False
        self._lock = threading.Lock()
        self._remove_left_behind()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle holds: all but the lock."""
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make it of what :meth:`__getstate__` gave, with a lock of its own."""
        vars(self).update(state, _lock=threading.Lock())

    def __repr__(self) -> str:
        return f"EmbeddingStore({str(self.path)!r})"

    def __len__(self) -> int:
        return sum(1 for _ in self._entries())

    def __contains__(self, key: str) -> bool:
        return os.path.isfile(self._place(key) / stored.MARKER)

    @property
    def size(self) -> int:
        """Bytes on disk, what is being written left out. O(entries)."""
        return sum(stored.size(entry) for entry in self._entries())

    def get(self, key: str) -> Features | None:
        """The features of a key as they were put, on the CPU; None where there are none."""
        place = self._place(key)
        if key not in self:
            return None
        try:
            features = stored.read(place)
        except Exception:
            # Whatever was done to the files: they aren't what was written.
            features = None
        if features is None:
            self._remove(place)
            return None
        with contextlib.suppress(OSError):
            os.utime(place)
        return features

    def put(self, key: str, features: Features) -> None:
        """Keep features. Where an entry is there already, it stays. Never raises for the disk."""
        if self._is_broken or key in self:
            return
        writing = self._new_name()
        try:
            writing.mkdir(parents=True)
            stored.write(writing, features)
            self._publish(writing, key)
        except OSError as error:
            # Where everything was cleared meanwhile, nothing is wrong.
            if not isinstance(error, FileNotFoundError) or not self.path.parent.is_dir():
                self._give_up(error)
        finally:
            shutil.rmtree(writing, ignore_errors=True)
        if self.capacity is not None:
            self._shrink(self.capacity)

    def clear(self) -> None:
        """Remove everything, and try again to write if that failed before.

        Raises
        ------
        StoreError
            If something can't be removed.
        """
        try:
            if self._root.exists():
                # At once, so that nobody finds half of it.
                self._root.rename(self.path / f"{_REMOVED}{uuid4().hex}")
            for removed in self.path.glob(f"{_REMOVED}*"):
                shutil.rmtree(removed)
            if self.path.is_dir() and not any(self.path.iterdir()):
                self.path.rmdir()
        except FileNotFoundError:
            # Another process clears it too.
            pass
        except OSError as error:
            raise StoreError(
                f"the stored embeddings in {self.path} can't be removed: {error.strerror}; close "
                "what uses them, or remove the folder by hand"
            ) from error
        self._is_broken = False

    @property
    def _root(self) -> Path:
        return self.path / _LAYOUT

    def _place(self, key: str) -> Path:
        return self._root / key[:2] / key

    def _new_name(self) -> Path:
        return self._root / f"{_WRITING}{uuid4().hex}"

    def _entries(self) -> Iterator[Path]:
        for marker in self._root.glob(f"*/*/{stored.MARKER}"):
            yield marker.parent

    def _publish(self, writing: Path, key: str) -> None:
        """Give a written entry its name, unless another process was faster."""
        place = self._place(key)
        place.parent.mkdir(exist_ok=True)
        for _ in range(2):
            try:
                writing.rename(place)
            except OSError:
                if key in self:
                    return
                if not place.exists():
                    raise
                # Without its marker it is no entry: somebody took it away by hand, in part.
                self._remove(place)
            else:
                return

    def _remove(self, place: Path) -> None:
        """Remove an entry, at once for all others."""
        removed = self._new_name()
        with contextlib.suppress(OSError):
            place.rename(removed)
        shutil.rmtree(removed, ignore_errors=True)

    def _give_up(self, error: OSError) -> None:
        with self._lock:
            was_broken, self._is_broken = self._is_broken, True
        if not was_broken:
            self._warn(
                StoreError(
                    f"embeddings can't be stored in {self.path}: {error.strerror or error}. They "
                    "are kept in memory only; make room, or choose another folder"
                )
            )

    def _remove_left_behind(self) -> None:
        with contextlib.suppress(OSError):
            for removed in self.path.glob(f"{_REMOVED}*"):
                shutil.rmtree(removed, ignore_errors=True)
            for writing in self._root.glob(f"{_WRITING}*"):
                if time.time() - writing.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(writing, ignore_errors=True)

    def _shrink(self, capacity: int) -> None:
        """Remove what wasn't used for longest until the rest fits; the newest entry stays."""
        used = []
        for entry in self._entries():
            with contextlib.suppress(OSError):
                used.append((entry.stat().st_mtime, stored.size(entry), entry))
        used.sort(key=lambda known: known[0])
        total = sum(size for _, size, _ in used)
        for _, size, entry in used[:-1]:
            if total <= capacity:
                return
            self._remove(entry)
            total -= size


def _warn(error: StoreError) -> None:
    warnings.warn(str(error), StoreWarning, stacklevel=2)
