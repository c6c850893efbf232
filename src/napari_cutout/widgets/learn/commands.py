"""What the menus and the command palette call of "Learn". Importing this takes no Qt.

Those of the other widgets are in ../commands.py; titles are in the manifest, napari.yaml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import napari  # noqa: TC002 (napari reads the annotations when it runs a command)

from napari_cutout.widgets.in_window import find_docked

if TYPE_CHECKING:
    from napari_cutout.widgets.learn.learn import Learn


def train(viewer: napari.Viewer) -> None:
    """Teach the model what was committed."""
    _press(viewer, lambda widget: widget.train)


def stop(viewer: napari.Viewer) -> None:
    """End the training; the best so far is kept."""
    _press(viewer, lambda widget: widget.stop)


def use(viewer: napari.Viewer) -> None:
    """Go on with the trained model."""
    _press(viewer, lambda widget: widget.result.use)


def go_back(viewer: napari.Viewer) -> None:
    """Go on with the model before that."""
    _press(viewer, lambda widget: widget.result.back)


def _press(viewer: Any, button: Any) -> None:
    widget = _found(viewer)
    if widget is not None:
        button(widget).click()


def _found(viewer: Any) -> Learn | None:
    """The dock widget of a viewer; otherwise it is said what to open."""
    from napari.utils.notifications import show_warning

    from napari_cutout.widgets.learn.learn import Learn

    widget = find_docked(viewer, Learn)
    if widget is None:
        show_warning("Learn isn't open in this window; open it with Plugins > Cut Out > Learn.")
    return widget
