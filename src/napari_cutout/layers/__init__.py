"""napari layers without Qt: coordinates, frames, prompts from layers, undoable writing, sessions.

Names are resolved lazily: importing this takes no napari.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.layers.errors import SessionError, TargetError, ViewError
    from napari_cutout.layers.jobs import Job, run_at_once
    from napari_cutout.layers.keys import KEYS, KeyBindings
    from napari_cutout.layers.series.folder_session import FolderSession
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.target.targets import new_labels

__all__ = [
    "KEYS",
    "FolderSession",
    "Job",
    "KeyBindings",
    "Session",
    "SessionError",
    "TargetError",
    "ViewError",
    "new_labels",
    "run_at_once",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FolderSession": "series.folder_session",
        "Job": "jobs",
        "KEYS": "keys",
        "KeyBindings": "keys",
        "Session": "session",
        "SessionError": "errors",
        "TargetError": "errors",
        "ViewError": "errors",
        "new_labels": "target.targets",
        "run_at_once": "jobs",
    },
)
