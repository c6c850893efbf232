"""What tells data from others without reading all: of files their dates, of arrays values."""

from __future__ import annotations

import hashlib
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

HASHED = 1 << 26
"""Bytes of an array in memory up to which all are looked at; of larger ones, pieces."""

_PIECES = 1 << 10
_FOLDERS = 1000


def of_files(paths: Iterable[Path], *parts: object) -> str:
    """Of files: their paths, sizes and times of change. A missing one counts, too.

    Parameters
    ----------
    paths
        Files, or folders of zarrs, in their order.
    parts
        What else tells the data from others: how they are read.
    """
    return _of_lines([f"{path.absolute()}|{state_of(path)}" for path in paths], parts)


def of_names(paths: Iterable[Path], *parts: object) -> str:
    """Of files: their paths alone, whatever is in them.

    Parameters
    ----------
    paths, parts
        As for :func:`of_files`.
    """
    return _of_lines([str(path.absolute()) for path in paths], parts)


def state_of(path: Path) -> str:
    """What changes when a file is written: its size and its time of change, of a zarr all of them.

    Parameters
    ----------
    path
        A file, the folder of a zarr, or what is missing.
    """
    return of_zarr(path) if path.is_dir() else _state(path)


def of_zarr(folder: Path, *parts: object) -> str:
    """Of an array or a group of zarr on disk: of what it says of itself, and of its folders.

    Not of every chunk: there may be millions. A folder tells that chunks in it were written anew.
    """
    inner = _folders(folder)
    folders = [folder, *inner, *(path for one in inner for path in _folders(one))]
    files = (file for one in folders for file in (one, *_metadata(one)))
    return _of_lines([f"{path.absolute()}|{_state(path)}" for path in files], parts)


def of_array(data: Any, *parts: object) -> str:
    """Of an array: its values, or what its library names it by.

    Parameters
    ----------
    data
        numpy, dask, zarr, xarray, h5py, or what is indexed like them. In memory all values count
        up to 64 MiB, of more a thousand pieces. Of data elsewhere the name, the file, or three
        planes.
    parts
        What else tells the data from others: how they are read.
    """
    digest = _started((*parts, data.shape, str(data.dtype)))
    inner = getattr(data, "variable", None)
    data = inner.data if inner is not None else data
    if isinstance(data, np.ndarray):
        _add_values(digest, data)
    elif hasattr(data, "dask"):
        digest.update(str(data.name).encode())
    elif (folder := zarr_folder(data)) is not None:
        digest.update(of_zarr(folder).encode())
    elif (path := _file_of(data)) is not None:
        digest.update(f"{of_files([path])}|{data.name}".encode())
    else:
        leading = data.shape[: max(len(data.shape) - 2, 1)]
        for share in (0.0, 0.5, 1.0):
            plane = data[tuple(int(share * (length - 1)) for length in leading)]
            digest.update(np.ascontiguousarray(plane).tobytes())
    return str(digest.hexdigest())


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, the first thousand."""
    try:
        with os.scandir(folder) as entries:
            found = (Path(entry.path) for entry in entries if entry.is_dir())
            return sorted(itertools.islice(found, _FOLDERS))
    except OSError:
        return []


def _metadata(folder: Path) -> list[Path]:
    paths = (folder / name for name in ("zarr.json", ".zarray", ".zattrs", ".zgroup"))
    return [path for path in paths if path.is_file()]


def zarr_folder(data: Any) -> Path | None:
    """The folder of a zarr array or group on disk; None for others."""
    root = getattr(getattr(data, "store", None), "root", None)
    return Path(root) / data.path if isinstance(root, (str, Path)) else None


def _started(parts: Iterable[object]) -> Any:
    digest = hashlib.blake2b(digest_size=16)
    digest.update("|".join(str(part) for part in parts).encode())
    return digest


def _of_lines(lines: Iterable[str], parts: Iterable[object]) -> str:
    digest = _started(parts)
    for line in lines:
        digest.update(f"{line}\n".encode())
    return str(digest.hexdigest())


def _state(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "missing"
    return f"{found.st_size}|{found.st_mtime_ns}"


def _add_values(digest: Any, array: NDArray[Any]) -> None:
    if array.nbytes <= HASHED:
        digest.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
        return
    size = max(HASHED // _PIECES // array.itemsize, 1)
    for start in np.linspace(0, array.size - size, _PIECES).astype(np.int64):
        digest.update(array.flat[int(start) : int(start) + size].tobytes())


def _file_of(data: Any) -> Path | None:
    name = getattr(getattr(data, "file", None), "filename", None)  # h5py
    return Path(name) if isinstance(name, str) else None
