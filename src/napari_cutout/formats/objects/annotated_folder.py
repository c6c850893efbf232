"""A folder of SA-1B or COCO, image by image: which there are, where they lie, what is in them.

Listing and counting read no masks; they are made for an image when it is its turn.
"""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.natural_order import natural_key
from napari_cutout.formats.objects.coco import open_coco
from napari_cutout.formats.objects.image_beside import find_image
from napari_cutout.formats.objects.json_kind import json_kind
from napari_cutout.formats.objects.sa1b import read_sa1b

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.formats.objects.annotated import AnnotatedImage
    from napari_cutout.formats.objects.coco import CocoFile

_ANNOTATIONS = "annotations"
_OBJECT = re.compile(rb'"segmentation"\s*:')


@dataclass(frozen=True)
class AnnotatedEntry:
    """One image of a folder, not read yet.

    Parameters
    ----------
    path
        The file of annotations.
    name
        Of the image in lists: its file name, or for SA-1B, which isn't opened yet, and for a file
        that can't be opened, that of the file of annotations; with the frame behind it in a stack.
    coco
        The file where it is COCO's, with all its images; None for SA-1B.
    place
        Of the image in that file.
    problem
        Why a file of COCO, of which this is the only entry then, can't be opened; else empty.
    """

    path: Path
    name: str
    coco: CocoFile | None = None
    place: int = 0
    problem: str = ""

    def read(self) -> AnnotatedImage:
        """The image's objects.

        Raises
        ------
        FormatError
            If they can't be read.
        """
        if self.problem:
            raise FormatError(self.problem)
        return read_sa1b(self.path) if self.coco is None else self.coco.read(self.place)

    def count_objects(self) -> int | None:
        """How many objects the file has for the image, without reading their masks.

        Returns
        -------
        int or None
            None where the file can't be opened.
        """
        if self.coco is not None:
            return len(self.coco.annotations.get(self.coco.images[self.place].id, ()))
        if self.problem:
            return None
        try:
            with (
                self.path.open("rb") as file,
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
            ):
                return sum(1 for _ in _OBJECT.finditer(text))
        except (OSError, ValueError):
            # A file that was emptied can't be mapped.
            return None

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
        ``annotations`` in it; or one such file. Other files are left aside. A file of COCO in a
        folder that can't be opened is one entry, whose ``problem`` says why.

    Raises
    ------
    FormatError
        If there are none, or the file that was given is COCO's and can't be opened. Files of SA-1B
        are opened when it is their turn.
    """
    path = Path(path)
    if not path.exists():
        raise FormatError(f"{path}: there is no such file or folder")
    if path.is_file():
        entries = _entries(path)
    else:
        entries = tuple(entry for file in _files(path) for entry in _entries_or_problem(file))
    if not entries:
        raise FormatError(
            f"no annotated image in {path}: expected a JSON of SA-1B for each image, or one of "
            "COCO for many"
        )
    return AnnotatedFolder(path, entries)


def _files(folder: Path) -> list[Path]:
    try:
        found = [*folder.glob("*.json"), *(folder / _ANNOTATIONS).glob("*.json")]
    except OSError as error:
        raise FormatError(f"can't read {folder}: {error.strerror or error}") from error
    return sorted((file for file in found if not file.name.startswith(".")), key=_by_name)


def _entries(path: Path) -> tuple[AnnotatedEntry, ...]:
    kind = json_kind(path)
    if kind == "sa1b":
        return (AnnotatedEntry(path, path.name),)
    if kind is None:
        return ()
    coco = open_coco(path)
    return tuple(
        AnnotatedEntry(path, _name(image.file_name, image.frame), coco, place)
        for place, image in enumerate(coco.images)
    )


def _entries_or_problem(path: Path) -> tuple[AnnotatedEntry, ...]:
    """One broken file doesn't hide the others of its folder."""
    try:
        return _entries(path)
    except FormatError as error:
        return (AnnotatedEntry(path, path.name, problem=str(error)),)


def _name(file_name: str, frame: tuple[int, ...]) -> str:
    return file_name + (f" [{', '.join(map(str, frame))}]" if frame else "")


def _by_name(path: Path) -> tuple[object, ...]:
    """Wherever of the two folders they lie in."""
    return natural_key(Path(path.name)), str(path)
