"""The steps of reading tracks of the Cell Tracking Challenge into labels.

Arrays and files only: this runs in any thread. The format is in formats/tracks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.replay import empty_labels
from napari_cutout.formats.tracks.ctc import read_ctc
from napari_cutout.layers.stacks.run import At
from napari_cutout.layers.stacks.sightings import Sightings
from napari_cutout.layers.target.targets import DTYPE, levels_of
from napari_cutout.stacks.errors import StackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.formats.tracks.ctc import CtcSequence
    from napari_cutout.formats.tracks.track import Track

    Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ImportTask:
    """What is to be read.

    Parameters
    ----------
    folder
        With the tracks.
    shape
        Of the labels that are to be made.
    frames
        Frames of the stack, in order.
    places
        The same in the labels.
    frame_shape
        Rows and columns of the frames.
    axis
        What the axis is called along which the frames lie.
    """

    folder: Path
    shape: tuple[int, ...]
    frames: Sequence[Index]
    places: Sequence[FrameIndex]
    frame_shape: tuple[int, int]
    axis: str


@dataclass(frozen=True, eq=False)
class Imported(At):
    """All was read: the labels, what is in their frames, and the tracks."""

    data: Any = None
    seen: Any = None
    tracks: Sequence[Track] = ()


def import_steps(task: ImportTask) -> Iterator[At]:
    """Look through all frames, then put one after another into labels."""
    total = len(task.frames)
    yield At(0, total)
    sequence = read_ctc(task.folder)
    _check(task, sequence)
    largest = max((one.id for one in sequence.tracks), default=0)
    data = empty_labels(task.shape, str(np.promote_types(DTYPE, np.min_scalar_type(largest))))
    seen = Sightings()
    for done, (index, place) in enumerate(zip(task.frames, task.places, strict=True), 1):
        labels = sequence[done - 1]
        if labels.shape != task.frame_shape:
            raise StackError(
                f"{sequence.files[done - 1]} has {_sizes(labels.shape)} pixels, and the image's "
                f"frames have {_sizes(task.frame_shape)}; tracks of other images are opened by "
                "File > Open"
            )
        data[frame_slices(place)] = labels
        seen.add(labels)
        yield At(done, total, index)
    yield Imported(total, total, None, levels_of(data), seen, sequence.tracks)


def _check(task: ImportTask, sequence: CtcSequence) -> None:
    if len(sequence) != len(task.frames):
        raise StackError(
            f"{task.folder} has {len(sequence)} frames, and {len(task.frames)} are chosen along "
            f"{task.axis}; choose as many"
        )


def _sizes(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))
