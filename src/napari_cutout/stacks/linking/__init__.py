"""Giving the same id to the same object in successive frames, or slices of a volume.

Names are resolved lazily: importing this takes no scipy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.stacks.linking.errors import LinkError
    from napari_cutout.stacks.linking.linker import Linker, link
    from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions
    from napari_cutout.stacks.linking.tracks import Tracks
    from napari_cutout.stacks.linking.volumes import SliceJoiner, join_slices

__all__ = [
    "LinkError",
    "LinkOptions",
    "Linker",
    "SliceJoiner",
    "Tracks",
    "VolumeOptions",
    "join_slices",
    "link",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "LinkError": "errors",
        "LinkOptions": "options",
        "Linker": "linker",
        "SliceJoiner": "volumes",
        "Tracks": "tracks",
        "VolumeOptions": "options",
        "join_slices": "volumes",
        "link": "linker",
    },
)
