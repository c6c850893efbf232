"""Adding layers without changing what the person selected."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from napari import Viewer


@contextmanager
def keeping_selection(viewer: Viewer) -> Generator[None, None, None]:
    """Adding a layer selects it; afterwards what the person selected is selected again.

    Nobody is told in between: to show the controls of another layer and back takes napari nearly
    as long as to add one.
    """
    layers, selection = viewer.layers, viewer.layers.selection
    active, before = selection.active, list(selection)
    with selection.events.blocker_all():
        try:
            yield
        finally:
            if active is not None and active in layers:
                selection.active = active
            elif active is None:
                selection.clear()
                selection.update([layer for layer in before if layer in layers])
