"""Finding the objects that labels have already: frame by frame, by jobs, so that nothing waits.

What is found goes to the object table's places; what is painted while it is read is read again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.extents import Extent, extents_of, joined
from napari_cutout.annotate.written import written_boxes
from napari_cutout.layers.jobs import Job
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.annotate.places import Places
    from napari_cutout.layers.jobs import Runner

    Found = dict[FrameIndex, dict[int, Extent]]

WHOLE = 1 << 31
"""Pixels of labels that are read through; of larger ones it is the frames that are visited."""

VISITED = 1 << 27
"""Pixels of a frame that is read when it is visited."""

AT_ONCE = 1 << 20
"""Pixels of a frame in memory that is read without a job, in a few milliseconds."""

PIECE = 1 << 22
"""Pixels that are looked at together."""

JOB = 1 << 25
"""Pixels that one job reads, so that results come in and others get their turn."""


def frames_of(shape: tuple[int, ...]) -> Iterator[FrameIndex]:
    """All frames along the last two axes, in order."""
    return ((*above, None, None) for above in np.ndindex(*shape[:-2]))


def read_frame(data: Any, frame: FrameIndex) -> dict[int, Extent]:
    """The extents of all ids of a frame of labels of any kind, read piece by piece."""
    parts = []
    for rows, cols in _pieces(data):
        piece = np.asarray(data[(*frame[:-2], rows, cols)])
        found = extents_of(piece).items()
        parts.append({number: extent.moved(rows.start, cols.start) for number, extent in found})
    return joined(parts)


def largest_id(data: Any) -> int:
    """The largest label of an array of any kind, read piece by piece where it isn't in memory."""
    if not math.prod(data.shape):
        return 0
    if isinstance(data, np.ndarray):
        return max(int(data.max()), 0)
    return max((int(np.max(np.asarray(data[box]))) for box in written_boxes(data)), default=0)


class Reading:
    """The reading of one labels array.

    Parameters
    ----------
    data
        The array, of any kind, with two axes or more.
    places
        Takes what is found.
    run
        Takes the jobs.
    found
        Called when something was found.
    is_known
        Whether all of it is known already, and only what others write is to be read.
    """

    def __init__(
        self,
        data: Any,
        places: Places,
        run: Runner,
        found: Callable[[], object],
        *,
        is_known: bool = False,
    ) -> None:
        self._data, self._places, self._run = data, places, run
        self._found = weak_call(found)
        self._frame_size = math.prod(data.shape[-2:])
        is_whole = math.prod(data.shape) <= WHOLE
        self._left = frames_of(data.shape) if is_whole and not is_known else iter(())
        places.known = "all" if is_known else "soon" if is_whole else "some"
        self._wanted: dict[FrameIndex, None] = {}
        self._batch: list[FrameIndex] = []

    def visit(self, frame: FrameIndex) -> None:
        """A frame is looked at: it comes first, and is read at all in labels that are huge."""
        if not self._places.is_read(frame) and self._frame_size <= VISITED:
            self._wanted[frame] = None

    def doubt(self, frame: FrameIndex) -> None:
        """Somebody may have written into a frame without telling."""
        is_known = self._places.known == "all" or self._places.is_read(frame)
        if is_known and self._frame_size <= VISITED:
            self._wanted[frame] = None

    def go_on(self) -> bool:
        """Read what is still to be read: little at once, the rest by the runner.

        Returns
        -------
        bool
            Whether any frame was read at once; of those nobody is told.
        """
        frames = []
        if isinstance(self._data, np.ndarray) and self._frame_size <= AT_ONCE:
            frames = self._take(AT_ONCE, self._wanted_frames())
        for frame in frames:
            self._places.found({frame: read_frame(self._data, frame)})
        self._go_on_by_jobs()
        return bool(frames)

    def _go_on_by_jobs(self) -> None:
        if self._batch:
            return
        self._batch = self._take(JOB, self._frames())
        if not self._batch:
            if self._places.known == "soon":
                self._places.known = "all"
            return
        data, places, batch = self._data, self._places, tuple(self._batch)

        def compute() -> tuple[int, Found]:
            since = places.clock
            return since, {frame: read_frame(data, frame) for frame in batch}

        not_run = weak_call(self._on_not_read)
        run = self._run
        run(
            Job(
                "ids",
                "Reading the objects of the labels …",
                compute,
                weak_call(self._on_read),
                not_run,
                not_run,
            )
        )

    def _on_read(self, result: tuple[int, Found]) -> None:
        since, found = result
        self._batch = []
        late = self._places.found(found, since)
        self._wanted.update(dict.fromkeys(late))
        self.go_on()
        # Afterwards, so that who is told of the last ones finds that they were the last.
        self._found()

    def _on_not_read(self, *_: Exception) -> None:
        self._wanted.update(dict.fromkeys(self._batch))
        self._batch = []

    def _frames(self) -> Iterator[FrameIndex]:
        yield from self._wanted_frames()
        yield from (frame for frame in self._left if not self._places.is_read(frame))

    def _wanted_frames(self) -> Iterator[FrameIndex]:
        while self._wanted:
            frame = next(iter(self._wanted))
            del self._wanted[frame]
            yield frame

    def _take(self, pixels: int, frames: Iterator[FrameIndex]) -> list[FrameIndex]:
        """As many as have so many pixels, and at least one."""
        count = max(pixels // max(self._frame_size, 1), 1)
        return [frame for _, frame in zip(range(count), frames, strict=False)]


def _pieces(data: Any) -> Iterator[tuple[slice, slice]]:
    """Boxes that make up a frame: whole chunks, and about :data:`PIECE` pixels."""
    rows, cols = (int(size) for size in data.shape[-2:])
    down, right = _chunk(data)
    width = cols
    if cols * down > PIECE:
        width = min(right * max(PIECE // (down * right), 1), cols)
    height = down * max(PIECE // max(down * width, 1), 1)
    for row in range(0, rows, height):
        for col in range(0, cols, width):
            yield slice(row, min(row + height, rows)), slice(col, min(col + width, cols))


def _chunk(data: Any) -> tuple[int, int]:
    """Rows and columns of what lazy labels are stored in."""
    chunks = getattr(data, "chunks", None)
    layout = getattr(data, "chunk_layout", None)
    if chunks is None and layout is not None:
        chunks = layout.read_chunk.shape
    if not chunks:
        return 1, 1
    down, right = (max(int(np.max(sizes)), 1) for sizes in chunks[-2:])
    return down, right
