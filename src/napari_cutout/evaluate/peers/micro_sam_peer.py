"""micro-sam, by its documented functions: prompts through its predictor, objects by AIS or AMG.

https://computational-cell-analytics.github.io/micro-sam/micro_sam.html, ``util`` and
``automatic_segmentation`` of versions 1.1 to 1.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_cutout.evaluate.peers.label_objects import label_objects
from napari_cutout.evaluate.peers.opening import Peer
from napari_cutout.evaluate.peers.sam_predictor import PredictorAnswer, ask
from napari_cutout.segment.intensity import to_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.segment.automatic.objects import Objects
    from napari_cutout.segment.prompts import Prompts


@dataclass(frozen=True)
class MicroSam:
    """A predictor and a segmenter of micro-sam.

    Parameters
    ----------
    name
        What tables call it.
    predictor
        A ``SamPredictor``.
    segmenter
        Of its automatic segmentation.
    """

    name: str
    predictor: Any
    segmenter: Any

    def encode(self, frame: Any) -> Any:
        """Image embeddings, as micro-sam keeps them."""
        return import_module("micro_sam.util").precompute_image_embeddings(
            predictor=self.predictor, input_=to_pixels(frame), ndim=2, verbose=False
        )

    def predict(
        self, embedding: Any, prompts: Sequence[Prompts], multimask: bool
    ) -> list[PredictorAnswer]:
        """Candidates for each of several objects."""
        import_module("micro_sam.util").set_precomputed(self.predictor, embedding)
        return [ask(self.predictor, prompt, multimask) for prompt in prompts]

    def find(self, frame: Any) -> Objects:
        """All objects: with the decoder where the model has one, else by a grid of points."""
        automatic = import_module("micro_sam.automatic_segmentation")
        return label_objects(
            automatic.automatic_instance_segmentation(
                predictor=self.predictor,
                segmenter=self.segmenter,
                input_path=to_pixels(frame),
                ndim=2,
                verbose=False,
            )
        )


def open_peer(model: str, device: str) -> Peer:
    """Load one of micro-sam's models by its name."""
    automatic = import_module("micro_sam.automatic_segmentation")
    predictor, segmenter = automatic.get_predictor_and_segmenter(
        model_type=model, device=None if device == "auto" else device
    )
    loaded = MicroSam(f"micro-sam {model}", predictor, segmenter)
    return Peer(loaded, loaded)
