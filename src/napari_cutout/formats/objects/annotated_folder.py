"""A folder of SA-1B or COCO, image by image: which there are, where they lie, what is in them.

Listing reads no masks; they are made for an image when it is its turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.coco import open_coco
from napari_cutout.formats.objects.image_beside import find_image
from napari_cutout.formats.objects.json_kind import json_kind
from napari_cutout.formats.objects.sa1b import read_sa1b

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.formats.objects.annotated import AnnotatedImage
    from napari_cutout.formats.objects.coco import CocoFile

_ANNOTATIONS = "annotations"


@dataclass(frozen=True)
class AnnotatedEntry:
    """One image of a folder, not read yet.

    Parameters
    ----------
    path
        The file of annotations.
    name
        Of the image in lists: its file name, or for SA-1B, which isn't opened yet, that of the
        file of annotations; with the frame behind it in a stack.
    coco
        The file where it is COCO's, with all its images; None for SA-1B.
    place
        Of the image in that file.
    """

    path: Path
    name: str
    coco: CocoFile | None = None
    place: int = 0

    def read(self) -> AnnotatedImage:
        """The image's objects.

        Raises
        ------
        FormatError
            If they can't be read.
        """
        return read_sa1b(self.path) if self.coco is None else self.coco.read(self.place)

    def image_path(self, image: AnnotatedImage | None = None) -> Path | None:
        """Where the image is; None when it isn't found.

        Parameters
        ----------
        image
            What :meth:`read` gave. Left out, the name of an image of SA-1B isn't known, and a
            file with the stem of its annotations is looked for.
        """
        if self.coco is not None:
            return find_image(self.path, self.coco.images[self.place].file_name)
        named = find_image(self.path, image.file_name) if image and image.file_name else None
        return named or find_image(self.path)


@dataclass(frozen=True)
class AnnotatedFolder:
    """The images of a folder, in natural order (``2.json`` before ``10.json``).

    Parameters
    ----------
    root
        The folder, or the file of COCO that was given.
    entries
        One for each image.
    """

    root: Path
    entries: tuple[AnnotatedEntry, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[AnnotatedEntry]:
        return iter(self.entries)

    def __getitem__(self, place: int) -> AnnotatedEntry:
        return self.entries[place]


def open_annotated_folder(path: str | Path) -> AnnotatedFolder:
    """List the annotated images of a folder.

    Parameters
    ----------
    path
        A folder with a JSON for each image (SA-1B), or one for many (COCO), perhaps in a folder
        ``annotations`` in it; or one such file. Other files are left aside.

    Raises
    ------
    FormatError
        If there are none, or a file of COCO can't be opened. Files of SA-1B are opened when it is
        their turn.
    """
    path = Path(path)
    if not path.exists():
        raise FormatError(f"{path}: there is no such file or folder")
    entries = tuple(entry for file in _files(path) for entry in _entries(file))
    if not entries:
        raise FormatError(
            f"no annotated image in {path}: expected a JSON of SA-1B for each image, or one of "
            "COCO for many"
        )
    return AnnotatedFolder(path, entries)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    try:
        found = [*path.glob("*.json"), *(path / _ANNOTATIONS).glob("*.json")]
    except OSError as error:
        raise FormatError(f"can't read {path}: {error.strerror or error}") from error
    return sorted((file for file in found if not file.name.startswith(".")), key=_natural)


def _entries(path: Path) -> list[AnnotatedEntry]:
    kind = json_kind(path)
    if kind == "sa1b":
        return [AnnotatedEntry(path, path.name)]
    if kind is None:
        return []
    coco = open_coco(path)
    return [
        AnnotatedEntry(path, _name(image.file_name, image.frame), coco, place)
        for place, image in enumerate(coco.images)
    ]


def _name(file_name: str, frame: tuple[int, ...]) -> str:
    return file_name + (f" [{', '.join(map(str, frame))}]" if frame else "")


def _natural(path: Path) -> tuple[object, ...]:
    pieces = re.split(r"([0-9]+)", path.name.casefold())
    return [int(p) if k % 2 else p for k, p in enumerate(pieces)], str(path)
