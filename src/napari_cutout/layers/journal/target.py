"""One labels layer that a journal follows: its entries in the layer's metadata, and its header."""

from __future__ import annotations

import contextlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from napari_cutout.formats.logs.log_entries import Header
from napari_cutout.layers.image.coordinates import between, layer_shape
from napari_cutout.layers.journal.start_copies import StartCopy, dtype_name
from napari_cutout.layers.target.pyramids import pixels_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.components import Dims
    from napari.layers import Image, Labels

    from napari_cutout.formats.logs.log_entries import ImageFacts, Numbers, Start

Json = dict[str, Any]

KEY = "napari-cutout"
"""Under which the entries are in the metadata of a labels layer."""

_SOFTWARE = ("napari-cutout", "torch", "napari", "numpy")


class JournalTarget:
    """A labels layer, as long as its data is the same array.

    Parameters
    ----------
    labels
        The layer.
    number
        Its number in the log.
    replaced
        Called with the event when the data is another array.
    copy
        Of what it held before, while that is to be written.
    """

    def __init__(
        self,
        labels: Labels,
        number: int,
        replaced: Callable[[Any], None],
        copy: StartCopy | None = None,
    ) -> None:
        self._labels: Labels | None = labels
        self.number, self.copy = number, copy
        self._data, self._replaced = _weak(pixels_of(labels)), replaced
        labels.events.data.connect(replaced)
        known = labels.metadata.get(KEY)
        # Not the same list: a copy of a layer has its metadata.
        self._entries: list[Json] = list(known) if isinstance(known, list) else []

    def is_of(self, labels: Labels) -> bool:
        """Whether it is this layer, with the array that it had."""
        return bool(self._labels == labels) and self._data() is pixels_of(labels)

    @property
    def labels(self) -> Labels | None:
        """The layer; None once it was let go of."""
        return self._labels

    def forget(self) -> None:
        """Let go of the layer."""
        if self._labels is not None:
            self._labels.events.data.disconnect(self._replaced)
            self._labels = None

    def add(self, entry: Json) -> None:
        """Keep an entry in the layer's metadata."""
        if self._labels is not None:
            self._entries.append(entry)
            self._labels.metadata[KEY] = self._entries


def header_for(
    labels: Labels,
    image: Image,
    dims: Dims,
    session: str,
    facts: ImageFacts,
    start: Start,
    replaces: int | None = None,
) -> Header:
    """The header of a labels layer, see :class:`.Header`."""
    data = pixels_of(labels)
    return Header(
        session,
        str(labels.name),
        tuple(int(size) for size in data.shape),
        dtype_name(data),
        facts,
        start,
        place_of(labels, image, dims),
        versions(),
        replaces,
    )


def place_of(labels: Labels, image: Image, dims: Dims) -> tuple[Numbers, ...] | None:
    """From the labels' data to the image's; None where their pixels are the same."""
    matrix = between(labels, image, dims)
    same = layer_shape(labels) == layer_shape(image)
    if same and np.allclose(matrix, np.eye(len(matrix)), atol=1e-6):
        return None
    return tuple(tuple(row) for row in matrix.tolist())


@cache
def versions() -> dict[str, str]:
    """Of the software that the log names. Reading them takes milliseconds, the first time."""
    found = {}
    for name in _SOFTWARE:
        with contextlib.suppress(PackageNotFoundError):
            found[name.replace("-", "_")] = version(name)
    return found


def _weak(data: Any) -> Callable[[], Any]:
    """The array, without keeping it alive where that can be."""
    try:
        return ref(data)
    except TypeError:
        return lambda: data
