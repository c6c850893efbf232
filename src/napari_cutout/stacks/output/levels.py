"""The labels of an output: one frame at a time, at all levels of the pyramid.

No chunk holds pixels of two frames, so that frames can be written in any order by any number of
processes. What is said of the labels is in formats/objects/ome_labels.py.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.objects.ome_levels import own_steps

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_TRIES = 3


def opened(path: Path) -> list[Any]:
    """The arrays of zarr, the finest first, for writing.

    A frame that was written has all its files, also those of background, so that it is seen where
    one is missing.
    """
    import zarr

    from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels

    names = [level.basename for level in read_ome_labels(path).levels]
    with zarr.config.set({"array.write_empty_chunks": True}):
        return [zarr.open_array(path / name, mode="r+") for name in names]


def grow(path: Path, length: int) -> None:
    """Make room for more frames behind the others, along the first axis.

    Raises
    ------
    OSError
        If it can't be written.
    """
    for array in opened(path):
        array.resize((length, *array.shape[1:]))


def are_whole(arrays: list[Any], index: tuple[int, ...]) -> bool:
    """Whether all files of a frame are there, and none was cut short.

    Parameters
    ----------
    arrays
        Of :func:`opened`.
    index
        Which frame; one that was written.
    """
    return all(_is_whole(array, index) for array in arrays)


def _is_whole(array: Any, index: tuple[int, ...]) -> bool:
    from numcodecs import zstd

    try:
        if [type(one).__name__ for one in array.compressors] not in (["ZstdCodec"], ["Zstd"]):
            # Slower, as all of zarr is gone through for each frame.
            found = all(path.exists() for path in _files(array, index))
            array[(*index, slice(None), slice(None))]
            return found
        size = math.prod(array.chunks) * array.dtype.itemsize
        return all(len(zstd.decompress(path.read_bytes())) == size for path in _files(array, index))
    except (OSError, RuntimeError, ValueError):
        return False


def _files(array: Any, index: tuple[int, ...]) -> list[Path]:
    """The chunks of a frame."""
    counts = [-(-n // size) for n, size in zip(array.shape[-2:], array.chunks[-2:], strict=True)]
    root = array.store_path.store.root / array.store_path.path
    return [
        root / array.metadata.encode_chunk_key((*index, row, col))
        for row, col in np.ndindex(*counts)
    ]


def write(arrays: list[Any], index: tuple[int, ...], labels: NDArray[np.integer[Any]]) -> None:
    """Write a frame; its files are on the disk when this returns.

    Parameters
    ----------
    arrays
        Of :func:`opened`.
    index
        Which frame.
    labels
        ``(rows, cols)``.

    Raises
    ------
    OSError
        If it can't be written.
    """
    for array, step in zip(arrays, own_steps(labels.shape), strict=True):
        for left in range(_TRIES, -1, -1):
            try:
                _write_one(array, index, labels[:: step[0], :: step[1]])
                break
            except FileNotFoundError:
                # Another process does the same frame, and took this one's file for a left one.
                if not left:
                    raise


def _write_one(array: Any, index: tuple[int, ...], labels: NDArray[np.integer[Any]]) -> None:
    paths = _files(array, index)
    # zarr writes chunks under other names first; a process that was killed leaves them.
    for partial in paths[0].parent.parent.glob("*/*.partial"):
        partial.unlink(missing_ok=True)
    array[(*index, slice(None), slice(None))] = labels
    for path in paths:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
