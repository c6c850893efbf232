"""Finding a dock widget of ours in a viewer's window. Importing this takes no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from napari_cutout.widgets.docked import Docked

    Widget = TypeVar("Widget", bound=Docked)


def find_docked(viewer: Any, kind: type[Widget]) -> Widget | None:
    """The dock widget of a kind; None where it isn't open in this window."""
    docked = viewer.window.dock_widgets.values()
    return next((widget for widget in docked if isinstance(widget, kind)), None)
