"""The networks and their weights: SAM, MobileSAM, their fine-tuned kin, and our compact model.

Arrays of pixels in, low-resolution logits out; nothing here knows of napari, of prompts on a
screen, or of files other than weights. Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.sam.catalogue import Row, find
    from napari_cutout.sam.download import fetch, is_on_disk, weights_dir
    from napari_cutout.sam.errors import DeviceError, DownloadError, WeightsError
    from napari_cutout.sam.export import save_huggingface, save_meta
    from napari_cutout.sam.family import (
        Dense,
        DenseMaps,
        Family,
        Features,
        ModelInfo,
        PromptBatch,
    )
    from napari_cutout.sam.loading import load_model

__all__ = [
    "Dense",
    "DenseMaps",
    "DeviceError",
    "DownloadError",
    "Family",
    "Features",
    "ModelInfo",
    "PromptBatch",
    "Row",
    "WeightsError",
    "fetch",
    "find",
    "is_on_disk",
    "load_model",
    "save_huggingface",
    "save_meta",
    "weights_dir",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Dense": "family",
        "DenseMaps": "family",
        "DeviceError": "errors",
        "DownloadError": "errors",
        "Family": "family",
        "Features": "family",
        "ModelInfo": "family",
        "PromptBatch": "family",
        "Row": "catalogue",
        "WeightsError": "errors",
        "fetch": "download",
        "find": "catalogue",
        "is_on_disk": "download",
        "load_model": "loading",
        "save_huggingface": "export",
        "save_meta": "export",
        "weights_dir": "download",
    },
)
