"""Many frames from a stack into an output, one after the other with their parts overlapping."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

from napari_cutout.stacks.running.finding import Finder, Work
from napari_cutout.stacks.running.frames import READERS, encoders, finders
from napari_cutout.stacks.running.pipeline import Part, overlapped
from napari_cutout.stacks.running.results import UnitReport
from napari_cutout.stacks.running.unit import was_there, write

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.place import OutputPlace
    from napari_cutout.stacks.running.how import How

    Known = Work | UnitReport


def do_units(
    segmenter: Segmenter,
    stack: Stack,
    place: OutputPlace,
    indices: Iterable[tuple[int, ...]],
    how: How,
    *,
    store: EmbeddingStore | None = None,
) -> Generator[UnitReport, None, None]:
    """As :func:`.do_unit` for each of some frames, with bit for bit the same records.

    Reading, encoding, finding and writing overlap. What was yielded is on the disk; closing the
    generator ends it within a second, but for what a model is in the middle of.

    Parameters
    ----------
    segmenter, stack, place, how, store
        As there.
    indices
        Which frames.

    Yields
    ------
    UnitReport
        In the order of the frames.

    Raises
    ------
    FrameError
        If frames of this dtype don't go with the intensity mapping.
    OutputError
        If a frame can't be written. Those that were yielded stay.
    """
    stop = threading.Event()
    finder = Finder(segmenter, stack, how, store, stop.is_set)
    finder.check()

    def begin(index: tuple[int, ...]) -> Known:
        return was_there(stack, place, index) or finder.read(Work(index))

    def end(work: Work) -> UnitReport:
        assert work.result is not None
        return write(place, work.result)

    parts = (
        Part(begin, READERS),
        Part(_unless_there(finder.encode), encoders(segmenter)),
        Part(_unless_there(finder.find), finders(segmenter)),
        Part(_unless_there(end)),
    )
    ahead = sum(part.threads for part in parts)
    with closing(overlapped(indices, parts, ahead, stop)) as answers:
        for _, report in answers:
            yield report


def _unless_there(do: Callable[[Work], Known]) -> Callable[[Known], Known]:
    return lambda known: known if isinstance(known, UnitReport) else do(known)
