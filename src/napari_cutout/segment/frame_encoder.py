"""Making frames ready to be asked with one model: which it is, and what it has encoded.

What is asked of an embedding is in segmenter.py; how a window is read and encoded is in
embedding.py and encoding.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self

import torch

from napari_cutout.sam.device import resolve_device, resolve_precision
from napari_cutout.sam.loading import load_model
from napari_cutout.segment import choice
from napari_cutout.segment.cache import FeatureCache
from napari_cutout.segment.embedding import Embedding, embed, for_model
from napari_cutout.segment.encoding import features_of
from napari_cutout.segment.intensity import IntensityMapping, as_mapping
from napari_cutout.segment.store import EmbeddingStore

if TYPE_CHECKING:
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
    ) -> Self:
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
    def model(self) -> Family:
        """The model itself, for what asks it in its own way."""
        return self._family

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
        embedding = embed(frame, mapping, self._made_by, size, store)
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
        return for_model(embedding, self._made_by, self.info.input_size)

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
        """What the image encoder makes of a window: from the cache or the store, or made now."""
        return features_of(embedding, window, self._family, self._storage, self.cache)

    @property
    def _made_by(self) -> tuple[str, ...]:
        return self._precision, str(self._storage), self._family.fingerprint
