"""Many frames: stacks, volumes and videos, frame by frame. Arrays and files in, objects out.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.stacks.embedding import embed_frames, estimate_embedding
    from napari_cutout.stacks.errors import AxesError, FrameReadError, OutputError, StackError
    from napari_cutout.stacks.frames.arrays import ArrayStack
    from napari_cutout.stacks.frames.opening import open_stack
    from napari_cutout.stacks.frames.selection import Selection, chosen
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.linking.linker import Linker, link
    from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions, VolumeOptions
    from napari_cutout.stacks.linking.tracks import Tracks, VolumeTracks
    from napari_cutout.stacks.linking.volume_linker import VolumeLinker
    from napari_cutout.stacks.linking.volumes import SliceJoiner, join_slices
    from napari_cutout.stacks.output.output import StackOutput
    from napari_cutout.stacks.propagating.options import PropagateOptions
    from napari_cutout.stacks.propagating.propagate import propagate
    from napari_cutout.stacks.propagating.values import Carried, CarriedObject, Division, Start
    from napari_cutout.stacks.running.frames import find_in_frames
    from napari_cutout.stacks.running.how import How
    from napari_cutout.stacks.running.results import FrameResult
    from napari_cutout.stacks.running.run import run_stack

__all__ = [
    "ArrayStack",
    "AxesError",
    "Carried",
    "CarriedObject",
    "Division",
    "FrameReadError",
    "FrameResult",
    "How",
    "LinkOptions",
    "Linker",
    "OutputError",
    "PropagateOptions",
    "Selection",
    "SliceJoiner",
    "Stack",
    "StackError",
    "StackOutput",
    "Start",
    "Tracks",
    "VolumeLinkOptions",
    "VolumeLinker",
    "VolumeOptions",
    "VolumeTracks",
    "chosen",
    "embed_frames",
    "estimate_embedding",
    "find_in_frames",
    "join_slices",
    "link",
    "open_stack",
    "propagate",
    "run_stack",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ArrayStack": "frames.arrays",
        "AxesError": "errors",
        "Carried": "propagating.values",
        "CarriedObject": "propagating.values",
        "Division": "propagating.values",
        "FrameReadError": "errors",
        "FrameResult": "running.results",
        "How": "running.how",
        "LinkOptions": "linking.options",
        "Linker": "linking.linker",
        "OutputError": "errors",
        "PropagateOptions": "propagating.options",
        "Selection": "frames.selection",
        "SliceJoiner": "linking.volumes",
        "Stack": "frames.stack",
        "StackError": "errors",
        "StackOutput": "output.output",
        "Start": "propagating.values",
        "Tracks": "linking.tracks",
        "VolumeLinkOptions": "linking.options",
        "VolumeLinker": "linking.volume_linker",
        "VolumeOptions": "linking.options",
        "VolumeTracks": "linking.tracks",
        "chosen": "frames.selection",
        "embed_frames": "embedding",
        "estimate_embedding": "embedding",
        "find_in_frames": "running.frames",
        "join_slices": "linking.volumes",
        "link": "linking.linker",
        "open_stack": "frames.opening",
        "propagate": "propagating.propagate",
        "run_stack": "running.run",
    },
)
