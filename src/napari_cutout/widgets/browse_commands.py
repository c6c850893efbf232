"""What the menus and the command palette call of "Browse". Importing this takes no Qt.

Those of the other widgets are in commands.py; titles are in the manifest, napari.yaml.
"""

from __future__ import annotations

from typing import Any

import napari  # noqa: TC002 (napari reads the annotations when it runs a command)

from napari_cutout.widgets.in_window import find_docked


def browse_next(viewer: napari.Viewer) -> None:
    """Show the next image of the folder."""
    _do(viewer, "next")


def browse_previous(viewer: napari.Viewer) -> None:
    """Show the image of the folder before."""
    _do(viewer, "previous")


def _do(viewer: Any, action: str) -> None:
    from napari.utils.notifications import show_warning

    from napari_cutout.widgets.browse import Browse

    widget = find_docked(viewer, Browse)
    if widget is None:
        show_warning("Browse isn't open in this window; open it with Plugins > Cut Out > Browse.")
    elif widget.browser is None:
        show_warning("Browse has no folder yet; choose one in it.")
    else:
        widget.do(action)
