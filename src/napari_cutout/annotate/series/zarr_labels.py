"""Large labels as a zarr on disk: written beside, then put in place by renaming folders.

Chunks are copied as they are stored, so that the cost follows what was painted and not the image.
zarr is imported where it is needed: it takes a quarter of a second, and most labels are none.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.written import is_zarr
from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_CHUNK = 1024
_PIECE = 1 << 24
_METADATA = ("zarr.json", ".zarray", ".zattrs")


def is_plain(labels: Any) -> bool:
    """Whether labels are a zarr array that is a store by itself, in memory or on disk."""
    if not is_zarr(labels) or labels.path:
        return False
    from zarr.storage import LocalStore, MemoryStore

    return isinstance(labels.store, MemoryStore | LocalStore)


def contents_hash(labels: Any) -> bytes:
    """A hash of what a plain zarr array holds."""

    async def hashed() -> bytes:
        found = hashlib.blake2b()
        for key in sorted(await _keys(labels.store)):
            chunk = await labels.store.get(key)
            if chunk is not None:
                found.update(key.encode() + chunk.to_bytes())
        return found.digest()

    return bytes(_wait_for(hashed()))


def is_blank(labels: Any) -> bool:
    """Whether a plain zarr array has no chunk: zarr drops those that are background again."""

    async def has_chunks() -> bool:
        return any(key not in _METADATA for key in await _keys(labels.store))

    return not labels.fill_value and not _wait_for(has_chunks())


def stored_keys(store: Any) -> frozenset[str]:
    """The names of all that a zarr store in memory or on disk holds."""
    return frozenset(_wait_for(_keys(store)))


def blocks(labels: Any) -> Iterator[NDArray[Any]]:
    """The pixels of any array, one piece after the other; one of numpy is a single piece."""
    if isinstance(labels, np.ndarray):
        yield labels
        return
    for region in _regions(tuple(labels.shape)):
        yield np.asarray(labels[region])


def into_memory(path: Path) -> Any:
    """A zarr array on disk as one in memory, still compressed.

    Raises
    ------
    FormatError
        If it isn't one of labels, or can't be read.
    """
    import zarr
    from zarr.storage import LocalStore, MemoryStore

    store = MemoryStore()
    try:
        _wait_for(_copy(LocalStore(path, read_only=True), store))
        labels = zarr.open(store, mode="r+")
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FormatError(f"{path}: not a readable zarr ({reason})") from error
    if not isinstance(labels, zarr.Array):
        raise FormatError(f"{path}: labels are one zarr array, and this is a group")
    if labels.dtype.kind not in "iu":
        raise FormatError(f"{path}: labels are integers, not {labels.dtype}")
    return labels


def write(path: Path, labels: Any, kept: Path | None = None) -> None:
    """Write labels as a zarr array; what was there is replaced when all is written.

    Parameters
    ----------
    path
        The folder.
    labels
        Any array of integers.
    kept
        What was there gets this name; otherwise it goes.

    Raises
    ------
    FormatError
        If it can't be written. What was there still is.
    """
    from zarr.storage import LocalStore

    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        shutil.rmtree(part, ignore_errors=True)
        if is_plain(labels):
            _wait_for(_copy(labels.store, LocalStore(part)))
        else:
            _write_blocks(part, labels)
        before = kept or _before(path)
        if path.exists():
            os.replace(path, before)
        os.replace(part, path)
        if kept is None:
            shutil.rmtree(before, ignore_errors=True)
    except OSError as error:
        raise FormatError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def recover(path: Path) -> None:
    """Put back what a process that was killed in :func:`write` had moved out of the way."""
    before = _before(path)
    if not before.exists():
        return
    if path.exists():
        shutil.rmtree(before, ignore_errors=True)
    else:
        os.replace(before, path)


def _before(path: Path) -> Path:
    return path.with_name(f".{path.stem}.before{path.suffix}")


def _write_blocks(path: Path, labels: Any) -> None:
    import zarr
    from zarr.storage import LocalStore

    shape = tuple(labels.shape)
    chunks = (*(1,) * (len(shape) - 2), *(min(size, _CHUNK) for size in shape[-2:]))
    written = zarr.create_array(
        LocalStore(path), shape=shape, chunks=chunks, dtype=labels.dtype, fill_value=0
    )
    for region in _regions(shape):
        block = np.asarray(labels[region])
        if np.any(block):
            written[region] = block


def _regions(shape: tuple[int, ...]) -> Iterator[tuple[int | slice, ...]]:
    """Bands of whole chunks of each frame."""
    rows = max(_PIECE // max(math.prod(shape[-1:]), 1) // _CHUNK, 1) * _CHUNK
    for index in np.ndindex(shape[:-2]):
        for first in range(0, shape[-2], rows):
            yield (*index, slice(first, first + rows), slice(None))


async def _copy(source: Any, destination: Any) -> None:
    for key in await _keys(source):
        chunk = await source.get(key)
        if chunk is not None:
            await destination.set(key, chunk)


async def _keys(store: Any) -> list[str]:
    while True:
        try:
            return [key async for key in store.list()]
        except RuntimeError:  # the person painted where nothing was yet: the listing changed
            continue


def _wait_for(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: the caller's may have an event loop that runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
