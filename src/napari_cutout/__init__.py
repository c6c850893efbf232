"""Cut objects out of images with promptable segmentation: a click or a box, and a mask.

The public names. Each is imported from its home when it is first asked for, so that
``import napari_cutout`` costs nothing and brings neither torch nor napari. It only sets what torch
is going to read, see _before_torch.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout._before_torch import prepare
from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.layers import FolderSession, Session
    from napari_cutout.segment import (
        Embedding,
        EmbeddingStore,
        IntensityMapping,
        LazyFrame,
        Prediction,
        Prompts,
        Segmenter,
    )

    __version__: str

__all__ = [
    "Embedding",
    "EmbeddingStore",
    "FolderSession",
    "IntensityMapping",
    "LazyFrame",
    "Prediction",
    "Prompts",
    "Segmenter",
    "Session",
    "__version__",
]

prepare()

_get, _names = lazy_names(
    __name__,
    {
        "Embedding": "segment",
        "EmbeddingStore": "segment",
        "FolderSession": "layers",
        "IntensityMapping": "segment",
        "LazyFrame": "segment",
        "Prediction": "segment",
        "Prompts": "segment",
        "Segmenter": "segment",
        "Session": "layers",
    },
)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("napari-cutout")
    return _get(name)


def __dir__() -> list[str]:
    return sorted({*_names(), "__version__"})
