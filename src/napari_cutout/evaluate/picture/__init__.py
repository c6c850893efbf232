"""One picture of a comparison, as SVG: drawn here, as no plotting package is needed for it."""

from __future__ import annotations

from napari_cutout.evaluate.picture.page import picture

__all__ = ["picture"]
