"""Label images as files, and how any file is written: under a temporary name, then renamed.

Pictures to look at are drawn in pictures.py.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_LABELS = {".tif", ".tiff", ".png", ".npy"}
_LEFT = re.compile(r"\..+\.\d+\.part(\.\w+)?")
_LEFT_SECONDS = 3600.0
"""No file takes so long; what is as old was left by a process that was killed."""


def check_labels_path(path: Path) -> None:
    """Make sure that a label image could be written there, before the work is done.

    Raises
    ------
    FormatError
        If the format can't hold labels, or the folder isn't there.
    """
    if path.suffix.lower() not in _LABELS:
        raise FormatError(f"{path}: labels are written as {', '.join(sorted(_LABELS))}")
    check_folder(path)


def check_folder(path: Path) -> None:
    """Make sure that the folder of a file to be written is there.

    Raises
    ------
    FormatError
        If it isn't.
    """
    if path.is_dir():
        raise FormatError(f"{path} is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise FormatError(f"{path}: there is no folder {path.parent}; make it first")


def write_labels(path: Path, labels: NDArray[np.integer[Any]]) -> None:
    """Write a label image in the smallest unsigned dtype that holds its ids.

    Parameters
    ----------
    path
        A ``.tif``, ``.png`` or ``.npy``; replaced in one step when it is there.
    labels
        ``(rows, cols)`` integers, 0 is background.

    Raises
    ------
    FormatError
        If it can't be written, or there are labels below 0.
    """
    path = Path(path)
    check_labels_path(path)
    pixels = np.asarray(labels)
    lowest = int(np.min(pixels, initial=0))
    if lowest < 0:
        raise FormatError(
            f"can't write {path}: there are labels below 0 (down to {lowest}); give those objects "
            "ids from 1 on"
        )
    small = pixels.astype(np.min_scalar_type(int(np.max(pixels, initial=0))))
    with replacing(path) as partial:
        if path.suffix.lower() == ".npy":
            np.save(partial, small)
        elif path.suffix.lower() == ".png":
            from skimage.io import imsave

            imsave(partial, small, check_contrast=False)
        else:
            import tifffile  # what scikit-image itself reads and writes TIFF with

            # Without the axes, tifffile can't read some shapes again that it wrote.
            axes = {"axes": "Q" * (small.ndim - 2) + "YX"}
            tifffile.imwrite(
                partial, small, compression="zlib", photometric="minisblack", metadata=axes
            )


@lru_cache(maxsize=1024)
def _sweep(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote. Once a folder: it is read."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            # The number of a process: all else is somebody's own.
            is_left = _LEFT.fullmatch(entry.name) is not None
            if is_left and time.time() - entry.stat().st_mtime > _LEFT_SECONDS:
                Path(entry.path).unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside a file, moved into its place when all went well.

    Raises
    ------
    FormatError
        If it can't be written.
    """
    partial = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    _sweep(path.parent)
    try:
        yield partial
        os.replace(partial, path)
    except OSError as error:
        raise FormatError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
