"""Where the files of a session's journal go, and that no two sessions write the same ones.

What is written into them, and when, is in journal/writer.py.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.locking import FileLock
from napari_cutout.formats.logs.prompt_log import size_if_closed
from napari_cutout.formats.user_folder import user_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.formats.logs.log_entries import ImageFacts

LOG = ".jsonl"
PROMPTS = ".prompts.json"

_MOST = 100
_LONGEST_NAME = 100


def data_folder() -> Path:
    """Where files go that can't lie beside an image.

    In :func:`.user_folder`.
    """
    return user_folder() / "autosave"


def usual_folder(image: ImageFacts) -> Path:
    """The folder of an image that is a file; for others, :func:`data_folder`."""
    beside = Path(image.path).parent if image.path else None
    return beside if beside is not None and beside.is_dir() else data_folder()


@dataclass(frozen=True)
class Place:
    """The names of an image's files in a folder.

    Parameters
    ----------
    folder
        It may not be there yet.
    stem
        What all of them begin with.
    """

    folder: Path
    stem: str

    @classmethod
    def of(cls, image: ImageFacts, folder: Path | None = None) -> Place:
        """The place of an image: beside it the names begin with its own name.

        Elsewhere, where images of the same name may meet, a hash is added.
        """
        folder = usual_folder(image) if folder is None else Path(folder)
        path = Path(image.path)
        if image.path and path.parent == folder:
            return cls(folder, f"{path.name}.cutout")
        known_by = image.path or f"{image.name} {image.shape} {image.dtype} {image.fingerprint}"
        code = hashlib.blake2b(known_by.encode(errors="replace"), digest_size=4).hexdigest()
        name = re.sub(r"[^\w.-]+", "-", path.name or image.name)[:_LONGEST_NAME].strip("-.")
        return cls(folder, f"{name or 'image'}-{code}.cutout")

    def logs(self) -> Iterator[Path]:
        """The names that its logs may have, the first one first."""
        yield self.folder / f"{self.stem}{LOG}"
        for number in range(2, _MOST):
            yield self.folder / f"{self.stem}-{number}{LOG}"

    def found(self) -> list[Path]:
        """The logs that are there, or the prompts of which are."""
        return [log for log in self.logs() if log.exists() or prompts_path(log).exists()]


def prompts_path(log: Path) -> Path:
    """The file of the prompts that belong to a log."""
    return log.with_name(log.name.removesuffix(LOG) + PROMPTS)


class Lock(FileLock):
    """A log that is locked by the system until this process lets go of it, or ends in any way.

    Parameters
    ----------
    path
        Of the log that is locked. The file that is locked lies beside it, hidden.

    Raises
    ------
    BlockingIOError
        If another session has it.
    OSError
        If the folder can't be written, or can't lock.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path.with_name(f".{path.name}.lock"))


@dataclass(frozen=True)
class Claim:
    """A log that this session alone writes.

    Parameters
    ----------
    log
        Its path.
    size
        What is in it already, of sessions that are over.
    """

    log: Path
    size: int
    lock: Lock


def claim(place: Place) -> Claim:
    """The first log of a place that is free: nobody has it, and it was closed in an orderly way.

    Raises
    ------
    OSError
        If the folder can't be written.
    """
    # Others are not ours to make: a drive that was unplugged would come back as a folder.
    if place.folder == data_folder():
        place.folder.mkdir(parents=True, exist_ok=True)
    for log in place.logs():
        try:
            lock = Lock(log)
        except BlockingIOError:
            continue
        try:
            size = None if prompts_path(log).exists() else size_if_closed(log)
        except OSError:
            size = None
        if size is not None:
            return Claim(log, size, lock)
        lock.release()
    raise FileExistsError(f"{place.folder} has {_MOST} logs of this image that are still open")
