"""The steps of writing labels as tracks of the Cell Tracking Challenge.

Arrays and files only: this runs in any thread. The format is in formats/tracks.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.formats.tracks.ctc import write_ctc
from napari_cutout.layers.stacks.pulled import pulled
from napari_cutout.layers.stacks.run import At
from napari_cutout.layers.stacks.sightings import Sightings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.formats.tracks.ctc import TableName
    from napari_cutout.formats.tracks.track import Track

    Index = tuple[int, ...]

_MASKS = {"man_track.txt": "man_track", "res_track.txt": "mask"}


@dataclass(frozen=True, eq=False)
class ExportTask:
    """What is to be written.

    Parameters
    ----------
    data
        Of the labels at full resolution.
    frames
        Frames of the stack, in order.
    places
        The same in the labels.
    parents
        What an object comes of, by ids.
    folder, table
        Where to, see :func:`.write_ctc`.
    """

    data: Any
    frames: Sequence[Index]
    places: Sequence[FrameIndex]
    parents: Mapping[int, int]
    folder: Path
    table: TableName


@dataclass(frozen=True, eq=False)
class Exported(At):
    """All was written: the lines of the table."""

    lines: Sequence[Track] = ()


def export_steps(task: ExportTask) -> Iterator[At]:
    """Look where objects are, then write all frames: each counts twice.

    Ended early, it takes away what it wrote.
    """
    total, seen = 2 * len(task.frames), Sightings()
    for done, (index, labels) in enumerate(zip(task.frames, _frames(task), strict=True), 1):
        seen.add(labels)
        yield At(done, total, index)
    tracks = seen.tracks(task.parents)
    began: list[bool] = []

    def write(frames: Iterator[NDArray[np.integer[Any]]]) -> tuple[Track, ...]:
        return write_ctc(task.folder, _marking(frames, began), tracks, table=task.table)

    is_done, is_new = False, not task.folder.exists()
    try:
        steps = pulled(write, _frames(task))
        try:
            for done, index in enumerate(task.frames, len(task.frames) + 1):
                next(steps)
                yield At(done, total, index)
            next(steps)
        except StopIteration as end:
            is_done = True
            yield Exported(total, total, None, end.value)
        finally:
            steps.close()
    finally:
        if not is_done:
            _clear(task, is_new, bool(began))


def _marking(
    frames: Iterator[NDArray[np.integer[Any]]], began: list[bool]
) -> Iterator[NDArray[np.integer[Any]]]:
    """The frames; that the first was asked for says that the folder was found to be free."""
    began.append(True)
    yield from frames


def _frames(task: ExportTask) -> Iterator[NDArray[np.integer[Any]]]:
    return (np.asarray(task.data[frame_slices(place)]) for place in task.places)


def _clear(task: ExportTask, is_new: bool, began: bool) -> None:
    """Remove the frames that were written without a table."""
    if began:
        for path in task.folder.glob(f"{_MASKS[task.table]}[0-9]*.tif"):
            path.unlink(missing_ok=True)
    if is_new:
        with suppress(OSError):
            task.folder.rmdir()
