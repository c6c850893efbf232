"""Making frames ready to be asked with one model: which it is, and what it has encoded.

What is asked of an embedding is in segmenter.py; how a window is read and encoded is in
embedding.py and encoding.py.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, Self

import torch

from napari_cutout.sam.device import resolve_device
from napari_cutout.sam.loading import load_model
from napari_cutout.sam.threads import bring_torch
from napari_cutout.segment import choice
from napari_cutout.segment.cache import FeatureCache
from napari_cutout.segment.embedding import Embedding, embed, for_model
from napari_cutout.segment.encoding import features_of
from napari_cutout.segment.errors import OutOfMemoryError
from napari_cutout.segment.intensity import IntensityMapping, as_mapping
from napari_cutout.segment.memory import Memory
from napari_cutout.segment.store import EmbeddingStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_cutout.sam.family import Family, Features, ModelInfo
    from napari_cutout.segment.windows import Window

CACHE_BYTES = 1 << 29


class FrameEncoder:
    """A segmenter as far as frames become embeddings. See :class:`.Segmenter`."""

    def __init__(
        self,
        model: str | Path = "compact",
        *,
        device: str = "auto",
        precision: str = "auto",
        cache_bytes: int = CACHE_BYTES,
        store: Path | EmbeddingStore | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        bring_torch()
        where = resolve_device(device)
        family = load_model(model, where, precision)
        how = family.info.precision if precision == "auto" else precision
        storage = torch.float32 if precision == "float32" else torch.float16
        on_cpu = None
        if where.type != "cpu":
            on_cpu = partial(_on_cpu, model, how, family.fingerprint)
        self._set_up(str(model), how, storage, cache_bytes, store)
        self._memory = Memory(family, str(where), on_cpu, self.cache.to_host, say)

    @classmethod
    def from_family(
        cls,
        family: Family,
        name: str,
        *,
        precision: str = "float32",
        cache_bytes: int = CACHE_BYTES,
        store: Path | EmbeddingStore | None = None,
        on_cpu: Callable[[], Family] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> Self:
        """A segmenter for a model that is already in memory and computes in ``precision``.

        Parameters
        ----------
        family, name
            The model, and what it is called.
        precision
            That it computes in.
        cache_bytes, store, say
            See :class:`.Segmenter`.
        on_cpu
            Gives the same model on the CPU, for when its device has too little memory. None:
            there is none.
        """
        self = cls.__new__(cls)
        self._set_up(name, precision, torch.float16, cache_bytes, store)
        self._memory = Memory(family, "", on_cpu, self.cache.to_host, say)
        return self

    def _set_up(
        self,
        name: str,
        precision: str,
        storage: torch.dtype,
        cache_bytes: int,
        store: Path | EmbeddingStore | None,
    ) -> None:
        self._storage = storage
        self._precision = precision
        self.name = name
        self.cache = FeatureCache(cache_bytes)
        self.store = store

    def __repr__(self) -> str:
        return f"Segmenter({self.name!r}, precision={self._precision!r})"

    @property
    def device(self) -> str:
        """Where it computes; the CPU, too, once another device had too little memory."""
        return self._memory.device

    @property
    def info(self) -> ModelInfo:
        """The model's sizes; its notes say, too, what is done since memory didn't suffice."""
        info = self._memory.family.info
        return replace(info, notes=(*info.notes, *self._memory.notes))

    @property
    def model(self) -> Family:
        """The model itself, for what asks it in its own way."""
        return self._memory.family

    @property
    def memory(self) -> Memory:
        """The model, and how much may be asked of it at once, for what asks it in its own way."""
        return self._memory

    @property
    def fingerprint(self) -> str:
        """A hash of the model's weights."""
        return self._memory.family.fingerprint

    @property
    def store(self) -> EmbeddingStore | None:
        """Where feature maps of embeddings that are made from now on are kept besides."""
        return self._store

    @store.setter
    def store(self, store: Path | EmbeddingStore | None) -> None:
        if store is not None and not isinstance(store, EmbeddingStore):
            store = EmbeddingStore(store)
        self._store = store

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
        mapping, size = as_mapping(intensity), self.info.input_size
        store = self.store if store is None else store
        embedding = embed(frame, mapping, self.made_by, size, store)
        fixed = choice.fixed(window, embedding.shape, size)
        if fixed is not None:
            embedding = replace(embedding, window=fixed)
            self.features(embedding, fixed)
        return embedding

    def reread(self, embedding: Embedding) -> Embedding:
        """The frame of another segmenter's embedding, ready to be prompted with this model.

        Parameters
        ----------
        embedding
            Of any model; its pixels are used as they are, and the window that it has.
        """
        return for_model(embedding, self.made_by, self.info.input_size)

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
        self.features(embedding, choice.inside(window, embedding.shape))

    def features(self, embedding: Embedding, window: Window) -> Features:
        """What the image encoder makes of a window: from the cache or the store, or made now.

        Raises
        ------
        OutOfMemoryError
            If there isn't memory for it, on the CPU either.
        """
        return features_of(embedding, window, self._memory, self._storage, self.cache)

    @property
    def made_by(self) -> tuple[str, ...]:
        """The precision, that of what is kept, and the weights: what answers depend on."""
        return self._precision, str(self._storage), self.fingerprint


def _on_cpu(model: str | Path, precision: str, fingerprint: str) -> Family:
    """The same model again, where there is memory."""
    family = load_model(model, "cpu", precision)
    if family.fingerprint != fingerprint:
        raise OutOfMemoryError(
            f"the weights of {str(model)!r} were replaced since they were loaded, so that the CPU "
            "can't go on with the same model; load it anew"
        )
    return family
