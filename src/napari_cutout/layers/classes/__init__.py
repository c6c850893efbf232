"""Classes of objects in a viewer: learned from some, proposed for the rest, accepted. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.layers.classes.classes import Classes
    from napari_cutout.layers.classes.proposals import Proposal

__all__ = ["Classes", "Proposal"]

__getattr__, __dir__ = lazy_names(__name__, {"Classes": "classes", "Proposal": "proposals"})
