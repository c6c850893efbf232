"""The frames of a stack as embeddings, or why one can't be used; the next one in a thread."""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.errors import FrameError
from napari_cutout.stacks.errors import FrameReadError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.intensity import IntensityMapping
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.propagating.values import Index

_KEPT = 3


class Frames:
    """Embeddings of frames; the last few are kept, and one is made ahead.

    Parameters
    ----------
    segmenter, stack, intensity, embedding_of
        See :func:`.propagate`.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        stack: Stack,
        intensity: str | tuple[float, float] | IntensityMapping,
        embedding_of: Callable[[Index], Embedding] | None,
    ) -> None:
        self.segmenter = segmenter
        self.shape = stack.frame_shape
        self._stack = stack
        self._intensity = intensity
        self._embedding_of = embedding_of
        self._kept: OrderedDict[Index, Embedding | str] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, "frame ahead")
        self._ahead: tuple[Index, Future[Embedding | str]] | None = None

    def close(self) -> None:
        """Make nothing ahead any more. What is being made isn't waited for."""
        self._ahead = None
        self._thread.shutdown(wait=False, cancel_futures=True)

    def ahead(self, index: Index) -> None:
        """Begin with the embedding of a frame that is asked for next, meanwhile.

        Parameters
        ----------
        index
            Of the frame. One that was begun before, and wasn't asked for, is given up.
        """
        if index in self._kept or (self._ahead is not None and self._ahead[0] == index):
            return
        if self._ahead is not None:
            self._ahead[1].cancel()
        self._ahead = index, self._thread.submit(self._made, index)

    def embedding(self, index: Index) -> Embedding | str:
        """The embedding of a frame, or why there is none, in words."""
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        found = self._begun(index) or self._made(index)
        self._kept[index] = found
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def _begun(self, index: Index) -> Embedding | str | None:
        """What was made ahead; None where it wasn't."""
        if self._ahead is None or self._ahead[0] != index:
            return None
        (_, future), self._ahead = self._ahead, None
        return future.result()

    def _made(self, index: Index) -> Embedding | str:
        try:
            if self._embedding_of is not None:
                embedding = self._embedding_of(index)
            else:
                pixels = self._stack.read(index)
                if not np.isfinite(pixels).any():
                    return "no pixel of it is a number"
                embedding = self.segmenter.encode(pixels, self._intensity)
        except FrameReadError as error:
            return error.reason
        except FrameError as error:
            return str(error)
        if embedding.shape != self.shape:
            return (
                f"it has {embedding.shape[0]} x {embedding.shape[1]} pixels, the first frame of "
                f"the stack has {self.shape[0]} x {self.shape[1]}"
            )
        return embedding
