"""A series of files in a viewer, one after the other. Which files there are: annotate/series/."""

from __future__ import annotations

from napari_cutout.layers.series.folder_session import FolderSession
from napari_cutout.layers.series.readers import open_layers, read_with_library, read_with_napari

__all__ = ["FolderSession", "open_layers", "read_with_library", "read_with_napari"]
