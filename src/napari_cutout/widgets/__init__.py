"""The dock widgets: Qt, thin. They show a session and call it; they decide nothing.

Names are resolved lazily: importing this takes no Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.widgets.browse import Browse
    from napari_cutout.widgets.cut_out import CutOut
    from napari_cutout.widgets.everything.everything import Everything
    from napari_cutout.widgets.folder import Folder
    from napari_cutout.widgets.learn.learn import Learn
    from napari_cutout.widgets.objects import Objects
    from napari_cutout.widgets.stacks.stacks import Stacks

__all__ = ["Browse", "CutOut", "Everything", "Folder", "Learn", "Objects", "Stacks"]


__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Browse": "browse",
        "CutOut": "cut_out",
        "Everything": "everything.everything",
        "Folder": "folder",
        "Learn": "learn.learn",
        "Objects": "objects",
        "Stacks": "stacks.stacks",
    },
)
