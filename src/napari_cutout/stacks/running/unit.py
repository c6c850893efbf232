"""One frame from its stack into an output: the unit of work, wherever it is done.

Doing it again does nothing, so that it doesn't matter who does it, how often, or that somebody was
killed meanwhile.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from napari_cutout.stacks.running.finding import Finder
from napari_cutout.stacks.running.results import FrameResult, UnitReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.place import OutputPlace
    from napari_cutout.stacks.running.how import How


def do_unit(
    segmenter: Segmenter,
    stack: Stack,
    place: OutputPlace,
    index: tuple[int, ...],
    how: How,
    *,
    store: EmbeddingStore | None = None,
) -> UnitReport:
    """Find everything in a frame and write it, unless that was done before.

    Parameters
    ----------
    segmenter
        The model.
    stack
        Whose frame.
    place
        Of an output that was begun, see :meth:`.StackOutput.open`.
    index
        Which frame.
    how
        What is looked for.
    store
        Where embeddings are kept besides.

    Returns
    -------
    UnitReport
        A frame that can't be read or used is reported; it is written down, and tried again by the
        next who is asked for it.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    known = was_there(stack, place, index)
    if known is not None:
        return known
    result = Finder(segmenter, stack, how, store).run(index)
    return write(place, result)


def write(place: OutputPlace, result: FrameResult) -> UnitReport:
    """Write what came of a frame, unless somebody else did so meanwhile.

    A worker that was thought dead may come late with a frame that has final ids already.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    start = time.perf_counter()
    known = _known(place, result.index, result.identity)
    if known is not None:
        return known
    place.write(result)
    return report_of(result, {**result.seconds, "write": time.perf_counter() - start})


def was_there(stack: Stack, place: OutputPlace, index: tuple[int, ...]) -> UnitReport | None:
    """The report of a frame that was found before as it is now; None for any other."""
    return _known(place, index, stack.frame_identity(index))


def report_of(result: FrameResult, seconds: Mapping[str, float]) -> UnitReport:
    """A result without its objects."""
    return UnitReport(result.index, result.state, len(result.objects), result.reason, seconds)


def _known(place: OutputPlace, index: tuple[int, ...], identity: str) -> UnitReport | None:
    count = place.count(index, identity)
    return None if count is None else UnitReport(index, "was there", count)
