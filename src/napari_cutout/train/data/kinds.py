"""The kinds of labelled images that a folder or file can hold, each with how it is looked for.

Which of them is meant is decided in opening.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.json_kind import json_kind
from napari_cutout.stacks.frames.zarrs import is_zarr
from napari_cutout.train.data import pairs
from napari_cutout.train.data.annotations import open_annotations
from napari_cutout.train.data.label_files import LabelFiles, with_its_labels
from napari_cutout.train.data.logs import PATTERN, open_log

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from napari_cutout.train.data.labelled_data import LabelledSource


@dataclass(frozen=True)
class Kind:
    """Labelled images of one kind that were found.

    Parameters
    ----------
    words
        What they are, for messages: "3 images with labels beside them".
    open
        Makes sources of them.
    """

    words: str
    open: Callable[[], Sequence[LabelledSource]]


def kinds_in(folder: Path, channel: int | None) -> list[Kind]:
    """All kinds that a folder holds.

    Raises
    ------
    FormatError
        If it can't be read, or two files have the same claim.
    """
    found = [
        _in_folders(folder, channel),
        _side_by_side(folder, channel),
        _zarrs(folder, channel),
        annotations_in(folder, None, channel),
        logs_in(folder, None, channel, _saved(folder)),
    ]
    return [kind for kind in found if kind is not None]


def label_files(
    name: str, found: Sequence[tuple[Path, Path]], words: str, channel: int | None
) -> Kind | None:
    """Pairs of image files and label files, None where there are none."""
    sources = [
        LabelFiles(f"{name}/{image.name}", image, labels, channel) for image, labels in found
    ]
    return Kind(f"{counted(sources, 'image')} {words}", lambda: sources) if found else None


def annotations_in(folder: Path, images: Path | None, channel: int | None) -> Kind | None:
    """Files of COCO and SA-1B in a folder, or in ``annotations`` in it."""
    files = [*folder.glob("*.json"), *(folder / "annotations").glob("*.json")]
    known = [file for file in files if not file.name.startswith(".") and json_kind(file)]
    if not known:
        return None
    words = f"{counted(known, 'file')} of COCO or SA-1B"
    return Kind(words, lambda: open_annotations(folder, images, channel))


def logs_in(
    folder: Path, images: Path | None, channel: int | None, but: Collection[str] = ()
) -> Kind | None:
    """Prompt logs in a folder, but those of images with these names."""
    logs = sorted(path for path in folder.glob(PATTERN) if not path.name.startswith("."))
    logs = [path for path in logs if path.name.rpartition(".cutout")[0] not in but]
    if not logs:
        return None
    words = counted(logs, "prompt log")
    return Kind(words, lambda: [open_log(log, images, channel) for log in logs])


def counted(found: Sequence[object], what: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{len(found)} {what}{'' if len(found) == 1 else 's'}"


def _in_folders(folder: Path, channel: int | None) -> Kind | None:
    """``images/`` and ``labels/`` in a folder, or a folder of such folders."""
    own = pairs.folders_of(folder)
    if own is not None:
        found = pairs.in_two_folders(*own)
        words = f"in {own[0].name}/ with labels in {own[1].name}/"
        return label_files(folder.resolve().name, found, words, channel)
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not is_zarr(path))
    sources: list[LabelledSource] = []
    for path in inner:
        kind = None if path.name.startswith(".") else _in_folders_here(path, channel)
        sources += [] if kind is None else kind.open()
    if not sources:
        return None
    words = f"{counted(sources, 'image')} in folders that have images and labels"
    return Kind(words, lambda: sources)


def _in_folders_here(folder: Path, channel: int | None) -> Kind | None:
    return None if pairs.folders_of(folder) is None else _in_folders(folder, channel)


def _side_by_side(folder: Path, channel: int | None) -> Kind | None:
    found = pairs.side_by_side(folder)
    return label_files(folder.resolve().name, found, "with labels beside them", channel)


def _saved(folder: Path) -> set[str]:
    """Images of which a session with the folder saved what their log came to."""
    found = pairs.side_by_side(folder)
    return {image.name for image, labels in found if pairs.is_saved(image, labels)}


def _zarrs(folder: Path, channel: int | None) -> Kind | None:
    """OME-Zarr images that have labels inside."""
    zarrs = sorted(path for path in folder.glob("*.zarr") if (path / "labels").is_dir())
    if not zarrs:
        return None
    words = f"{counted(zarrs, 'OME-Zarr')} with labels inside"
    return Kind(words, lambda: [with_its_labels(path, channel) for path in zarrs])


def check_there(path: Path) -> None:
    """Make sure that something is there.

    Raises
    ------
    FormatError
        If not.
    """
    if not path.exists():
        raise FormatError(f"{path}: there is no such file or folder")
