"""The error of saving from napari."""

from __future__ import annotations


class SaveError(OSError):
    """Labels that can't be saved as asked.

    No ValueError: napari takes one for a missing writer, and its reason is lost.
    """
