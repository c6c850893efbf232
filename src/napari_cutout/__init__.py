"""Cut any object out of any image, stack or video with promptable segmentation.

The public names. Each is imported from its home when it is first asked for, so that
``import napari_cutout`` costs nothing and brings neither torch nor napari.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_cutout.layers import Session
    from napari_cutout.segment import (
        Embedding,
        IntensityMapping,
        Prediction,
        Prompts,
        Segmenter,
    )

    __version__: str

__all__ = [
    "Embedding",
    "IntensityMapping",
    "Prediction",
    "Prompts",
    "Segmenter",
    "Session",
    "__version__",
]

_HOMES = {
    "Embedding": "segment",
    "IntensityMapping": "segment",
    "Prediction": "segment",
    "Prompts": "segment",
    "Segmenter": "segment",
    "Session": "layers",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("napari-cutout")
    elif name in _HOMES:
        value = getattr(import_module(f"napari_cutout.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'napari_cutout' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
