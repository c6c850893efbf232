"""What a peer found, as objects: most give a label image, and no scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def label_objects(labels: ArrayLike) -> Objects:
    """The objects of a label image.

    Parameters
    ----------
    labels
        ``(rows, cols)`` integers, 0 is background; ids may be any.

    Returns
    -------
    Objects
        With a score and a stability of 1, as nothing is known of them.
    """
    given: Any = np.asarray(labels)
    values, numbers = np.unique(given, return_inverse=True)
    numbers = numbers.reshape(given.shape) + int((values[:1] != 0).any())
    shape = (int(given.shape[0]), int(given.shape[1]))
    found = []
    for number, place in enumerate(ndimage.find_objects(numbers), 1):
        mask = numbers[place] == number
        origin = (place[0].start, place[1].start)
        found.append(FoundObject(Rle.encode(mask), origin, 1.0, 1.0, whole(shape)))
    return Objects(tuple(found), shape)
