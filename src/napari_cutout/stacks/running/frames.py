"""Everything in frame after frame, as results: nothing is written. Into an output: units.py."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

from napari_cutout.sam.cores import cores
from napari_cutout.sam.threads import threads_sleep
from napari_cutout.segment.automatic.filters import Filters
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.stacks.frames.selection import chosen
from napari_cutout.stacks.running.finding import Finder, Work
from napari_cutout.stacks.running.how import How
from napari_cutout.stacks.running.pipeline import Part, overlapped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from napari_cutout.segment.intensity import IntensityMapping
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.stacks.frames.selection import Selection
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.running.results import FrameResult

READERS = 2
_FINDERS = 2
_MOST_FINDERS = 8
_ENCODERS = 2
_SMALL_INPUT = 512


def find_in_frames(
    segmenter: Segmenter,
    stack: Stack,
    options: object = None,
    *,
    selection: Selection | str | None = None,
    filters: Filters | None = None,
    intensity: str | tuple[float, float] | IntensityMapping = "percentile",
    skip: Callable[[tuple[int, ...]], bool] | None = None,
    store: EmbeddingStore | None = None,
) -> Generator[FrameResult, None, None]:
    """Find everything in the frames of a stack.

    Reading, encoding and finding overlap, a few frames ahead of what was yielded; memory doesn't
    grow with the number of frames. Closing the generator ends it within a second, but for what a
    model is in the middle of.

    Parameters
    ----------
    segmenter
        The model.
    stack
        Whose frames.
    options
        Of a way of finding everything, see :func:`.find_everything`. None: a grid of points.
    selection
        Which frames. None: all.
    filters
        What is dropped of what was found. None: nothing.
    intensity
        How intensities become what the model sees.
    skip
        Frames of which it tells True are left out.
    store
        Where embeddings are kept besides, and taken from.

    Yields
    ------
    FrameResult
        In the order of the frames. One that can't be read or used has failed, and the others go
        on.

    Raises
    ------
    StackError
        If the selection doesn't fit the stack.
    FrameError
        If frames of this dtype don't go with the intensity mapping.
    OptionError
        If the options aren't of a kind that is known.
    """
    frames = chosen(stack, selection)
    how = How(
        GridOptions() if options is None else options,
        Filters() if filters is None else filters,
        intensity,
    )
    Finder(segmenter, stack, how).check()
    return _results(segmenter, stack, frames, how, skip, store)


def encoders(segmenter: Segmenter) -> int:
    """How many frames are encoded at a time, each with all threads.

    The threads of one have to wait for each other now and then, more so where another part of the
    run has a core; a second frame has work for those that wait. Large inputs hardly gain by that,
    and two of them take much memory.
    """
    import torch

    is_small = segmenter.info.input_size <= _SMALL_INPUT
    waits = segmenter.device in ("", "cpu") and torch.get_num_threads() > 1
    return _ENCODERS if is_small and waits and threads_sleep() else 1


def finders(segmenter: Segmenter) -> int:
    """In how many frames is found at a time.

    The CPU has enough to do with encoding; of another device, it has to keep up with that.
    """
    if segmenter.device in ("", "cpu"):
        return _FINDERS
    return max(_FINDERS, min(cores() - 1, _MOST_FINDERS))


def _results(
    segmenter: Segmenter,
    stack: Stack,
    frames: Iterable[tuple[int, ...]],
    how: How,
    skip: Callable[[tuple[int, ...]], bool] | None,
    store: EmbeddingStore | None,
) -> Generator[FrameResult, None, None]:
    stop = threading.Event()
    finder = Finder(segmenter, stack, how, store, stop.is_set)
    parts = (
        Part(lambda index: finder.read(Work(index)), READERS),
        Part(finder.encode, encoders(segmenter)),
        Part(finder.find, finders(segmenter)),
    )
    ahead = sum(part.threads for part in parts)
    wanted = (index for index in frames if skip is None or not skip(index))
    with closing(overlapped(wanted, parts, ahead, stop)) as answers:
        for _, work in answers:
            yield work.result
