"""One frame: intensity, windows, prompts, embeddings, prediction. Arrays in, masks out.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.errors import FrameError, PromptError
    from napari_cutout.segment.intensity import IntensityMapping, percentile_limits, to_pixels
    from napari_cutout.segment.prediction import Prediction
    from napari_cutout.segment.prompts import LowResLogits, Prompts
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window

__all__ = [
    "Embedding",
    "FrameError",
    "IntensityMapping",
    "LowResLogits",
    "Prediction",
    "PromptError",
    "Prompts",
    "Segmenter",
    "Window",
    "percentile_limits",
    "to_pixels",
]

_HOMES = {
    "embedding": ("Embedding",),
    "errors": ("FrameError", "PromptError"),
    "intensity": ("IntensityMapping", "percentile_limits", "to_pixels"),
    "prediction": ("Prediction",),
    "prompts": ("LowResLogits", "Prompts"),
    "segmenter": ("Segmenter",),
    "windows": ("Window",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
