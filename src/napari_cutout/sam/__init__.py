"""The networks and their weights: SAM, MobileSAM, their fine-tuned kin, and our compact model.

Arrays of pixels in, low-resolution logits out; nothing here knows of napari, of prompts on a
screen, or of files other than weights. Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_cutout.sam.catalogue import Row, catalogue, find
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
    "catalogue",
    "fetch",
    "find",
    "is_on_disk",
    "load_model",
    "save_huggingface",
    "save_meta",
    "weights_dir",
]

_HOMES = {
    "catalogue": ("Row", "catalogue", "find"),
    "download": ("fetch", "is_on_disk", "weights_dir"),
    "errors": ("DeviceError", "DownloadError", "WeightsError"),
    "export": ("save_huggingface", "save_meta"),
    "family": ("Dense", "DenseMaps", "Family", "Features", "ModelInfo", "PromptBatch"),
    "loading": ("load_model",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
