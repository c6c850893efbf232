"""A series of files: which there are, what is done, and where the results go. No viewer here."""

from __future__ import annotations

from napari_cutout.annotate.series.files import SeriesError
from napari_cutout.annotate.series.series import Series

__all__ = ["Series", "SeriesError"]
