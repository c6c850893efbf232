"""Which files of a folder, a glob or a list are frames, and in which order. They aren't opened."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.natural_order import natural_key
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.video import SUFFIXES as VIDEOS
from napari_cutout.stacks.frames.zarrs import is_zarr

if TYPE_CHECKING:
    from collections.abc import Iterable

IMAGES = frozenset({".bmp", ".jpeg", ".jpg", ".npy", ".png", ".tif", ".tiff"})
"""What is taken for an image in a folder; zarrs are, whatever they are called."""

_RESULT = re.compile(r"\.labels(\.old(-\d+)?)?\.\w+$|\.embeddings\.zarr$", re.I)


def absolute(path: str | os.PathLike[str]) -> Path:
    """A path that doesn't depend on the current folder, ``~`` resolved; links stay."""
    return Path(os.path.abspath(os.path.expanduser(path)))


def is_glob(path: Path) -> bool:
    """Whether a path that isn't there is a pattern."""
    return glob.escape(str(path)) != str(path)


def in_folder(folder: Path) -> tuple[Path, ...]:
    """The images in a folder, in natural order (``2.tif`` before ``10.tif``).

    Parameters
    ----------
    folder
        Other files, hidden ones and results of ours in it are passed over. Without any image its
        videos are taken.

    Raises
    ------
    StackError
        If it can't be read, or has neither.
    """
    try:
        entries = sorted(folder.iterdir(), key=natural_key)
    except OSError as error:
        raise StackError(f"{folder} can't be read: {error.strerror or error}") from error
    entries = [path for path in entries if _is_data(path)]
    for kinds in (IMAGES, VIDEOS):
        found = [path for path in entries if path.suffix.lower() in kinds or is_zarr(path)]
        found = [path for path in found if is_zarr(path) or path.is_file()]
        if found:
            return tuple(found)
    has = f"none of its {len(entries)} entries is one" if entries else "it is empty"
    raise StackError(
        f"no image in {folder}: {has}; give a folder with {', '.join(sorted(IMAGES))} or zarr, or "
        "a glob of other files"
    )


def of_glob(pattern: Path) -> tuple[Path, ...]:
    """The files that match, in natural order.

    Raises
    ------
    StackError
        If there are none.
    """
    matches = (Path(match) for match in glob.glob(str(pattern), recursive=True))
    found = [path for path in matches if path.is_file() or is_zarr(path)]
    zarrs = {path for path in found if path.is_dir()}
    found = [path for path in found if _is_data(path) and zarrs.isdisjoint(path.parents)]
    if not found:
        raise StackError(f"no file matches {pattern}")
    return tuple(sorted(found, key=natural_key))


def of_list(paths: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """Files as they were listed. One that isn't there is a frame that can't be read.

    Raises
    ------
    StackError
        If none was given, or one twice, or one is a folder.
    """
    found = tuple(absolute(path) for path in paths)
    if not found:
        raise StackError("no file was given; give a folder, a glob, or some files")
    if len(set(found)) < len(found):
        twice = next(path for path in found if found.count(path) > 1)
        raise StackError(f"{twice} was given twice; list every file once")
    folders = [path for path in found if path.is_dir() and not is_zarr(path)]
    if folders:
        raise StackError(f"{folders[0]} is a folder; give it by itself, or list its files")
    return found


def _is_data(path: Path) -> bool:
    return not path.name.startswith(".") and not _RESULT.search(path.name)
