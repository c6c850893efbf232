"""The steps of reading tracks of the Cell Tracking Challenge into labels: frames, or volumes.

Arrays and files only: this runs in any thread. The format is in formats/tracks.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.replay import empty_labels
from napari_cutout.formats.tracks.ctc import reading_ctc
from napari_cutout.layers.stacks.run import At
from napari_cutout.layers.stacks.sightings import Sightings
from napari_cutout.layers.target.targets import DTYPE, levels_of
from napari_cutout.stacks.errors import StackError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.formats.tracks.ctc import CtcSequence
    from napari_cutout.formats.tracks.track import Track
    from napari_cutout.layers.stacks.way import Way

_OTHERWISE = "tracks of other images are opened by File > Open"


@dataclass(frozen=True, eq=False)
class ImportTask:
    """What is to be read.

    Parameters
    ----------
    folder
        With the tracks.
    shape
        Of the labels that are to be made.
    planes, volumes
        The chosen frames, for tracks of planes and for those of volumes; an error where they can't
        be chosen so.
    """

    folder: Path
    shape: tuple[int, ...]
    planes: Way | StackError
    volumes: Way | StackError


@dataclass(frozen=True, eq=False)
class Imported(At):
    """All was read: where to, the labels, what is in their frames, and the tracks."""

    way: Any = None
    data: Any = None
    seen: Any = None
    tracks: Sequence[Track] = ()


def import_steps(task: ImportTask) -> Iterator[At]:
    """Look through all frames, then put one after another into labels: each counts twice."""
    sequence = yield from _checked(task)
    whole = sequence[0].ndim == 3
    way = task.volumes if whole else task.planes
    if isinstance(way, StackError):
        raise StackError(
            f"{task.folder} has tracks of {_kind(whole)}: {way}; {_OTHERWISE}"
        ) from way
    places = _places(way)
    _check(task, way, sequence, len(places))
    largest = max((one.id for one in sequence.tracks), default=0)
    data = empty_labels(task.shape, str(np.promote_types(DTYPE, np.min_scalar_type(largest))))
    seen, total = Sightings(), 2 * len(places)
    shape = way.stack.frame_shape if way.planes is None else (way.planes, *way.stack.frame_shape)
    for time, frames in enumerate(places):
        labels = sequence[time]
        if labels.shape != shape:
            raise _other_size(sequence, time, labels, shape)
        for place, plane in zip(frames, labels if whole else [labels], strict=True):
            data[frame_slices(place)] = plane
        seen.add(labels)
        done = len(places) + time + 1
        yield At(done, total, tuple(way.frames[time * len(frames)]))
    yield Imported(total, total, None, way, levels_of(data), seen, sequence.tracks)


def _checked(task: ImportTask) -> Generator[At, None, CtcSequence]:
    yield At(0, 0)
    with closing(reading_ctc(task.folder)) as steps:
        while True:
            try:
                done, total = next(steps)
            except StopIteration as end:
                sequence: CtcSequence = end.value
                return sequence
            yield At(done, 2 * total)


def _places(way: Way) -> list[list[FrameIndex]]:
    """The frames of the image, for each file."""
    places = [way.stack.frame_of(index) for index in way.frames]
    each = way.planes or 1
    return [places[first : first + each] for first in range(0, len(places), each)]


def _check(task: ImportTask, way: Way, sequence: CtcSequence, chosen: int) -> None:
    if len(sequence) != chosen:
        raise StackError(
            f"{task.folder} has {len(sequence)} {_kind(bool(way.depth))}, and {chosen} are chosen "
            f"along {way.axis}; choose as many"
        )


def _kind(whole: bool) -> str:
    return "volumes" if whole else "frames"


def _other_size(
    sequence: CtcSequence, time: int, labels: NDArray[Any], shape: Sequence[int]
) -> StackError:
    ours = "chosen volumes" if len(shape) == 3 else "frames"
    return StackError(
        f"{sequence.files[time]} has {_sizes(labels.shape)} pixels, and the image's {ours} have "
        f"{_sizes(shape)}; {_OTHERWISE}"
    )


def _sizes(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))
