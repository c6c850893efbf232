"""The planes of labels with those of their image, one at a time, as frames to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from skimage.measure import label as connected_components

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.label_pixels import is_mask
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.train.data.matching import Pixels, matched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Planes:
    """Labels and their image, read plane by plane.

    Parameters
    ----------
    pixels
        The image, in the frames of the labels.
    labels
        ``(..., rows, cols)`` integers of any kind of array.
    """

    pixels: Pixels
    labels: Any

    @classmethod
    def of(
        cls,
        image: Any,
        labels: Any,
        name: str,
        channel: int | None = None,
        channels_last: bool | None = None,
    ) -> Planes:
        """An image with its labels; see :func:`.matched`.

        Raises
        ------
        FormatError
            If they don't match, or the labels aren't such.
        """
        if np.dtype(labels.dtype).kind not in "biu" or len(labels.shape) < 2:
            raise FormatError(
                f"{name}: labels are (..., rows, cols) integers, not {tuple(labels.shape)} "
                f"{labels.dtype}"
            )
        return cls(matched(image, labels.shape, name, channel, channels_last), labels)

    def frames(self, name: str) -> Iterator[LabelledFrame]:
        """The planes in their order; of those without objects no pixel of the image is read.

        Raises
        ------
        FormatError
            If one can't be read.
        """
        labels = Pixels(self.labels, tuple(range(len(self.labels.shape))), None, name)
        for place in np.ndindex(*self.labels.shape[:-2]):
            index = (*place, None, None)
            numbered = numbers(labels.frame(index), name)
            if numbered.any():
                yield LabelledFrame(plane_name(name, place), self.pixels.frame(index), numbered)
            else:
                yield without_objects(plane_name(name, place))


def without_objects(name: str) -> LabelledFrame:
    """What stands for a frame that holds no object: no pixels and no labels."""
    return LabelledFrame(name, np.zeros((0, 0), np.uint8), np.zeros((0, 0), np.int32))


def plane_name(name: str, place: Sequence[int]) -> str:
    """The name of a plane: with its place behind that of its stack."""
    return f"{name}[{','.join(map(str, place))}]" if len(place) else name


def numbers(labels: NDArray[Any], name: str) -> NDArray[np.int32]:
    """The ids of a frame as 1, 2, ..., so that counting them takes no more than there are.

    A mask, which is true or 255 on all objects, is taken apart into connected pieces.

    Raises
    ------
    FormatError
        If there are ids below 0.
    """
    if labels.dtype.kind == "b":
        return _pieces(labels)
    values, places = np.unique(labels, return_inverse=True)
    if values.size and values[0] < 0:
        raise FormatError(f"{name}: labels are 0 for background and above, not {values[0]}")
    if is_mask(values):
        return _pieces(labels != 0)
    return np.asarray(places.reshape(labels.shape) + (values[:1] != 0).any(), np.int32)


def _pieces(mask: NDArray[Any]) -> NDArray[np.int32]:
    return np.asarray(connected_components(mask), np.int32)  # type: ignore[no-untyped-call]
