"""The features of a window: found in memory or in the store, or else encoded, and kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.sam.undisturbed import undisturbed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.sam.family import Family, Features
    from napari_cutout.segment.cache import FeatureCache
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.memory import Memory
    from napari_cutout.segment.windows import Window


def features_of(
    embedding: Embedding,
    window: Window,
    memory: Memory,
    storage: torch.dtype,
    cache: FeatureCache,
) -> Features:
    """The features of a window, whose pixels are read only if they aren't in memory.

    Parameters
    ----------
    embedding, window
        What is looked at.
    memory
        The model, and how many pixels it may be given. Where there are more, it is given fewer of
        the same window: it would make as many of them itself, and nothing is lost from sight.
    storage
        The one precision that feature maps have from birth.
    cache
        Where they are kept.

    Raises
    ------
    OutOfMemoryError
        If there isn't memory for it, on the CPU either.
    """
    shape = embedding.grid(window).shape
    wanted, least = max(shape), _least(memory.family, shape)
    known = embedding.known_key(window)
    if known is not None:
        found = cache.find(_key(known, wanted, memory.at_once("pixels", wanted, least)))
        if found is not None:
            return found
    # What is read again may have changed: it is looked for by what it is now.
    pixels = embedding.read(window)
    key = embedding.remember(window, pixels)

    def call(family: Family, size: int) -> Features:
        def make() -> Features:
            given = torch.from_numpy(_with_fewer(pixels, size))
            # Modes belong to a thread, and inference-mode tensors could not be trained on.
            with undisturbed():
                features = family.encode(given)
                # Prompts and answers are in the pixels of the window all the same.
                return _stored(replace(features, pixel_size=shape), storage)

        return cache.get(_key(key, wanted, size), make, embedding.store)

    return memory.fit("pixels", wanted, call, least)


def _least(family: Family, shape: tuple[int, int]) -> int:
    """The long side of the fewest pixels of which the network's input would be no smaller."""
    size, answer = shape, family.logits_size(shape)
    while True:
        half = -(-size[0] // 2), -(-size[1] // 2)
        if max(half) < family.info.input_size or family.logits_size(half) != answer:
            return max(size)
        size = half


def _key(key: str, wanted: int, size: int) -> str:
    """What stands for the features of so many of the pixels that stand behind a key."""
    return key if size == wanted else f"{key}-{size}"


def _with_fewer(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Means of two by two pixels ``(h, w, 3)``, as often as it takes for the long side."""
    while max(pixels.shape[:2]) > side:
        odd = [(0, length % 2) for length in pixels.shape[:2]]
        if pixels.shape[0] % 2 or pixels.shape[1] % 2:
            pixels = np.pad(pixels, [*odd, (0, 0)], mode="edge")
        total = np.full((pixels.shape[0] // 2, pixels.shape[1] // 2, 3), 2, np.uint16)
        for row in (0, 1):
            for col in (0, 1):
                total += pixels[row::2, col::2]
        pixels = (total // 4).astype(np.uint8)
    return pixels


def _stored(features: Features, dtype: torch.dtype) -> Features:
    return replace(features, maps={name: value.to(dtype) for name, value in features.maps.items()})
