"""Learning from what was committed and corrected, beside a session. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.layers.learning.learning import Learning

__all__ = ["Learning"]

__getattr__, __dir__ = lazy_names(__name__, {"Learning": "learning"})
