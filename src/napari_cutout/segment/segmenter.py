"""The library's front door: frames and prompts in, candidates out, whichever model runs.

How frames become embeddings is in frame_encoder.py, how prompts become tensors in batching.py,
which window is looked at in choice.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast, overload

import torch

from napari_cutout.sam.family import Dense, Distances
from napari_cutout.segment import batching, choice
from napari_cutout.segment.automatic.everything import find_everything, gather
from napari_cutout.segment.dense import FrameMaps, places, region, stitch
from napari_cutout.segment.distances import FrameDistances, blend_distances
from napari_cutout.segment.embedding import Embedding
from napari_cutout.segment.frame_encoder import FrameEncoder
from napari_cutout.segment.grid import coarser
from napari_cutout.segment.prediction import Prediction
from napari_cutout.segment.prompts import Prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import ArrayLike

    from napari_cutout.sam.family import DenseMaps, DistanceMaps, Family, Features
    from napari_cutout.segment.automatic.objects import Objects
    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.windows import Window

Maps = TypeVar("Maps")


class Segmenter(FrameEncoder):
    """Segments frames with a promptable model.

    Parameters
    ----------
    model
        ``"compact"`` (in the package), a name of the catalogue such as ``"vit_b"``, a repository
        ``"owner/name"`` on the hub, or the path of a checkpoint file or folder.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"``.
    precision
        ``"auto"``, ``"float32"``, ``"bfloat16"``, ``"float16"``. Embeddings are stored as float16
        unless float32 is asked for.
    cache_bytes
        Feature maps kept in memory.
    store
        A folder, or an :class:`.EmbeddingStore`, where feature maps are kept on disk besides.
        None: in memory only. An embedding may have one of its own, see :meth:`encode`.
    say
        Called in words with what is done where memory doesn't suffice: prompts are asked fewer at
        a time, then large windows are read with fewer pixels, at last the CPU is used. Default: a
        :class:`.MemoryWarning`. May be called in any thread.

    Attributes
    ----------
    device
        Where it computes; empty for a model that was given in memory.

    Raises
    ------
    WeightsError, DownloadError, DeviceError
        See :mod:`napari_cutout.sam`.

    Examples
    --------
    >>> from napari_cutout import Prompts, Segmenter
    >>> from napari_cutout.sample_data import fluorescence
    >>> segmenter = Segmenter("compact")
    >>> embedding = segmenter.encode(fluorescence())
    >>> prediction = segmenter.predict(embedding, Prompts(points=[[200, 200]]))
    >>> prediction.masks.shape[0]
    3
    """

    @property
    def can_dense(self) -> bool:
        """Whether the model finds all instances in one pass, see :meth:`dense`."""
        return isinstance(self.model, Dense)

    @property
    def can_tell_distances(self) -> bool:
        """Whether the model carries an instance decoder, see :meth:`distances`."""
        return isinstance(self.model, Distances)

    @property
    def can_find_instances(self) -> bool:
        """Whether the model finds all objects in one pass, with :class:`.InstanceOptions`."""
        return self.can_dense or self.can_tell_distances

    @overload
    def predict(
        self, embedding: Embedding, prompts: Prompts, multimask: bool = ...
    ) -> Prediction: ...
    @overload
    def predict(
        self, embedding: Embedding, prompts: Sequence[Prompts], multimask: bool = ...
    ) -> list[Prediction]: ...
    def predict(
        self,
        embedding: Embedding,
        prompts: Prompts | Sequence[Prompts],
        multimask: bool = True,
    ) -> Prediction | list[Prediction]:
        """Candidates for one object, or for each of several in batches.

        Parameters
        ----------
        embedding
            Of :meth:`encode` of this segmenter.
        prompts
            Of one object, or a list with those of one object each.
        multimask
            True: three candidates, for a prompt that may mean several things. False: one, the
            better choice after several clicks.

        Returns
        -------
        Prediction or list of Prediction
            Depends on the arguments alone; a list answers as its members would one by one.

        Raises
        ------
        PromptError
            If a prompt doesn't fit the frame.
        OutOfMemoryError
            If there isn't memory for one prompt at a time.
        """
        single = isinstance(prompts, Prompts)
        asked = [prompts] if isinstance(prompts, Prompts) else list(prompts)
        for prompt in asked:
            choice.check(prompt, embedding)
        answers: dict[int, Prediction] = {}
        waiting = {index: choice.window_of(prompt, embedding) for index, prompt in enumerate(asked)}
        while waiting:
            for window in sorted(set(waiting.values())):
                chosen = [index for index, place in waiting.items() if place == window]
                found = self._decode(embedding, window, [asked[i] for i in chosen], multimask)
                answers.update(zip(chosen, found, strict=True))
            waiting = {
                index: larger
                for index, window in waiting.items()
                if embedding.window is None and answers[index].is_cut()
                if (larger := embedding.larger(window)) is not None
            }
        return answers[0] if single else [answers[index] for index in range(len(asked))]

    def everything(
        self,
        frame: object,
        options: object = None,
        *,
        within: Window | ArrayLike | None = None,
        known: ArrayLike | None = None,
    ) -> Objects:
        """Find every object of a frame, without prompts.

        :func:`.find_everything` does the same step by step, and can be stopped.

        Parameters
        ----------
        frame
            An :class:`.Embedding` of :meth:`encode`, or a frame as that takes it.
        options
            How: :class:`.GridOptions`, the default, asks SAM's grid of points.
        within
            Where objects are looked for: a window, or a mask ``(rows, cols)`` bool of the frame.
        known
            Labels ``(rows, cols)`` that are in the frame already; 0 is none.

        Returns
        -------
        Objects
            The best first.

        Raises
        ------
        OptionError
            If the options aren't of a kind that is known, or ``within`` or ``known`` don't fit.
        FrameError
            If the array isn't one frame.

        Examples
        --------
        >>> from napari_cutout import Segmenter
        >>> from napari_cutout.sample_data import fluorescence
        >>> from napari_cutout.segment.automatic.grid.options import GridOptions
        >>> options = GridOptions(points_per_side=4, pred_iou_thresh=0.5)
        >>> objects = Segmenter("compact").everything(fluorescence(), options)
        >>> objects.shape
        (520, 696)
        """
        embedding = frame if isinstance(frame, Embedding) else self.encode(frame)
        steps = find_everything(self, embedding, options, within=within, known=known)
        return gather(steps, embedding.shape)

    def dense(
        self,
        embedding: Embedding,
        piece: Window | None = None,
        seen_in: Iterable[Window] | None = None,
    ) -> FrameMaps:
        """The dense maps of a frame, or of a piece of it.

        Parameters
        ----------
        embedding
            Of the frame.
        piece
            None: the one window of the embedding, or the whole frame.
        seen_in
            Windows that cover the piece, each of which is looked at by itself. None: the piece;
            without one, the frame where that is encoded as a whole, else tiles with overlap.

        Raises
        ------
        TypeError
            If the model can't, see :attr:`can_dense`.
        TooLargeError
            If the frame is lazy, and the maps of all of it wouldn't fit into memory.
        """
        if not self.can_dense:
            raise TypeError(f"{self.name} has no dense head; use the model 'compact'")
        return stitch(self._maps(embedding, piece, seen_in, _dense), piece or region(embedding))

    def distances(
        self,
        embedding: Embedding,
        piece: Window | None = None,
        seen_in: Iterable[Window] | None = None,
    ) -> FrameDistances:
        """Each pixel's place in its object, for a frame or a piece of it.

        Parameters
        ----------
        embedding, piece, seen_in
            As for :meth:`dense`.

        Raises
        ------
        TypeError
            If the model can't, see :attr:`can_tell_distances`.
        TooLargeError
            If the frame is lazy, and the maps of all of it wouldn't fit into memory.
        """
        if not self.can_tell_distances:
            raise TypeError(
                f"{self.name} has no instance decoder; use one of micro-sam's models that has one"
            )
        maps = self._maps(embedding, piece, seen_in, _distances)
        return blend_distances(maps, piece or region(embedding))

    def _maps(
        self,
        embedding: Embedding,
        piece: Window | None,
        seen_in: Iterable[Window] | None,
        compute: Callable[[Family, Features], Maps],
    ) -> Iterator[tuple[Grid, Maps]]:
        """Maps of the windows that a piece is looked at in, each as it was read, or coarser."""
        # Not a generator: what is too large is refused before room is made for it.
        if seen_in is None:
            seen_in = places(embedding) if piece is None else [piece]
        return (self._map(embedding, window, compute) for window in seen_in)

    def _map(
        self, embedding: Embedding, window: Window, compute: Callable[[Family, Features], Maps]
    ) -> tuple[Grid, Maps]:
        grid = embedding.grid(window)
        wanted = max(grid.shape)

        def call(family: Family, size: int) -> tuple[Grid, Maps]:
            # Asked for each time: they may have been moved to where there is memory.
            features, coarse = self.features(embedding, window), coarser(grid, size)
            with torch.no_grad():
                return coarse, compute(family, replace(features, pixel_size=coarse.shape))

        return self._memory.fit("maps", wanted, call, min(wanted, self.info.input_size))

    def _decode(
        self, embedding: Embedding, window: Window, prompts: list[Prompts], multimask: bool
    ) -> list[Prediction]:
        features, grid = self.features(embedding, window), embedding.grid(window)
        upscale = batching.upscaler(self._memory, grid)
        shape, key = embedding.shape, embedding.key
        return [
            Prediction(scores, logits, window, shape, key, grid, upscale)
            for logits, scores in batching.decode(
                self._memory, features, embedding, window, prompts, multimask
            )
        ]


def _dense(family: Family, features: Features) -> DenseMaps:
    return cast("Dense", family).dense(features)


def _distances(family: Family, features: Features) -> DistanceMaps:
    return cast("Distances", family).distances(features)
