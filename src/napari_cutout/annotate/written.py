"""Where labels hold something at all, told from what is stored of them and not from their pixels.

Of a zarr only chunks that were written are there; those of huge labels are few.
"""

from __future__ import annotations

import math
import sys
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    Box = tuple[slice, ...]

PIECE = 1 << 24
"""Pixels of a box, at most, where it isn't known which hold something."""


def written_boxes(labels: Any) -> Iterator[Box]:
    """Boxes outside of which labels are background.

    Parameters
    ----------
    labels
        An array of any kind.

    Yields
    ------
    tuple of slice
        They share no pixel. The chunks that are stored, of a zarr in memory or on disk; of other
        arrays, boxes that make up all of it.
    """
    shape = tuple(int(size) for size in labels.shape)
    if not math.prod(shape):
        return
    stored = _stored_chunks(labels)
    if stored is None:
        yield from _boxes(shape, _pieces(labels, shape))
        return
    sizes, places = stored
    for place in places:
        yield tuple(
            slice(at * size, min((at + 1) * size, whole))
            for at, size, whole in zip(place, sizes, shape, strict=True)
        )


def is_zarr(labels: Any) -> bool:
    """Whether labels are an array of zarr, which isn't imported to find out: that takes long."""
    # Nobody has an array of a zarr that a thread is in the middle of importing.
    kind = getattr(sys.modules.get("zarr"), "Array", None)
    return kind is not None and isinstance(labels, kind)


def _stored_chunks(labels: Any) -> tuple[tuple[int, ...], list[tuple[int, ...]]] | None:
    """The shape of what is stored in one piece, and the places of the pieces that are there."""
    if not is_zarr(labels) or labels.fill_value:
        return None
    from zarr.storage import LocalStore, MemoryStore

    from napari_cutout.annotate.series.zarr_labels import stored_keys

    store = labels.store
    if not isinstance(store, MemoryStore | LocalStore):
        return None
    sizes = tuple(labels.shards or labels.chunks)
    counts = [-(-whole // size) for whole, size in zip(labels.shape, sizes, strict=True)]
    keys, prefix = stored_keys(store), f"{labels.path}/" if labels.path else ""
    encode = labels.metadata.encode_chunk_key
    places = product(*map(range, counts))
    return sizes, [place for place in places if prefix + encode(place) in keys]


def _pieces(labels: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Rows and columns of whole chunks, and single planes, of about :data:`PIECE` pixels."""
    chunks = getattr(labels, "chunks", None)
    least = [1] * len(shape)
    if chunks:
        least = [min(max(int(np.max(size)), 1), n) for size, n in zip(chunks, shape, strict=True)]
    sizes = list(least)
    for axis in reversed(range(len(shape))):
        room = PIECE // max(math.prod(sizes), 1)
        sizes[axis] = min(shape[axis], sizes[axis] * max(room, 1))
    return tuple(sizes)


def _boxes(shape: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[Box]:
    firsts = [range(0, whole, size) for whole, size in zip(shape, sizes, strict=True)]
    for place in product(*firsts):
        yield tuple(
            slice(first, min(first + size, whole))
            for first, size, whole in zip(place, sizes, shape, strict=True)
        )
