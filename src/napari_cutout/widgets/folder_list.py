"""The files of a series as a table for Qt: their names, and what there is to say about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.widgets.listing import Listing

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.layers.series.folder_session import FolderSession


class FileTable(Listing):
    """A row for each file of a folder session."""

    TITLES = ("File", "State")

    def _length(self, listed: FolderSession) -> int:
        return len(listed.series)

    def _text(self, listed: FolderSession, row: int, column: int) -> str:
        path = listed.series.paths[row]
        return listed.series.name(path) if column == 0 else _state(listed, path)

    def _tip(self, listed: FolderSession, row: int) -> str:
        path = listed.series.paths[row]
        return listed.problems.get(path, str(path))

    def _is_shown(self, listed: FolderSession, row: int) -> bool:
        return listed.series.paths[row] == listed.path


def _state(folder: FolderSession, path: Path) -> str:
    """In words, each with its sign, and never by colour."""
    words = {
        "▶ shown": path == folder.path,
        "✓ done": folder.series.is_done(path),
        "✗ can't be read": path in folder.problems,
    }
    return ", ".join(word for word, holds in words.items() if holds)
