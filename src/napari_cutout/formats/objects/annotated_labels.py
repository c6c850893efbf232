"""Label images as annotated images, and the way back, in which overlaps are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import ndimage

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.frame_masks import boxed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Order = Literal["as listed", "large first"]

_FEW = 1 << 20
_LARGEST = int(np.iinfo(np.int64).max)


def of_labels(
    labels: NDArray[Any], file_name: str = "", frame: tuple[int, ...] = ()
) -> AnnotatedImage:
    """The objects of a label image, in the order of their ids.

    Parameters
    ----------
    labels
        ``(rows, cols)`` integers, 0 is background.
    file_name, frame
        See :class:`.AnnotatedImage`.

    Raises
    ------
    FormatError
        If they aren't labels.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.dtype.kind not in "biu":
        raise FormatError(f"labels are (rows, cols) integers, not {labels.shape} {labels.dtype}")
    if labels.dtype == bool:
        labels = labels.view(np.uint8)
    if labels.size and labels.min() < 0:
        raise FormatError(
            f"there are labels below 0 (down to {labels.min()}); give those objects ids from 1 on"
        )
    objects = tuple(
        AnnotatedObject(number, *boxed(inside, origin)) for number, inside, origin in _each(labels)
    )
    return AnnotatedImage(file_name, (labels.shape[0], labels.shape[1]), objects, frame)


def to_labels(
    image: AnnotatedImage, order: Order = "as listed", ids: tuple[int, ...] | None = None
) -> NDArray[Any]:
    """The objects of an image as labels.

    Where objects overlap the one that is painted later has the pixels; the other loses them.

    Parameters
    ----------
    image
        With its objects.
    order
        What is painted first: in the order of the file, or the largest, so that small objects on
        large ones show.
    ids
        What is painted; :func:`label_ids` when left out.

    Returns
    -------
    ndarray
        ``(rows, cols)`` int32, int64 where the ids need it.
    """
    numbers = label_ids(image) if ids is None else ids
    is_wide = max(numbers, default=0) > np.iinfo(np.int32).max
    labels = np.zeros(image.shape, np.int64 if is_wide else np.int32)
    places = list(range(len(image.objects)))
    if order == "large first":
        places = sorted(places, key=lambda place: -image.objects[place].area)
    for place in places:
        one = image.objects[place]
        labels[one.slices][one.mask.decode()] = numbers[place]
    return labels


def label_ids(image: AnnotatedImage) -> tuple[int, ...]:
    """The ids of the objects, if each has one of its own from 1 on; otherwise 1, 2, ..."""
    ids = tuple(one.id for one in image.objects)
    if len(set(ids)) == len(ids) and all(0 < number <= _LARGEST for number in ids):
        return ids
    return tuple(range(1, len(ids) + 1))


def _each(labels: NDArray[Any]) -> Iterator[tuple[int, NDArray[np.bool_], tuple[int, int]]]:
    """Each id with its pixels in their box, and where that is."""
    ids, numbered = np.arange(_FEW), labels
    if labels.max(initial=0) >= _FEW:
        # Consecutive numbers: ids may be larger than a list of all of them could be long.
        ids, numbered = np.unique(labels, return_inverse=True)
        numbered = numbered.reshape(labels.shape) + (ids[0] != 0)
        ids = ids if ids[0] == 0 else np.concatenate([[0], ids])
    boxes: Any = ndimage.find_objects(numbered.astype(np.int32, copy=False))
    for number, box in enumerate(boxes, 1):
        if box is not None:
            origin = box[0].start, box[1].start
            yield int(ids[number]), numbered[box] == number, origin
