"""Which image a layer shows, in words that another session can compare. Reads a few pixels."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.logs.log_entries import ImageFacts
from napari_cutout.layers.image.coordinates import layer_shape

if TYPE_CHECKING:
    from napari.layers import Image

_SAMPLED = 4096


def facts_of(image: Image) -> ImageFacts:
    """Which image a layer shows.

    Parameters
    ----------
    image
        Any Image layer. Its path is what the layer says it was read from, the file that its data
        is mapped from, or ``metadata["path"]``.
    """
    data: Any = image.data[0] if image.multiscale else image.data
    path = image.source.path
    if path is None and isinstance(data, np.memmap):
        path = data.filename
    if path is None:
        # Set by the library's own readers, which aren't napari's.
        path = image.metadata.get("path")
    return ImageFacts(
        str(image.name),
        _absolute(str(path)) if path is not None else "",
        layer_shape(image),
        str(data.dtype),
        fingerprint(data),
    )


def fingerprint(data: Any) -> str:
    """A hash of the shape, the dtype and a few pixels of an array in memory; of others, empty.

    So that an image without a path is known again, and channels of one file are told apart.
    """
    if not isinstance(data, np.ndarray) or not data.size or _is_mapped(data):
        return ""
    places = np.unique(np.linspace(0, data.size - 1, _SAMPLED).round().astype(np.int64))
    pixels = data[np.unravel_index(places, data.shape)]
    digest = hashlib.blake2b(f"{data.shape} {data.dtype}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).tobytes())
    return digest.hexdigest()


def is_same(logged: ImageFacts, image: ImageFacts) -> bool:
    """Whether a log is about an image.

    With a path it is the same file of the same shape, and one layer of it: the name or the pixels
    are the same. Without, all of the name, the shape, the dtype and the pixels.
    """
    if logged.path != image.path or logged.shape != image.shape:
        return False
    same_name = logged.name == image.name
    same_pixels = (logged.dtype, logged.fingerprint) == (image.dtype, image.fingerprint)
    return same_name or same_pixels if logged.path else same_name and same_pixels


def _is_mapped(data: object) -> bool:
    """Whether an array is a file's, of which each pixel could mean a movement of the disk."""
    while isinstance(data, np.ndarray):
        if isinstance(data, np.memmap):
            return True
        data = data.base
    return False


def _absolute(path: str) -> str:
    """Paths of this machine are made absolute; addresses stay what they are."""
    return path if "://" in path else os.path.abspath(path)
