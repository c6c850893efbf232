"""napari layers without Qt: coordinates, frames, prompts from layers, undoable writing, sessions.

Names are resolved lazily: importing this takes no napari.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_cutout.layers.errors import SessionError, TargetError, ViewError
    from napari_cutout.layers.jobs import Job, run_at_once
    from napari_cutout.layers.keys import KEYS, KeyBindings
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.targets import new_labels

__all__ = [
    "KEYS",
    "Job",
    "KeyBindings",
    "Session",
    "SessionError",
    "TargetError",
    "ViewError",
    "new_labels",
    "run_at_once",
]

_HOMES = {
    "errors": ("SessionError", "TargetError", "ViewError"),
    "jobs": ("Job", "run_at_once"),
    "keys": ("KEYS", "KeyBindings"),
    "session": ("Session",),
    "targets": ("new_labels",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
