"""The errors of linking."""

from __future__ import annotations

from napari_cutout.stacks.errors import StackError


class LinkError(StackError):
    """Frames or objects that can't be linked, or an answer that was asked for another frame."""
