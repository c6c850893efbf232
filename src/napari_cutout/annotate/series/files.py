"""Which image files a series has: of a folder, of a glob, or those that were listed.

What is done with them, and where their results go, is in series.py.
"""

from __future__ import annotations

import glob
import os
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from napari_cutout.annotate.series.names import is_result
from napari_cutout.formats.natural_order import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    PathLike: TypeAlias = str | os.PathLike[str]

IMAGE_SUFFIXES = (
    *(".bmp", ".gif", ".jp2", ".jpeg", ".jpg", ".png", ".webp"),
    *(".npy", ".tif", ".tiff", ".zarr"),
    *(".czi", ".dcm", ".dv", ".ims", ".lif", ".lsm", ".mha", ".mrc", ".nd2", ".nii", ".nii.gz"),
    *(".nrrd", ".oib", ".oif", ".oir", ".stk", ".vsi"),
    *(".ndpi", ".scn", ".svs"),
)
"""What is taken for an image in a folder, in any case of letters: pictures, arrays, microscopes'
files and slides. Whether one can be read depends on the readers that are installed. A glob and a
list take any other file too."""

_ZARR = ("zarr.json", ".zarray", ".zgroup")


class SeriesError(ValueError):
    """Files that make no series, or a folder that can't take their results."""


def find_images(
    images: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
) -> tuple[Path, tuple[Path, ...]]:
    """The image files that were asked for.

    Parameters
    ----------
    images
        A folder, whose files that end in one of :data:`IMAGE_SUFFIXES` are taken; a glob such as
        ``data/**/*.dat``, of which any file is; or the files themselves. A zarr is one image,
        whatever its folder is called. Results of ours and hidden files are never taken.

    Returns
    -------
    root : Path
        The folder that all of them are in, perhaps further down. Absolute.
    paths : tuple of Path
        Absolute, in natural order (``2.tif`` before ``10.tif``), or as they were listed; each once.

    Raises
    ------
    SeriesError
        If something isn't there, is a result of ours, or there are no images.
    """
    if not isinstance(images, str | os.PathLike):
        return _listed([absolute(path) for path in images])
    path = absolute(images)
    if path.is_dir() and not is_zarr(path):
        return path, _in_folder(path)
    if path.exists():
        return _listed([path])
    if glob.escape(str(path)) == str(path):
        raise SeriesError(f"{path}: there is no such file or folder")
    return _of_glob(path)


def is_zarr(path: Path) -> bool:
    """Whether a folder is a zarr array or group."""
    return path.is_dir() and any((path / name).is_file() for name in _ZARR)


def absolute(path: PathLike) -> Path:
    """A path that doesn't depend on the current folder, ``~`` resolved; links stay."""
    return Path(os.path.abspath(os.path.expanduser(path)))


def _in_folder(folder: Path) -> tuple[Path, ...]:
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        raise SeriesError(f"{folder} can't be read: {error.strerror or error}") from error
    found = [
        path
        for path in entries
        if not path.name.startswith(".")
        and not is_result(path.name)
        and (is_zarr(path) or (path.name.lower().endswith(IMAGE_SUFFIXES) and path.is_file()))
    ]
    if not found:
        raise SeriesError(
            f"no image in {folder}: none of its {len(entries)} entries ends in "
            f"{', '.join(IMAGE_SUFFIXES)}; for other files give a glob, such as {folder / '*.dat'}"
        )
    return tuple(sorted(found, key=natural_key))


def _of_glob(pattern: Path) -> tuple[Path, tuple[Path, ...]]:
    matches = {Path(match) for match in glob.glob(str(pattern), recursive=True)}
    zarrs = {path for path in matches if is_zarr(path)}
    found = [
        path
        for path in matches
        if not is_result(path.name)
        and path.name not in _ZARR
        and (path in zarrs or path.is_file())
        and not any(parent in zarrs or is_result(parent.name) for parent in path.parents)
    ]
    if not found:
        raise SeriesError(f"no image matches {pattern}")
    fixed = takewhile(lambda part: glob.escape(part) == part, pattern.parts)
    return Path(*fixed), tuple(sorted(found, key=natural_key))


def _listed(paths: Sequence[Path]) -> tuple[Path, tuple[Path, ...]]:
    if not paths:
        raise SeriesError("no image was given; give a folder, a glob or some files")
    for path in paths:
        if not path.exists():
            raise SeriesError(f"{path}: there is no such file")
        if path.is_dir() and not is_zarr(path):
            raise SeriesError(f"{path} is a folder; give it by itself, or list its files")
        if is_result(path.name):
            raise SeriesError(f"{path} is a result of ours and no image; give the image's file")
    try:
        root = Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError as error:
        raise SeriesError("the files are on several drives; make a series of each") from error
    return root, tuple(dict.fromkeys(paths))
