"""Classes of objects, learned from a few that a person named and proposed for the rest.

Arrays in, names out. Names are resolved lazily: importing this takes neither torch nor
scikit-learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.segment.classes.errors import ClassError
    from napari_cutout.segment.classes.learning import ClassModel, Proposed, learn_classes
    from napari_cutout.segment.classes.looks import Looks, looks_of

__all__ = ["ClassError", "ClassModel", "Looks", "Proposed", "learn_classes", "looks_of"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ClassError": "errors",
        "ClassModel": "learning",
        "Looks": "looks",
        "Proposed": "learning",
        "learn_classes": "learning",
        "looks_of": "looks",
    },
)
