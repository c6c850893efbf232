"""Where ``napari-cutout replay`` writes labels: files of any kind that holds them, and zarr."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.cli.errors import InputError
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.writing import check_labels_path, write_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from napari_cutout.formats.logs.log_entries import Header

_PNG_IDS = 65_535
_CHUNK = 1024


def check_out(path: Path, header: Header, inputs: Mapping[str, Path]) -> None:
    """Make sure that labels could be written there, before the work is done.

    Raises
    ------
    FormatError, InputError
        If they couldn't, or it is one of the inputs.
    """
    for what, given in inputs.items():
        if path.resolve() == given.resolve():
            raise InputError(f"--out {path} is {what} itself; give another file")
    if path.suffix.lower() == ".zarr":
        if path.exists():
            raise InputError(f"--out {path} is there already; remove it, or give another name")
        if not path.parent.is_dir():
            raise FormatError(f"{path}: there is no folder {path.parent}; make it first")
        return
    check_labels_path(path)
    if path.suffix.lower() == ".png" and len(header.shape) > 2:
        raise InputError(f"--out {path}: a png holds one frame; give a tif, npy or zarr")


def write_out(path: Path, labels: Any) -> None:
    """Write labels into a tif, png or npy.

    Raises
    ------
    FormatError, InputError
        If they can't be written.
    """
    whole = np.asarray(labels[...])
    if whole.min(initial=0) < 0:
        raise InputError(f"--out {path}: there are labels below 0; give a zarr")
    if path.suffix.lower() == ".png" and whole.max(initial=0) > _PNG_IDS:
        raise InputError(f"--out {path}: a png holds labels up to {_PNG_IDS}; give a tif or npy")
    write_labels(path, whole)


@contextmanager
def zarr_out(path: Path, header: Header, start: Any) -> Iterator[Any]:
    """A zarr array to replay into; under a temporary name, renamed when all went well.

    Parameters
    ----------
    path
        Where it goes.
    header
        Of the labels.
    start
        What they held before; None for nothing.

    Raises
    ------
    FormatError
        If it can't be written.
    """
    import zarr

    partial = path.with_name(f".{path.stem}.{os.getpid()}.part.zarr")
    shape = header.shape
    chunks = (*(1,) * (len(shape) - 2), *(min(size, _CHUNK) for size in shape[-2:]))
    try:
        array = zarr.create_array(
            str(partial), shape=shape, chunks=chunks, dtype=header.dtype, fill_value=0
        )
        if start is not None:
            array[...] = start
        yield array
        os.replace(partial, path)
    except OSError as error:
        raise FormatError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
