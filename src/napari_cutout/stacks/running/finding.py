"""One frame through the parts of a run: read, encode, find. Each part can wait for its own turn.

A frame that can't be used fails by itself; what is wrong with all of them ends the run.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.automatic.everything import Gathered, find_everything
from napari_cutout.segment.automatic.filters import Filters, Measured
from napari_cutout.segment.errors import FrameError
from napari_cutout.segment.intensity import to_levels
from napari_cutout.stacks.errors import FrameReadError
from napari_cutout.stacks.running.results import FrameResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import FoundObject, Objects
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.store import EmbeddingStore
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.running.how import How

ALL_NAN = "no pixel of it is a number, so that nothing was looked for"


class Stopped(Exception):
    """Nobody wants the answer any more."""


@dataclass(frozen=True)
class Work:
    """A frame on its way.

    Parameters
    ----------
    index
        Which.
    identity
        Of the frame, once it was looked at.
    seconds
        Spent on each part so far.
    pixels
        Once it was read.
    embedding
        Once it was encoded; the pixels are let go then.
    result
        Once it was found, or failed.
    """

    index: tuple[int, ...]
    identity: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    pixels: NDArray[Any] | None = None
    embedding: Embedding | None = None
    result: FrameResult | None = None


@dataclass(frozen=True)
class Finder:
    """The parts, for the frames of a stack.

    Parameters
    ----------
    segmenter
        The model.
    stack
        Whose frames.
    how
        What is looked for.
    store
        Where embeddings are kept besides. None: where the segmenter says.
    is_stopped
        Asked between the steps of finding.
    """

    segmenter: Segmenter
    stack: Stack
    how: How
    store: EmbeddingStore | None = None
    is_stopped: Callable[[], bool] = bool

    def check(self) -> None:
        """Make sure that frames of this kind go with the intensity mapping, before all fail.

        Raises
        ------
        FrameError
            If they don't.
        """
        shape = (1, 1, 3) if self.stack.is_rgb else (1, 1)
        to_levels(np.zeros(shape, self.stack.dtype), self.how.mapping)

    def read(self, work: Work) -> Work:
        """Have the pixels in memory."""
        # Before it is read: of a file that is written meanwhile, what was found doesn't count.
        known = replace(work, identity=self.stack.frame_identity(work.index))
        return self._timed("read", known, self._read)

    def encode(self, work: Work) -> Work:
        """Have the embedding."""
        return self._timed("encode", work, self._encode)

    def find(self, work: Work) -> Work:
        """Have the objects.

        Raises
        ------
        Stopped
            If it was to stop meanwhile.
        """
        return self._timed("find", work, self._find)

    def run(self, index: tuple[int, ...]) -> FrameResult:
        """All parts, one after the other."""
        result = self.find(self.encode(self.read(Work(index)))).result
        assert result is not None
        return result

    def _timed(self, part: str, work: Work, do: Callable[[Work], Work]) -> Work:
        if work.result is not None:
            return work
        if self.is_stopped():
            raise Stopped
        start = time.perf_counter()
        try:
            done = do(work)
        except FrameReadError as error:
            done = _failed(work, error.reason)
        except (FrameError, MemoryError) as error:
            done = _failed(work, str(error) or "it does not fit into memory")
        seconds = {**work.seconds, part: time.perf_counter() - start}
        if done.result is not None:
            result = replace(done.result, identity=done.identity, seconds=seconds)
            done = replace(done, result=result)
        return replace(done, seconds=seconds)

    def _read(self, work: Work) -> Work:
        pixels = self.stack.read(work.index)
        if pixels.dtype.kind == "f" and not np.isfinite(pixels).any():
            return replace(work, result=FrameResult(work.index, reason=ALL_NAN))
        return replace(work, pixels=pixels)

    def _encode(self, work: Work) -> Work:
        embedding = self.segmenter.encode(work.pixels, self.how.mapping, store=self.store)
        return replace(work, pixels=None, embedding=embedding)

    def _find(self, work: Work) -> Work:
        assert work.embedding is not None
        gathered = Gathered(work.embedding.shape)
        for step in find_everything(self.segmenter, work.embedding, self.how.options):
            gathered.add(step)
            if self.is_stopped():
                raise Stopped
        kept = _passing(gathered.objects, self.how.filters)
        return replace(work, embedding=None, result=FrameResult(work.index, kept))


def _passing(found: Objects, filters: Filters) -> tuple[FoundObject, ...]:
    if filters == Filters():
        # Measuring shapes and overlaps, for nothing, takes as long as finding some objects.
        return tuple(one for one in found if one.score >= 0 and one.stability >= 0)
    passing = Measured(found).passing(filters)
    return tuple(one for one, stays in zip(found, passing, strict=True) if stays)


def _failed(work: Work, reason: str) -> Work:
    result = FrameResult(work.index, state="failed", reason=" ".join(reason.split()))
    return replace(work, pixels=None, embedding=None, result=result)
