"""The steps of writing labels as tracks of the Cell Tracking Challenge.

Arrays and files only: this runs in any thread. The format is in formats/tracks.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.formats.tracks.ctc import write_ctc
from napari_cutout.formats.tracks.ctc_files import MASKS
from napari_cutout.layers.stacks.pulled import pulled
from napari_cutout.layers.stacks.run import At
from napari_cutout.layers.stacks.sightings import Sightings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.formats.tracks.ctc_files import TableName
    from napari_cutout.formats.tracks.track import Track

    Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ExportTask:
    """What is to be written.

    Parameters
    ----------
    data
        Of the labels at full resolution.
    frames
        Frames of the stack, in order; of volumes all planes of one, then those of the next.
    places
        The same in the labels.
    planes
        Frames of each volume, where volumes are written; None where planes are.
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
    planes: int | None = None

    @property
    def written(self) -> Sequence[Index]:
        """The frames that get a file each; of volumes the first planes."""
        return self.frames[:: self.planes or 1]


@dataclass(frozen=True, eq=False)
class Exported(At):
    """All was written: the lines of the table."""

    lines: Sequence[Track] = ()


def export_steps(task: ExportTask) -> Iterator[At]:
    """Look where objects are, then write all frames, or volumes: each counts twice.

    Ended early, it takes away what it wrote.
    """
    written = task.written
    total, seen = 2 * len(written), Sightings()
    for done, (index, labels) in enumerate(zip(written, _frames(task), strict=True), 1):
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
            for done, index in enumerate(written, len(written) + 1):
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
    planes = (np.asarray(task.data[frame_slices(place)]) for place in task.places)
    if task.planes is None:
        return planes
    return _stacked(planes, task.planes)


def _stacked(
    planes: Iterator[NDArray[np.integer[Any]]], count: int
) -> Iterator[NDArray[np.integer[Any]]]:
    """So many planes each as a volume."""
    while some := list(islice(planes, count)):
        yield np.stack(some)


def _clear(task: ExportTask, is_new: bool, began: bool) -> None:
    """Remove the frames that were written without a table."""
    if began:
        for path in task.folder.glob(f"{MASKS[task.table]}[0-9]*.tif"):
            path.unlink(missing_ok=True)
    if is_new:
        with suppress(OSError):
            task.folder.rmdir()
