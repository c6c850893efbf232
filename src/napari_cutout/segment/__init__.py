"""One frame: intensity, windows, prompts, embeddings, prediction. Arrays in, masks out.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.segment.automatic.edges import edge_map
    from napari_cutout.segment.automatic.instances.options import InstanceOptions
    from napari_cutout.segment.automatic.seeds.options import SeedOptions
    from napari_cutout.segment.automatic.windowed.options import InWindows
    from napari_cutout.segment.automatic.windowed.tiles import Tiles
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.errors import (
        FrameError,
        PromptError,
        StoreError,
        StoreWarning,
        TooLargeError,
    )
    from napari_cutout.segment.intensity import IntensityMapping, percentile_limits, to_pixels
    from napari_cutout.segment.lazy import LazyFrame
    from napari_cutout.segment.mask_options import MaskOptions
    from napari_cutout.segment.prediction import Prediction
    from napari_cutout.segment.prompts import LowResLogits, Prompts
    from napari_cutout.segment.refining import refine
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.similar.find import find_similar
    from napari_cutout.segment.similar.kind import learn_kind
    from napari_cutout.segment.similar.options import SimilarOptions
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.segment.windows import Window

__all__ = [
    "Embedding",
    "EmbeddingStore",
    "FrameError",
    "InWindows",
    "InstanceOptions",
    "IntensityMapping",
    "LazyFrame",
    "LowResLogits",
    "MaskOptions",
    "Prediction",
    "PromptError",
    "Prompts",
    "SeedOptions",
    "Segmenter",
    "SimilarOptions",
    "StoreError",
    "StoreWarning",
    "Tiles",
    "TooLargeError",
    "Window",
    "edge_map",
    "find_similar",
    "learn_kind",
    "percentile_limits",
    "refine",
    "to_pixels",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Embedding": "embedding",
        "EmbeddingStore": "store",
        "FrameError": "errors",
        "InWindows": "automatic.windowed.options",
        "InstanceOptions": "automatic.instances.options",
        "IntensityMapping": "intensity",
        "LazyFrame": "lazy",
        "LowResLogits": "prompts",
        "MaskOptions": "mask_options",
        "Prediction": "prediction",
        "PromptError": "errors",
        "Prompts": "prompts",
        "SeedOptions": "automatic.seeds.options",
        "Segmenter": "segmenter",
        "SimilarOptions": "similar.options",
        "StoreError": "errors",
        "StoreWarning": "errors",
        "Tiles": "automatic.windowed.tiles",
        "TooLargeError": "errors",
        "Window": "windows",
        "edge_map": "automatic.edges",
        "find_similar": "similar.find",
        "learn_kind": "similar.kind",
        "percentile_limits": "intensity",
        "refine": "refining",
        "to_pixels": "intensity",
    },
)
