"""Cellpose, by its documented class ``CellposeModel``; it finds objects and takes no prompts.

https://cellpose.readthedocs.io/en/latest/api.html, versions 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_cutout.evaluate.peers.label_objects import label_objects
from napari_cutout.evaluate.peers.opening import Peer
from napari_cutout.segment.intensity import to_pixels

if TYPE_CHECKING:
    from napari_cutout.segment.automatic.objects import Objects


@dataclass(frozen=True)
class Cellpose:
    """A loaded model.

    Parameters
    ----------
    name
        What tables call it.
    model
        A ``CellposeModel``.
    """

    name: str
    model: Any

    def find(self, frame: Any) -> Objects:
        """All objects, with Cellpose's own defaults."""
        masks, *_ = self.model.eval(to_pixels(frame))
        return label_objects(masks)


def open_peer(model: str, device: str) -> Peer:
    """Load one of Cellpose's models by its name, or by a path."""
    models = import_module("cellpose.models")
    gpu = device != "cpu" and bool(import_module("cellpose.core").use_gpu())
    loaded = models.CellposeModel(gpu=gpu, pretrained_model=model)
    return Peer(None, Cellpose(f"cellpose {model}", loaded))
