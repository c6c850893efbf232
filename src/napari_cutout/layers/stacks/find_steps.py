"""The steps of finding everything in frame after frame: read, encoded and found at the same time.

Arrays only: this runs in any thread. Who asks for it is in finding.py.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.everything.run import for_size
from napari_cutout.layers.everything.where import read_known
from napari_cutout.layers.gathering import FoundBy, smaller_on_top
from napari_cutout.layers.stacks.run import At, Equipped
from napari_cutout.layers.target.targets import frame_at
from napari_cutout.segment.errors import FrameError
from napari_cutout.stacks.errors import FrameReadError
from napari_cutout.stacks.running.pipeline import Part, overlapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.image.coordinates import Matrix
    from napari_cutout.layers.model.equipping import Equipment
    from napari_cutout.layers.stacks.layer_stack import LayerStack
    from napari_cutout.segment import Embedding, EmbeddingStore
    from napari_cutout.segment.automatic.filters import Filters
    from napari_cutout.segment.automatic.objects import FoundObject

    Index = tuple[int, ...]

AT_ONCE = 80
"""Objects of a frame that are written together, in some 20 milliseconds with what the log takes."""

AHEAD = 4
"""Frames that are on their way at a time."""

_READERS = 2


class Cancelled(Exception):
    """Nobody wants the answer any more."""


@dataclass(frozen=True, eq=False)
class FoundIn(At):
    """Some of what was found in a frame, or why nothing could be.

    Parameters
    ----------
    objects, crops
        The objects, and their masks, which share no pixel.
    by
        How they were found; None where nothing could be.
    is_last
        Whether this is all that comes of the frame.
    reason
        Why the frame failed; empty where it didn't.
    """

    objects: Sequence[FoundObject] = ()
    crops: Sequence[Crop] = ()
    by: FoundBy | None = None
    is_last: bool = True
    reason: str = ""


@dataclass(frozen=True, eq=False)
class LabelsThere:
    """The labels that are in frames already, for the thread that finds."""

    labels: Labels
    image: Image
    data: Any
    matrix: Matrix

    def read(self, stack: LayerStack, index: Index) -> NDArray[np.integer]:
        """``(rows, cols)`` of a frame of the image."""
        target = frame_at(self.labels, self.image, stack.frame_of(index), self.matrix)
        return read_known(self.data, target, stack.frame_shape)


@dataclass(frozen=True, eq=False)
class FindTask:
    """What is to be found.

    Parameters
    ----------
    equip
        Gives the model and the intensity mapping.
    stack, frames
        In which frames of it.
    options, filters
        How, and what of it is kept.
    by
        What the log says of it; the model's fingerprint is added.
    known
        The labels that are regarded; None for none.
    store
        Where embeddings are kept besides.
    """

    equip: Callable[[], Equipment]
    stack: LayerStack
    frames: Sequence[Index]
    options: Any
    filters: Filters
    by: FoundBy
    known: LabelsThere | None = None
    store: EmbeddingStore | None = None


def find_steps(task: FindTask) -> Iterator[At]:
    """Find in frame after frame, in their order. Closing it ends it, but for what a model does."""
    total = len(task.frames)
    equipment = task.equip()
    yield Equipped(0, total, None, equipment)
    stop = Event()
    finder = _Finder(task, *equipment, stop)
    parts = (Part(finder.read, _READERS), Part(finder.encode), Part(finder.find))
    with closing(overlapped(task.frames, parts, AHEAD, stop)) as answers:
        for done, (index, found) in enumerate(answers):
            if isinstance(found, str):
                yield FoundIn(done + 1, total, index, reason=found)
                continue
            objects, crops, by = found
            starts = range(0, max(len(objects), 1), AT_ONCE)
            for start in starts:
                some, is_last = slice(start, start + AT_ONCE), start == starts[-1]
                yield FoundIn(done + is_last, total, index, objects[some], crops[some], by, is_last)


class _Finder:
    """The parts that a frame goes through: each takes what the last one gave, or why it failed."""

    def __init__(self, task: FindTask, segmenter: Any, mapping: Any, stop: Event) -> None:
        self._task, self._segmenter, self._mapping, self._stop = task, segmenter, mapping, stop

    def read(self, index: Index) -> tuple[Index, Any] | str:
        try:
            return index, self._task.stack.pixels(index)
        except FrameReadError as error:
            return error.reason
        except MemoryError:
            return "it doesn't fit into memory"

    def encode(self, read: tuple[Index, Any] | str) -> tuple[Index, Embedding] | str:
        if isinstance(read, str):
            return read
        self._check()
        index, pixels = read
        window: Any = self._task.stack.looked_at
        try:
            return index, self._segmenter.encode(
                pixels, self._mapping, window, store=self._task.store
            )
        except (FrameError, MemoryError) as error:
            return str(error) or "it doesn't fit into memory"

    def find(self, encoded: tuple[Index, Embedding] | str) -> Any:
        if isinstance(encoded, str):
            return encoded
        # In the thread that works: it imports torch, which takes seconds.
        from napari_cutout.segment.automatic.everything import find_everything
        from napari_cutout.segment.automatic.filters import Measured
        from napari_cutout.segment.automatic.progress import Gathered

        task, (index, embedding) = self._task, encoded
        options = for_size(task.options, embedding)
        known = None if task.known is None else task.known.read(task.stack, index)
        gathered = Gathered(embedding.shape)
        for step in find_everything(self._segmenter, embedding, options, known=known):
            gathered.add(step)
            self._check()
        found = gathered.objects
        passing = Measured(found).passing(task.filters)
        kept = [one for one, stays in zip(found, passing, strict=True) if stays and one.area]
        by = replace(task.by, options=options, fingerprint=self._segmenter.fingerprint)
        return kept, smaller_on_top([(one.decode(), one.origin) for one in kept]), by

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled
