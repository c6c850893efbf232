"""Embeddings of a stack's frames ahead of time, in a store: how long that takes, and doing it.

What is in the store already is left, so that a run that was ended goes on where it was. One frame
is embedded in frame_embedder.py.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.errors import FrameError
from napari_cutout.segment.intensity import IntensityMapping, as_mapping
from napari_cutout.stacks.errors import FrameReadError
from napari_cutout.stacks.frame_embedder import FrameEmbedder, Prepared, session_windows
from napari_cutout.stacks.frames.selection import chosen
from napari_cutout.stacks.running.pipeline import Part, overlapped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from threading import Event

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.segment.windows import Window
    from napari_cutout.stacks.frames.selection import Selection
    from napari_cutout.stacks.frames.stack import Stack

__all__ = ["Embedded", "Estimate", "embed_frames", "estimate_embedding", "session_windows"]

SAMPLED = 16
"""Frames that are looked for in the store, to estimate how many are there."""

_MEASURED = 2
_AHEAD = 3
_BEAT = 0.1


@dataclass(frozen=True)
class Estimate:
    """What embedding some frames takes.

    Parameters
    ----------
    frames
        How many are wanted.
    done
        How many of them are in the store. Of many frames, estimated from some at even distances.
    seconds
        That the others take, about, on this machine.
    bytes
        That they take in the store, about.
    room
        Bytes that the store may still take; None where that isn't known.
    """

    frames: int
    done: int
    seconds: float
    bytes: int
    room: int | None = None


@dataclass(frozen=True)
class Embedded:
    """A frame that was embedded, and how far that is.

    Parameters
    ----------
    index
        Which frame; while paused, the one that is next.
    done, total
        Frames that are gone through, this one included, and all.
    was_there
        Whether it was in the store already.
    seconds
        That it took to encode.
    error
        Why it couldn't be read or embedded; empty where it was.
    is_paused
        Whether this only tells that nothing is done at the moment. It comes ten times a second.
    """

    index: tuple[int, ...]
    done: int
    total: int
    was_there: bool = False
    seconds: float = 0.0
    error: str = ""
    is_paused: bool = False


def estimate_embedding(
    segmenter: Segmenter,
    stack: Stack,
    selection: Selection | str | None = None,
    *,
    store: EmbeddingStore | None = None,
    intensity: str | tuple[float, float] | IntensityMapping = "percentile",
    windows: Callable[[Embedding], Sequence[Window]] = session_windows,
    frame_of: Callable[[tuple[int, ...]], object] | None = None,
) -> Estimate:
    """How long embedding some frames takes, and how much disk.

    Reads a few frames and encodes one or two; writes nothing.

    Parameters
    ----------
    segmenter, stack, selection, intensity, windows, frame_of
        See :func:`embed_frames`.
    store
        Where they would be kept. None: that of the segmenter, or none.

    Raises
    ------
    StackError
        If the selection doesn't fit the stack.
    FrameReadError, FrameError
        If none of the frames that were tried can be read.
    """
    store = segmenter.store if store is None else store
    frames = chosen(stack, selection)
    read = frame_of or stack.read
    embedder = FrameEmbedder(segmenter, read, as_mapping(intensity), windows, store)
    tried = np.unique(np.linspace(0, len(frames) - 1, SAMPLED).round().astype(int))
    found: list[Prepared] = []
    measured: list[tuple[float, int]] = []
    problem, to_encode = None, 0
    for number in tried:
        begin = time.perf_counter()
        try:
            frame = embedder.read(frames[int(number)])
        except (FrameReadError, FrameError) as error:
            problem = error
            continue
        reading = time.perf_counter() - begin
        found.append(frame)
        if frame.missing and not embedder.is_in_memory(frame):
            to_encode += 1
            if len(measured) < _MEASURED:
                seconds, nbytes = embedder.measure(frame)
                measured.append((max(seconds, reading), nbytes))
    if problem is not None and not found:
        raise problem
    missing = [frame for frame in found if frame.missing]
    if missing and not measured:
        measured.append((0.0, embedder.measure(missing[0])[1]))
    # The first one may have had to make the model ready.
    seconds, nbytes = min(measured, default=(0.0, 0))
    each = len(frames) / len(found)
    left = round(each * len(missing))
    return Estimate(
        len(frames), len(frames) - left, seconds * each * to_encode, nbytes * left, embedder.room()
    )


def embed_frames(
    segmenter: Segmenter,
    stack: Stack,
    store: EmbeddingStore,
    selection: Selection | str | None = None,
    intensity: str | tuple[float, float] | IntensityMapping = "percentile",
    pause: Event | None = None,
    *,
    windows: Callable[[Embedding], Sequence[Window]] = session_windows,
    frame_of: Callable[[tuple[int, ...]], object] | None = None,
) -> Generator[Embedded, None, None]:
    """Embed frames into a store, so that visiting one of them takes no encoding.

    The next frames are read while one is encoded. Closing the generator ends it within a second;
    what is in the store stays, and isn't done again.

    Parameters
    ----------
    segmenter
        The model.
    stack
        Whose frames.
    store
        Where the feature maps are kept.
    selection
        Which frames. None: all.
    intensity
        How intensities become what the model sees. The store has what is asked with the same.
    pause
        While it is set nothing new is begun, and what is yielded only says so.
    windows
        Which windows of a frame are encoded.
    frame_of
        Gives a frame as :meth:`.Segmenter.encode` takes it, for one that is to be read lazily.
        None: :meth:`.Stack.read`.

    Yields
    ------
    Embedded
        In the order of the frames. One that can't be read says why, and the others go on.

    Raises
    ------
    StackError
        If the selection doesn't fit the stack.
    OutputError
        If the store takes no more.
    """
    frames = chosen(stack, selection)
    read = frame_of or stack.read
    embedder = FrameEmbedder(segmenter, read, as_mapping(intensity), windows, store)
    return _embedded(embedder, frames, pause)


def _embedded(
    embedder: FrameEmbedder, frames: Sequence[tuple[int, ...]], pause: Event | None
) -> Generator[Embedded, None, None]:
    parts = (Part(lambda index: _read(embedder, index)), Part(lambda read: _encode(embedder, read)))
    total = len(frames)
    with closing(overlapped(frames, parts, _AHEAD)) as answers:
        for done in range(total):
            while pause is not None and pause.is_set():
                yield Embedded(frames[done], done, total, is_paused=True)
                time.sleep(_BEAT)
            index, (was_there, seconds, error) = next(answers)
            yield Embedded(index, done + 1, total, was_there, seconds, error)


def _read(embedder: FrameEmbedder, index: tuple[int, ...]) -> Prepared | str:
    """A frame, or why it can't be read."""
    try:
        return embedder.read(index)
    except (FrameReadError, FrameError) as error:
        return str(error)


def _encode(embedder: FrameEmbedder, read: Prepared | str) -> tuple[bool, float, str]:
    """Whether a frame was there, the seconds that it took, and what is wrong with it."""
    if isinstance(read, str):
        return False, 0.0, read
    begin = time.perf_counter()
    was_there = not embedder.encode(read)
    return was_there, time.perf_counter() - begin, ""
