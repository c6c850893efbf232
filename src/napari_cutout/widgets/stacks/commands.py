"""What the menus and the command palette call of "Stacks and videos". Importing this takes no Qt.

Those of the other widgets are in ../commands.py; titles are in the manifest, napari.yaml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import napari  # noqa: TC002 (napari reads the annotations when it runs a command)

from napari_cutout.widgets.in_window import find_docked
from napari_cutout.widgets.stacks.pooling import NOTABLE

if TYPE_CHECKING:
    from napari_cutout.widgets.stacks.stacks import Stacks


def find_in_frames(viewer: napari.Viewer) -> None:
    """Find all objects of each of the chosen frames."""
    _run(viewer, "find")


def propagate(viewer: napari.Viewer) -> None:
    """Carry objects of the shown frame into the chosen ones."""
    _run(viewer, "propagate")


def link(viewer: napari.Viewer) -> None:
    """Give the same object the same id in all frames."""
    _run(viewer, "link")


def join(viewer: napari.Viewer) -> None:
    """Give what lies one above the other in slices one id."""
    _run(viewer, "join")


def embed(viewer: napari.Viewer) -> None:
    """Encode the chosen frames ahead."""
    _run(viewer, "embed")


def pause(viewer: napari.Viewer) -> None:
    """Pause what runs, or go on with it."""
    _press(viewer, lambda widget: widget.running.pause)


def cancel(viewer: napari.Viewer) -> None:
    """End what runs; what is done stays."""
    _press(viewer, lambda widget: widget.running.cancel)


def stop_here(viewer: napari.Viewer) -> None:
    """Say that the selected objects stop in the shown frame, or no longer say so."""
    _press(viewer, lambda widget: widget.by_hand.stop)


def next_to_look_at(viewer: napari.Viewer) -> None:
    """Go to the next frame in which something stopped, failed or was corrected."""
    widget = _found(viewer)
    if widget is not None:
        widget.strip.go_to_next(NOTABLE)


def _run(viewer: Any, task: str) -> None:
    widget = _found(viewer)
    if widget is not None:
        widget.run(task)


def _press(viewer: Any, button: Any) -> None:
    widget = _found(viewer)
    if widget is not None:
        button(widget).click()


def _found(viewer: Any) -> Stacks | None:
    """The dock widget of a viewer, where it has frames; otherwise it is said what to open."""
    from napari.utils.notifications import show_warning

    from napari_cutout.widgets.stacks.stacks import Stacks

    widget = find_docked(viewer, Stacks)
    if widget is None:
        show_warning(
            "Stacks and videos isn't open in this window; open it with Plugins > Cut Out > Stacks "
            "and videos."
        )
    elif widget.stacks is None:
        show_warning("Stacks and videos has no frames yet; open a stack in Cut Out.")
        return None
    return widget
