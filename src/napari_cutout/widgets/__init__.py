"""The dock widgets: Qt, thin. They show a session and call it; they decide nothing.

Names are resolved lazily: importing this takes no Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_cutout.widgets.cut_out import CutOut

__all__ = ["CutOut"]


def __getattr__(name: str) -> Any:
    if name != "CutOut":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from napari_cutout.widgets.cut_out import CutOut

    return CutOut


def __dir__() -> list[str]:
    return __all__
