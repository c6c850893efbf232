"""Everything in an image, without prompts, in a viewer: found, chosen among, committed. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.layers.everything.everything import Everything

__all__ = ["Everything"]

__getattr__, __dir__ = lazy_names(__name__, {"Everything": "everything"})
