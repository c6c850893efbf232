"""The library's front door: frames and prompts in, candidates out, whichever model runs.

How prompts become tensors is in batching.py, which window is looked at in choice.py, how a window
is read and encoded in embedding.py and encoding.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, overload

import torch

from napari_cutout.sam.device import resolve_device, resolve_precision
from napari_cutout.sam.family import Dense
from napari_cutout.sam.loading import load_model
from napari_cutout.segment import batching, choice, windows
from napari_cutout.segment.cache import FeatureCache
from napari_cutout.segment.dense import FrameMaps, places, stitch
from napari_cutout.segment.embedding import Embedding, embed
from napari_cutout.segment.encoding import features_of
from napari_cutout.segment.intensity import IntensityMapping, as_mapping
from napari_cutout.segment.prediction import Prediction
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.store import EmbeddingStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cutout.sam.family import Family, Features, ModelInfo
    from napari_cutout.segment.windows import Window

CACHE_BYTES = 1 << 29


class Segmenter:
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

    def __init__(
        self,
        model: str | Path = "compact",
        *,
        device: str = "auto",
        precision: str = "auto",
        cache_bytes: int = CACHE_BYTES,
        store: Path | EmbeddingStore | None = None,
    ) -> None:
        where = resolve_device(device)
        how = resolve_precision(precision, where)
        family = load_model(model, where, how)
        storage = torch.float32 if precision == "float32" else torch.float16
        self._set_up(family, str(model), how, storage, cache_bytes, store)
        self.device = str(where)

    @classmethod
    def from_family(
        cls,
        family: Family,
        name: str,
        *,
        precision: str = "float32",
        cache_bytes: int = CACHE_BYTES,
        store: Path | EmbeddingStore | None = None,
    ) -> Segmenter:
        """A segmenter for a model that is already in memory and computes in ``precision``."""
        self = cls.__new__(cls)
        self.device = ""
        self._set_up(family, name, precision, torch.float16, cache_bytes, store)
        return self

    def _set_up(
        self,
        family: Family,
        name: str,
        precision: str,
        storage: torch.dtype,
        cache_bytes: int,
        store: Path | EmbeddingStore | None,
    ) -> None:
        self._family = family
        self._storage = storage
        self._precision = precision
        self.name = name
        self.cache = FeatureCache(cache_bytes)
        self.store = store

    def __repr__(self) -> str:
        return f"Segmenter({self.name!r}, precision={self._precision!r})"

    @property
    def info(self) -> ModelInfo:
        """The model's sizes."""
        return self._family.info

    @property
    def fingerprint(self) -> str:
        """A hash of the model's weights."""
        return self._family.fingerprint

    @property
    def store(self) -> EmbeddingStore | None:
        """Where feature maps of embeddings that are made from now on are kept besides."""
        return self._store

    @store.setter
    def store(self, store: Path | EmbeddingStore | None) -> None:
        if store is not None and not isinstance(store, EmbeddingStore):
            store = EmbeddingStore(store)
        self._store = store

    @property
    def can_dense(self) -> bool:
        """Whether the model finds all instances in one pass, see :meth:`dense`."""
        return isinstance(self._family, Dense)

    def encode(
        self,
        frame: object,
        intensity: str | tuple[float, float] | IntensityMapping = "percentile",
        window: Literal["whole"] | Window | None = None,
        *,
        store: EmbeddingStore | None = None,
    ) -> Embedding:
        """Make a frame ready to be prompted.

        Parameters
        ----------
        frame
            ``(rows, cols)``, or ``(rows, cols, 3 or 4)`` for RGB and RGBA; any real dtype. Or a
            :class:`.LazyFrame`, of which only what is looked at is read; an array that isn't in
            memory is taken as one where it has more than 8,192 x 8,192 pixels.
        intensity
            How intensities become 8 bits: ``"percentile"``, ``"dtype"``, ``"none"`` (uint8 as it
            is, as the reference implementation reads it), or ``(black, white)`` limits.
        window
            None: chosen for each prompt, so that a large frame isn't shrunk until its objects
            vanish. ``"whole"``: the whole frame, as the reference implementation does. Or one.
        store
            Where its feature maps are kept besides. None: where :attr:`store` says.

        Returns
        -------
        Embedding
            A frame that is taken whole is encoded now; windows of a larger one when asked for, or
            with :meth:`prepare`.

        Raises
        ------
        FrameError
            If the array isn't one frame.
        """
        made_by = (self._precision, str(self._storage), self._family.fingerprint)
        mapping, size = as_mapping(intensity), self.info.input_size
        embedding = embed(frame, mapping, made_by, size, self.store if store is None else store)
        fixed = choice.fixed(window, embedding.shape, size)
        if fixed is not None:
            embedding = replace(embedding, window=fixed)
            self._features(embedding, fixed)
        return embedding

    def prepare(self, embedding: Embedding, window: Window) -> None:
        """Encode a window before anything is asked of it.

        Parameters
        ----------
        embedding
            Of :meth:`encode` of this segmenter.
        window
            For example that of an answer in the frame before.

        Raises
        ------
        ValueError
            If it doesn't lie inside the frame.
        """
        self._features(embedding, choice.inside(window, embedding.shape))

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

    def dense(self, embedding: Embedding) -> FrameMaps:
        """The dense maps of a frame, or of the one window of an embedding.

        In one pass where that is encoded as a whole, else tile by tile with overlap.

        Raises
        ------
        TypeError
            If the model can't, see :attr:`can_dense`.
        TooLargeError
            If the frame is lazy, and the maps of all of it wouldn't fit into memory.
        """
        family = self._family
        if not isinstance(family, Dense):
            raise TypeError(f"{self.name} has no dense head; use the model 'compact'")
        pieces = (
            (embedding.grid(place), family.dense(self._features(embedding, place)))
            for place in places(embedding)
        )
        return stitch(pieces, embedding.window or windows.whole(embedding.shape))

    def _features(self, embedding: Embedding, window: Window) -> Features:
        return features_of(embedding, window, self._family, self._storage, self.cache)

    def _decode(
        self, embedding: Embedding, window: Window, prompts: list[Prompts], multimask: bool
    ) -> list[Prediction]:
        features, grid = self._features(embedding, window), embedding.grid(window)
        upscale = batching.upscaler(self._family, grid)
        shape, key = embedding.shape, embedding.key
        return [
            Prediction(scores, logits, window, shape, key, grid, upscale)
            for logits, scores in batching.decode(
                self._family, features, embedding, window, prompts, multimask
            )
        ]
