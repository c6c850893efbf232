"""The labels of one file of a series, on disk: read, and saved when they changed.

A ``.labels.tif`` up to 1 GiB of labels, a ``.labels.zarr`` beyond (how that is done whole is in
zarr_labels.py). Labels that someone else put there in the meantime are kept beside the new ones.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.series import zarr_labels as series_zarr
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.writing import write_labels

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 1 << 28
"""Pixels above which labels are a zarr: 1 GiB of int32, as new labels are kept in memory."""

_DTYPE = np.dtype(np.int32)


@dataclass(frozen=True)
class Saved:
    """What saving did.

    Parameters
    ----------
    path
        Where the labels are.
    kept
        Where labels are kept that were there and that this object neither read nor wrote; or None.
    """

    path: Path
    kept: Path | None = None


class LabelsFile:
    """The labels of one file. It may be used by several threads; they take turns.

    Parameters
    ----------
    base
        Its path without ``.tif`` or ``.zarr``: ``folder/cells.labels``.
    root
        A folder that must be there; folders between it and the file are made.
    large
        Pixels above which labels are a zarr.
    """

    def __init__(self, base: Path, root: Path, large: int = LARGE) -> None:
        self.base, self._root, self._large = base, root, large
        self._lock = Lock()
        self._hash: bytes | None = None
        self._stamp: tuple[int, int] | None = None

    @property
    def path(self) -> Path | None:
        """The labels that are there, the newest if there are two; None without any."""
        there = [path for path in (self.tif, self.zarr) if path.exists()]
        return max(there, key=lambda path: _stamp(path)[0], default=None)

    @property
    def tif(self) -> Path:
        """Where labels of up to 1 GiB are."""
        return self.base.with_name(self.base.name + ".tif")

    @property
    def zarr(self) -> Path:
        """Where larger labels are."""
        return self.base.with_name(self.base.name + ".zarr")

    def read(self) -> Any:
        """The labels that are there.

        Returns
        -------
        ndarray, zarr.Array or None
            In memory, with dtype int32 or wider; a zarr as it is, compressed. None without any.

        Raises
        ------
        FormatError
            If they can't be read, or aren't labels.
        """
        with self._lock:
            self._hash = self._stamp = None
            series_zarr.recover(self.zarr)
            path = self.path
            if path is None:
                return None
            stamp = _stamp(path)
            labels = series_zarr.into_memory(path) if path == self.zarr else _read_tif(path)
            self._hash, self._stamp = _hash(labels), stamp
            return labels

    def forget(self) -> None:
        """What is there isn't what will be saved next: it is then kept beside that."""
        with self._lock:
            self._hash = self._stamp = None

    def save(self, labels: Any) -> Saved | None:
        """Save labels, if they aren't those that were read or saved last.

        Labels that change while they are being saved are saved whole the next time.

        Parameters
        ----------
        labels
            Integers, 0 is background: of numpy, zarr, or anything that is sliced like it.

        Returns
        -------
        Saved or None
            None if there was nothing to be done: blank labels make no file.

        Raises
        ------
        FormatError
            If they can't be written. What was there still is.
        """
        with self._lock:
            series_zarr.recover(self.zarr)
            before, now = self.path, _hash(labels)
            if now == self._hash and before is not None:
                return None
            if self._hash is None and _is_blank(labels):
                return None
            self._make_folder()
            is_ours = before is not None and self._stamp == _stamp(before)
            is_large = math.prod(labels.shape) > self._large
            path = self.zarr if is_large or (is_ours and before == self.zarr) else self.tif
            kept = None if before is None or is_ours else _free_name(before)
            self._write(path, labels, kept if path == before else None)
            if before is not None and path != before:
                kept = kept or _free_name(before)
                os.replace(before, kept)
            self._hash, self._stamp = now, _stamp(path)
            return Saved(path, kept)

    def _make_folder(self) -> None:
        if not self._root.is_dir():
            raise FormatError(f"can't write {self.tif}: {self._root} isn't there any more")
        try:
            self.base.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise FormatError(f"can't make the folder {self.base.parent}: {reason}") from error

    def _write(self, path: Path, labels: Any, kept: Path | None) -> None:
        if path == self.zarr:
            series_zarr.write(path, labels, kept)
            return
        if kept is not None:
            _duplicate(path, kept)
        try:
            write_labels(path, np.asarray(labels))
        except BaseException:
            if kept is not None:
                kept.unlink(missing_ok=True)
            raise


def _read_tif(path: Path) -> Any:
    labels = np.asarray(open_image(path).data)
    if labels.dtype.kind not in "biu":
        raise FormatError(f"{path}: labels are integers, not {labels.dtype}")
    if labels.dtype == np.uint64:
        return labels
    # An own array: what open_image gives may be mapped from the file, and can't be painted in.
    return labels.astype(np.promote_types(labels.dtype, _DTYPE))


def _hash(labels: Any) -> bytes:
    if series_zarr.is_plain(labels):
        return series_zarr.contents_hash(labels)
    found = hashlib.blake2b(f"{labels.dtype} {labels.shape}".encode())
    for block in series_zarr.blocks(labels):
        found.update(np.ascontiguousarray(block).data)
    return found.digest()


def _is_blank(labels: Any) -> bool:
    if series_zarr.is_plain(labels):
        return series_zarr.is_blank(labels)
    return not any(np.any(block) for block in series_zarr.blocks(labels))


def _stamp(path: Path) -> tuple[int, int]:
    """When a file or the files of a folder last changed, and how large they are together."""
    if not path.is_dir():
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    inside = [file.stat() for file in path.rglob("*") if file.is_file()]
    return max((s.st_mtime_ns for s in inside), default=0), sum(s.st_size for s in inside)


def _free_name(path: Path) -> Path:
    """``a.labels.old.tif``, or with the first number that is free."""
    base = path.with_suffix("").name
    names = (f"{base}.old{'' if k == 1 else f'-{k}'}{path.suffix}" for k in range(1, 1 << 30))
    return next(there for name in names if not (there := path.with_name(name)).exists())


def _duplicate(path: Path, other: Path) -> None:
    """A second name for the same content: no moment passes in which the first isn't there."""
    try:
        os.link(path, other)
    except OSError:  # not on every file system
        try:
            shutil.copy2(path, other)
        except OSError as error:
            other.unlink(missing_ok=True)
            reason = error.strerror or error
            raise FormatError(f"can't keep {path} as {other.name}: {reason}") from error
