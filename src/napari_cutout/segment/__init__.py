"""One frame: intensity, windows, prompts, embeddings, prediction. Arrays in, masks out.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
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
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.segment.windows import Window

__all__ = [
    "Embedding",
    "EmbeddingStore",
    "FrameError",
    "IntensityMapping",
    "LazyFrame",
    "LowResLogits",
    "MaskOptions",
    "Prediction",
    "PromptError",
    "Prompts",
    "Segmenter",
    "StoreError",
    "StoreWarning",
    "TooLargeError",
    "Window",
    "percentile_limits",
    "to_pixels",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Embedding": "embedding",
        "EmbeddingStore": "store",
        "FrameError": "errors",
        "IntensityMapping": "intensity",
        "LazyFrame": "lazy",
        "LowResLogits": "prompts",
        "MaskOptions": "mask_options",
        "Prediction": "prediction",
        "PromptError": "errors",
        "Prompts": "prompts",
        "Segmenter": "segmenter",
        "StoreError": "errors",
        "StoreWarning": "errors",
        "TooLargeError": "errors",
        "Window": "windows",
        "percentile_limits": "intensity",
        "to_pixels": "intensity",
    },
)
