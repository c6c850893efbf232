"""The features of a window: found in memory or in the store, or else encoded, and kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from napari_cutout.sam.family import Family, Features
    from napari_cutout.segment.cache import FeatureCache
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.windows import Window


def features_of(
    embedding: Embedding,
    window: Window,
    family: Family,
    storage: torch.dtype,
    cache: FeatureCache,
) -> Features:
    """The features of a window, whose pixels are read only if they aren't in memory.

    Parameters
    ----------
    embedding, window
        What is looked at.
    family
        The model.
    storage
        The one precision that feature maps have from birth.
    cache
        Where they are kept.
    """
    known = embedding.known_key(window)
    found = None if known is None else cache.find(known)
    if found is not None:
        return found
    # What is read again may have changed: it is looked for by what it is now.
    pixels = embedding.read(window)

    def make() -> Features:
        # Grad mode belongs to a thread, and inference-mode tensors could not be trained on.
        with torch.no_grad():
            return _stored(family.encode(torch.from_numpy(pixels)), storage)

    return cache.get(embedding.remember(window, pixels), make, embedding.store)


def _stored(features: Features, dtype: torch.dtype) -> Features:
    return replace(features, maps={name: value.to(dtype) for name, value in features.maps.items()})
