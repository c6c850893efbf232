"""A labelled piece of a layer: pixels that are read when they are needed, and a copy of its labels.

The labels are those of the moment when the layer was looked through: who goes on correcting
changes nothing of what is being learned. Looking through a layer is in layer_pair.py.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.segment.intensity import to_levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.segment import IntensityMapping

    Box = tuple[slice, slice]

_FASTEST = 1


@dataclass(frozen=True, eq=False)
class KeptLabels:
    """Labels that take little room: most of their pixels are like their neighbours.

    Parameters
    ----------
    packed
        What they were made into.
    shape, dtype
        Of the labels.
    """

    packed: bytes = field(repr=False)
    shape: tuple[int, int]
    dtype: str

    @classmethod
    def of(cls, labels: NDArray[np.integer]) -> KeptLabels:
        """A copy of labels ``(rows, cols)``. O(pixels)."""
        plain = np.ascontiguousarray(labels)
        rows, cols = plain.shape
        return cls(zlib.compress(plain.tobytes(), _FASTEST), (rows, cols), plain.dtype.str)

    def read(self) -> NDArray[np.integer]:
        """The labels, to be looked at only."""
        return np.frombuffer(zlib.decompress(self.packed), self.dtype).reshape(self.shape)


@dataclass(frozen=True, eq=False)
class Piece:
    """A frame of an image, or a box of a large one, with its objects. Read in any thread.

    Parameters
    ----------
    name
        Of the image, with the frame and the box behind it where there are several.
    plane
        What is sliced for the pixels, ``(rows, cols)`` or ``(rows, cols, channels)``.
    box
        The rows and columns of the plane that are meant.
    kept
        The labels of the box.
    objects
        How many there are in it.
    mapping
        How intensities become 0 to 255. None: whoever learns from it maps each frame by its own
        percentiles, as sessions do unless they are told otherwise.
    """

    name: str
    plane: Any = field(repr=False)
    box: Box
    kept: KeptLabels
    objects: int
    mapping: IntensityMapping | None = None

    def frames(self) -> Iterator[LabelledFrame]:
        """The one frame that it is.

        Raises
        ------
        FormatError
            If its pixels can't be read.
        """
        yield LabelledFrame(self.name, self._pixels(), self.kept.read())

    def cut(self, name: str, box: Box) -> Piece | None:
        """A part of it, in pixels of the piece; None where no object is left.

        Of an object that is cut less than a quarter counts as none.
        """
        whole = self.kept.read()
        labels = np.array(whole[box])
        ids, areas = np.unique(labels, return_counts=True)
        every = dict(zip(*np.unique(whole, return_counts=True), strict=True))
        slivers = [one for one, area in zip(ids, areas, strict=True) if area < every[one] / 4]
        labels[np.isin(labels, slivers)] = 0
        count = len(np.setdiff1d(ids, [0, *slivers]))
        if not count:
            return None
        rows, cols = (
            slice(own.start + part.start, own.start + part.stop)
            for own, part in zip(self.box, box, strict=True)
        )
        kept = KeptLabels.of(labels)
        return replace(self, name=name, box=(rows, cols), kept=kept, objects=count)

    def _pixels(self) -> NDArray[Any]:
        try:
            pixels = np.asarray(self.plane[self.box])
        except MemoryError:
            raise
        except Exception as error:  # back ends raise whatever they like
            reason = " ".join(str(error).split()) or type(error).__name__
            raise FormatError(f"the pixels of {self.name} can't be read: {reason}") from error
        if self.mapping is not None:
            return to_levels(pixels, self.mapping)
        return pixels[..., :3] if pixels.ndim == 3 else pixels
