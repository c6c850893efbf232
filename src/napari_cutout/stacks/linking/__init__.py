"""Giving the same id to the same object in successive frames, or slices of a volume.

Names are resolved lazily: importing this takes no scipy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.stacks.linking.errors import LinkError
    from napari_cutout.stacks.linking.linker import Linker, link
    from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions, VolumeOptions
    from napari_cutout.stacks.linking.tracks import Tracks, VolumeTracks
    from napari_cutout.stacks.linking.volume_linker import VolumeLinker
    from napari_cutout.stacks.linking.volumes import SliceJoiner, join_slices

__all__ = [
    "LinkError",
    "LinkOptions",
    "Linker",
    "SliceJoiner",
    "Tracks",
    "VolumeLinkOptions",
    "VolumeLinker",
    "VolumeOptions",
    "VolumeTracks",
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
        "VolumeLinkOptions": "options",
        "VolumeLinker": "volume_linker",
        "VolumeOptions": "options",
        "VolumeTracks": "tracks",
        "join_slices": "volumes",
        "link": "linker",
    },
)
