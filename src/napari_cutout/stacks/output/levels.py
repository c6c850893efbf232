"""The labels of an output: one frame at a time, at all levels of the pyramid.

No chunk holds pixels of two frames, so that frames can be written in any order by any number of
processes. What is said of the labels is in formats/objects/ome_labels.py.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.objects.ome_levels import own_steps

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_TRIES = 3


def opened(path: Path) -> list[Any]:
    """The arrays of zarr, the finest first, for writing."""
    import zarr

    from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels

    names = [level.basename for level in read_ome_labels(path).levels]
    return [zarr.open_array(path / name, mode="r+") for name in names]


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
    counts = [-(-n // size) for n, size in zip(labels.shape, array.chunks[-2:], strict=True)]
    root = array.store_path.store.root / array.store_path.path
    paths = [
        root / array.metadata.encode_chunk_key((*index, row, col))
        for row, col in np.ndindex(*counts)
    ]
    # zarr writes chunks under other names first; a process that was killed leaves them.
    for partial in paths[0].parent.parent.glob("*/*.partial"):
        partial.unlink(missing_ok=True)
    array[(*index, slice(None), slice(None))] = labels
    for path in paths:
        if path.exists():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
