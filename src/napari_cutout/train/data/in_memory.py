"""Labelled frames that are in memory already, as the layers of a viewer are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.train.data.labelled_data import LabelledData
from napari_cutout.train.data.planes import Planes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from napari_cutout.formats.labelled import LabelledFrame


@dataclass(frozen=True, eq=False)
class Arrays:
    """An image and its labels.

    Parameters
    ----------
    name
        See :class:`.LabelledSource`.
    planes
        Of both.
    """

    name: str
    planes: Planes

    def frames(self) -> Iterator[LabelledFrame]:
        """See :class:`.LabelledSource`."""
        return self.planes.frames(self.name)


def from_arrays(pairs: Iterable[tuple[str, Any, Any]]) -> LabelledData:
    """Labelled frames of arrays.

    Parameters
    ----------
    pairs
        A name, an image ``(..., rows, cols)`` or ``(..., rows, cols, 3)``, and its labels
        ``(..., rows, cols)``, integers with 0 for background. Arrays of any kind; planes of stacks
        are read when they are asked for.

    Raises
    ------
    FormatError
        If an image and its labels don't match.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.zeros((3, 40, 50), np.uint8)
    >>> labels[1, 5:15, 5:15] = 1
    >>> data = from_arrays([("cells", labels * 200, labels)])
    >>> [frame.name for frame in data.frames()]
    ['cells[1]']
    >>> data.summary().without_objects
    2
    """
    return LabelledData(
        tuple(Arrays(name, Planes.of(image, labels, name)) for name, image, labels in pairs)
    )
