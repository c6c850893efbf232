"""What the menus and the command palette call: each acts on a dock widget of the viewer.

Importing this takes no Qt. Titles are in the manifest, napari.yaml; what the actions do is said at
the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import napari  # noqa: TC002 (napari reads the annotations when it runs a command)

from napari_cutout.widgets.in_window import find_docked

if TYPE_CHECKING:
    from napari_cutout.widgets.cut_out import CutOut


def find_cut_out(viewer: Any) -> CutOut | None:
    """The dock widget "Cut Out" of a viewer; None where it isn't open."""
    from napari_cutout.widgets.cut_out import CutOut

    return find_docked(viewer, CutOut)


def _do(viewer: Any, action: str, *arguments: object) -> None:
    from napari.utils.notifications import show_warning

    widget = find_cut_out(viewer)
    if widget is None:
        show_warning("Cut Out isn't open in this window; open it with Plugins > Cut Out.")
    elif widget.session is None:
        show_warning("Cut Out has no image yet; open one with File > Open.")
    else:
        widget.do(action, *arguments)


def _do_everything(viewer: Any, action: str) -> None:
    from napari.utils.notifications import show_warning

    from napari_cutout.widgets.everything.everything import Everything

    widget = find_docked(viewer, Everything)
    if widget is None:
        show_warning(
            "Everything isn't open in this window; open it with Plugins > Cut Out > Everything."
        )
    elif widget.finding is None:
        show_warning("Everything has no image yet; open one in Cut Out.")
    else:
        widget.do(action)


def find_everything(viewer: napari.Viewer) -> None:
    """Find all objects of the frame."""
    _do_everything(viewer, "find")


def commit_everything(viewer: napari.Viewer) -> None:
    """Write the found objects that are kept into the labels."""
    _do_everything(viewer, "commit")


def update(viewer: napari.Viewer) -> None:
    """Find the object for the prompts."""
    _do(viewer, "update")


def commit(viewer: napari.Viewer) -> None:
    """Write the preview into the labels."""
    _do(viewer, "commit")


def toggle_polarity(viewer: napari.Viewer) -> None:
    """Make the next point say the opposite."""
    _do(viewer, "toggle_polarity")


def clear(viewer: napari.Viewer) -> None:
    """Take away this frame's prompts."""
    _do(viewer, "clear")


def next_candidate(viewer: napari.Viewer) -> None:
    """Show the next candidate."""
    _do(viewer, "next_candidate")


def toggle_hovering(viewer: napari.Viewer) -> None:
    """Outline what is under the cursor, or stop it."""
    _do(viewer, "toggle_hovering")


def toggle_same_object(viewer: napari.Viewer) -> None:
    """Keep the last object's id with the next commits, or stop it."""
    _do(viewer, "toggle_same_object")


def undo(viewer: napari.Viewer) -> None:
    """Undo the last prompt, commit or brush stroke."""
    _do(viewer, "undo")


def redo(viewer: napari.Viewer) -> None:
    """Do again what was undone."""
    _do(viewer, "redo")


def use_points(viewer: napari.Viewer) -> None:
    """Click points."""
    _do(viewer, "use", "points")


def use_boxes(viewer: napari.Viewer) -> None:
    """Drag boxes."""
    _do(viewer, "use", "boxes")


def use_ellipses(viewer: napari.Viewer) -> None:
    """Drag ellipses."""
    _do(viewer, "use", "ellipses")


def use_polygons(viewer: napari.Viewer) -> None:
    """Click polygons."""
    _do(viewer, "use", "polygons")


def use_lasso(viewer: napari.Viewer) -> None:
    """Drag a lasso."""
    _do(viewer, "use", "lasso")


def use_scribbles(viewer: napari.Viewer) -> None:
    """Drag scribbles."""
    _do(viewer, "use", "scribbles")


def use_pick(viewer: napari.Viewer) -> None:
    """Click an object that is in the labels already."""
    _do(viewer, "use", "pick")


def touch_up(viewer: napari.Viewer) -> None:
    """Paint into the preview."""
    _do(viewer, "touch_up", "paint")


def erase(viewer: napari.Viewer) -> None:
    """Erase from the preview."""
    _do(viewer, "touch_up", "erase")


def restore_layers(viewer: napari.Viewer) -> None:
    """Make the layers of the session again that were deleted."""
    _do(viewer, "restore_layers")


def review_next(viewer: napari.Viewer) -> None:
    """Go to the next object of the review."""
    _do(viewer, "review_next")


def review_previous(viewer: napari.Viewer) -> None:
    """Go to the object of the review before."""
    _do(viewer, "review_previous")


def review_accept(viewer: napari.Viewer) -> None:
    """Accept the object that is reviewed."""
    _do(viewer, "review_accept")


def review_reject(viewer: napari.Viewer) -> None:
    """Reject the object that is reviewed."""
    _do(viewer, "review_reject")


def review_correct(viewer: napari.Viewer) -> None:
    """Take up the object that is reviewed, to correct it."""
    _do(viewer, "review_correct")


def widen_labels(viewer: napari.Viewer) -> None:
    """Make the labels hold larger ids."""
    _do(viewer, "widen_labels")
