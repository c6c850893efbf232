"""The progress file of a series: which files are done, which was shown last.

Every change is written at once and whole. What it can't make sense of it leaves out; a file that
is damaged altogether is kept beside the new one.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.writing import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PROGRESS_NAME = ".napari-cutout.json"
DAMAGED_NAME = ".napari-cutout.damaged.json"

_FORMAT = "napari-cutout series 1"
_BASE = re.compile(r"[^/\\\0]+\.labels")


@dataclass(frozen=True)
class Progress:
    """How far a series is. Files are named relative to its root, with ``/`` between folders.

    Parameters
    ----------
    images
        The root, where the images were when it was written.
    last
        The file that was shown last.
    done
        The files that are done. Those that aren't there any more stay: they may come back.
    labels
        For each file that has labels, how they are called, without ``.tif`` or ``.zarr``.
    problem
        What was wrong with the file that was read; it isn't written.
    """

    images: str = ""
    last: str = ""
    done: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def with_done(self, name: str, done: bool) -> Progress:
        """With a file marked as done, or not."""
        return replace(self, done=self.done | {name} if done else self.done - {name})

    def with_last(self, name: str) -> Progress:
        """With a file being the one that was shown last."""
        return replace(self, last=name)

    def with_labels(self, name: str, base: str) -> Progress:
        """With a file's labels called so."""
        return replace(self, labels={**self.labels, name: base})


def read_progress(path: Path) -> Progress:
    """The progress in a file; none when there is no file or it is damaged.

    Raises
    ------
    FormatError
        If it is there and can't be read.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        raise FormatError(f"{path} can't be read: {error.strerror or error}") from error
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return _parse(found)
    return Progress(problem=f"{path} is damaged and can't be used; it is kept as {DAMAGED_NAME}")


def update_progress(path: Path, change: Callable[[Progress], Progress]) -> Progress:
    """Change the progress in a file, and whatever others wrote there in the meantime stays.

    Parameters
    ----------
    path
        The file. It is replaced in one step.
    change
        From the progress as it is now to what it should be.

    Raises
    ------
    FormatError
        If it can't be written.
    """
    before = read_progress(path)
    after = replace(change(before), problem="")
    with replacing(path) as partial:
        partial.write_text(json.dumps(_as_json(after), indent=1) + "\n", encoding="utf-8")
        if before.problem:
            os.replace(path, path.with_name(DAMAGED_NAME))
    return after


def _parse(found: dict[str, Any]) -> Progress:
    files = found.get("files")
    entries = {
        name: entry
        for name, entry in (files.items() if isinstance(files, dict) else ())
        if isinstance(entry, dict)
    }
    return Progress(
        images=_text(found.get("images")),
        last=_text(found.get("last")),
        done=frozenset(name for name, entry in entries.items() if entry.get("done") is True),
        labels={
            name: entry["labels"]
            for name, entry in entries.items()
            # It becomes a path: nothing may lead it elsewhere.
            if _BASE.fullmatch(_text(entry.get("labels")))
        },
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _as_json(progress: Progress) -> dict[str, Any]:
    files: dict[str, dict[str, Any]] = {}
    for name in sorted({*progress.done, *progress.labels}):
        entry: dict[str, Any] = {"done": True} if name in progress.done else {}
        if name in progress.labels:
            entry["labels"] = progress.labels[name]
        files[name] = entry
    return {
        "format": _FORMAT,
        "images": progress.images,
        "last": progress.last,
        "files": files,
    }
