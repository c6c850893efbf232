"""The images that a command goes through: files as they were given, and those of folders."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.cli.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".npy", ".zarr"}


@dataclass(frozen=True)
class ListedImage:
    """One image.

    Parameters
    ----------
    path
        The file.
    file_name
        The same as files of annotations name it: where it is in the folder that was given. No
        other image of the list has it.
    name
        What its own results are named after; no other image of the list has it.
    """

    path: Path
    file_name: str
    name: str


def list_images(inputs: list[Path]) -> list[ListedImage]:
    """The images of files and folders, each once, folders in the order of their names.

    Parameters
    ----------
    inputs
        Files, taken as they are, and folders, searched through and through.

    Raises
    ------
    InputError
        If one isn't there, or a folder has no image.
    """
    found: dict[Path, str] = {}
    for given in inputs:
        if not given.exists():
            raise InputError(f"{given}: there is no such file or folder")
        if not given.is_dir() or given.suffix.lower() == ".zarr":
            found.setdefault(given, given.name)
            continue
        inside = sorted(path for path in given.rglob("*") if _is_image(path, given))
        if not inside:
            raise InputError(f"{given}: the folder has no image ({', '.join(sorted(_SUFFIXES))})")
        for path in inside:
            found.setdefault(path, path.relative_to(given).as_posix())
    return _named(found)


def _is_image(path: Path, folder: Path) -> bool:
    above = path.relative_to(folder).parents
    is_inside_zarr = any(parent.suffix.lower() == ".zarr" for parent in above)
    is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    is_kind = path.is_file() or path.suffix.lower() == ".zarr"
    return path.suffix.lower() in _SUFFIXES and is_kind and not (is_inside_zarr or is_hidden)


def _named(found: dict[Path, str]) -> list[ListedImage]:
    """Results are named without the image's suffix, where that tells them apart."""
    seen: Counter[str] = Counter()
    names = {}
    for path, name in found.items():
        seen[name] += 1
        # The same name in two folders that were given.
        names[path] = name if seen[name] == 1 else f"{seen[name]}-{name}"
    bare = {path: name[: len(name) - len(path.suffix)] for path, name in names.items()}
    short = Counter(bare.values())
    return [
        ListedImage(path, name, bare[path] if short[bare[path]] == 1 else name)
        for path, name in names.items()
    ]
