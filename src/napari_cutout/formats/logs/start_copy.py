"""What labels held when a prompt log began, kept as a compressed copy beside it."""

from __future__ import annotations

import os
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LARGEST = 1 << 30
"""Bytes of labels that are copied at most."""


def write_start(path: Path, labels: NDArray[np.integer[Any]]) -> None:
    """Write a copy, in one step: under a temporary name in the same folder, then renamed.

    Parameters
    ----------
    path
        An ``.npz``.
    labels
        Of any number of axes.

    Raises
    ------
    OSError
        If it can't be written; nothing is left behind.
    """
    partial = path.with_name(f".{path.stem}.{os.getpid()}.part.npz")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, labels=labels)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read_start(path: Path, shape: tuple[int, ...], dtype: str) -> NDArray[np.integer[Any]]:
    """Read a copy.

    Parameters
    ----------
    path
        The ``.npz``.
    shape, dtype
        What it should hold.

    Raises
    ------
    FormatError
        If it isn't there, or isn't that.
    """
    try:
        # Opened here, since numpy leaves what it can't read open.
        with (
            path.open("rb") as stream,
            zipfile.ZipFile(stream) as archive,
            archive.open("labels.npy") as file,
        ):
            labels: NDArray[np.integer[Any]] = np.lib.format.read_array(file)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        reason = " ".join(str(error).split())
        raise FormatError(f"{path}: what the labels held first isn't there ({reason})") from error
    if labels.shape != shape or labels.dtype != np.dtype(dtype):
        raise FormatError(
            f"{path} holds labels of {labels.shape} {labels.dtype}, and the log is about "
            f"{shape} {dtype}"
        )
    return labels
