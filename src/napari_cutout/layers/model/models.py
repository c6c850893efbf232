"""Loaded models, shared by all sessions of this process: weights are the one thing they share.

A model lives as long as a session has it. What is asked of it is in predictor.py.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from napari_cutout.segment import Segmenter


@dataclass(frozen=True)
class Loading:
    """How a model is loaded that is given by name or by path.

    Parameters
    ----------
    device, precision, cache_bytes
        See :class:`~napari_cutout.Segmenter`; ``cache_bytes`` None for its default.
    """

    device: str = "auto"
    precision: str = "auto"
    cache_bytes: int | None = None


AUTO = Loading()

_Key = tuple[str, str, int, Loading]

_loaded: WeakValueDictionary[_Key, Segmenter] = WeakValueDictionary()
_loading: dict[_Key, threading.Lock] = {}
_lock = threading.Lock()


def loaded(model: str | Path | Segmenter, how: Loading = AUTO) -> Segmenter | None:
    """A model that is there already, given by itself, by name or by path; nothing is loaded."""
    if not isinstance(model, str | Path):
        return model
    with _lock:
        return _loaded.get(_key(model, how))


def load(model: str | Path | Segmenter, how: Loading = AUTO) -> Segmenter:
    """A model, loaded unless it is there. Two threads that want the same load it once."""
    if not isinstance(model, str | Path):
        return model
    from napari_cutout.segment import Segmenter

    key = _key(model, how)
    with _lock:
        loading = _loading.setdefault(key, threading.Lock())
    with loading:
        found = loaded(model, how)
        if found is None:
            found = Segmenter(model, device=how.device, precision=how.precision)
            if how.cache_bytes is not None:
                found.cache.capacity = how.cache_bytes
            with _lock:
                _loaded[key] = found
    return found


def _key(model: str | Path, how: Loading) -> _Key:
    """What was asked for; a file that was written anew is another one."""
    path = Path(model)
    changed = path.stat().st_mtime_ns if path.exists() else 0
    return "path" if isinstance(model, Path) else "name", str(model), changed, how
