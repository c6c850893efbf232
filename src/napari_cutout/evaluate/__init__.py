"""The simulated annotator, metrics, tables and pictures: how good a model is, in figures.

Names are resolved lazily: importing this takes nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.evaluate.automatic_masks import (
        AutomaticEvaluation,
        AutomaticRow,
        automatic,
        found_by,
    )
    from napari_cutout.evaluate.changed_frames import Robustness, robustness
    from napari_cutout.evaluate.comparison import Comparison
    from napari_cutout.evaluate.evaluation import Evaluation, Row, evaluate
    from napari_cutout.evaluate.models import Annotatable, Finder
    from napari_cutout.evaluate.peers.opening import PeerError, open_peer

__all__ = [
    "Annotatable",
    "AutomaticEvaluation",
    "AutomaticRow",
    "Comparison",
    "Evaluation",
    "Finder",
    "PeerError",
    "Robustness",
    "Row",
    "automatic",
    "evaluate",
    "found_by",
    "open_peer",
    "robustness",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Annotatable": "models",
        "AutomaticEvaluation": "automatic_masks",
        "AutomaticRow": "automatic_masks",
        "Comparison": "comparison",
        "Evaluation": "evaluation",
        "Finder": "models",
        "PeerError": "peers.opening",
        "Robustness": "changed_frames",
        "Row": "evaluation",
        "automatic": "automatic_masks",
        "evaluate": "evaluation",
        "found_by": "automatic_masks",
        "open_peer": "peers.opening",
        "robustness": "changed_frames",
    },
)
