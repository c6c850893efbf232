"""The Labels layer that objects are committed to: making one, and finding a frame in one.

Writing is next door, in writing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, frame_slices, sliced_axes
from napari_cutout.annotate.replay import empty_labels
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.image.coordinates import (
    apply,
    between,
    displayed_axes,
    frame_shape,
    in_data,
    layer_shape,
    placing,
)
from napari_cutout.layers.target.pyramids import (
    MARK,
    empty_pyramid,
    is_foreign,
    pixels_of,
    pyramid_over,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import Dims
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.image.coordinates import Matrix

DTYPE = "int32"

LARGEST_SHOWN = 1 << 28
"""Pixels of a plane above which labels are shown as a pyramid: of one resolution, napari reads all
of the plane and colours it, in some 16 bytes a pixel."""
_NEAR = 1e-3


@dataclass(frozen=True)
class TargetFrame:
    """Where a frame of an image lies in a Labels layer.

    Parameters
    ----------
    index
        The frame in the labels.
    offset
        ``(row, col)`` of the image frame's first pixel in it.
    shape
        ``(rows, cols)`` of the labels' frame.
    """

    index: FrameIndex
    offset: tuple[int, int]
    shape: tuple[int, int]

    def crop(
        self, mask: NDArray[np.bool_], origin: tuple[int, int]
    ) -> tuple[NDArray[np.bool_], tuple[int | slice, ...]]:
        """A mask of the image's frame, given in its box, and where it goes in the labels.

        Pixels outside the labels are cut off.
        """
        kept, places = [], []
        for start, shift, length, size in zip(
            origin, self.offset, mask.shape, self.shape, strict=True
        ):
            first, last = max(start + shift, 0), min(start + shift + length, size)
            kept.append(slice(first - start - shift, max(last, first) - start - shift))
            places.append(slice(first, max(last, first)))
        return mask[tuple(kept)], frame_slices(self.index, places)


def new_labels(
    image: Image, dims: Dims, name: str | None = None, pixels: Any | None = None
) -> Labels:
    """An empty Labels layer of the image's full shape, lying on it. It isn't added to a viewer.

    Parameters
    ----------
    image, dims
        Where it lies.
    name
        Default: :func:`default_name`.
    pixels
        What :func:`empty_pixels` gave for the image's shape, where that was asked already.
    """
    pixels = empty_pixels(layer_shape(image)) if pixels is None else pixels
    return labels_of(pixels, name=name or default_name(image), **placing(image, dims))


def empty_pixels(shape: tuple[int, ...]) -> Any:
    """Labels that hold nothing, for :func:`labels_of`; made in any thread.

    Up to 1 GiB they are a numpy array; beyond, a zarr array in memory, of which only chunks that
    were written take room. Where :func:`can_be_shown` says no, they are a pyramid of them: napari
    shows it, and its brushes can't be used.
    """
    return empty_labels(shape, DTYPE) if can_be_shown(shape) else empty_pyramid(shape, DTYPE)


def levels_of(full: Any) -> Any:
    """What shows labels that are there: themselves, or their levels where they are too large.

    O(what they hold) for those, and best done in a thread.

    Parameters
    ----------
    full
        The labels at full resolution.

    Returns
    -------
    array or list of arrays
        For :func:`labels_of`.
    """
    return full if can_be_shown(full.shape) else pyramid_over(full)


def labels_of(pixels: Any, **options: Any) -> Labels:
    """A Labels layer; it isn't added to a viewer.

    Parameters
    ----------
    pixels
        Labels of one resolution, or a list of the levels of a pyramid of ours: they become a layer
        that objects are committed to, and napari's brushes aren't.
    options
        Of the layer, as napari takes them.
    """
    from napari.layers import Labels

    if not isinstance(pixels, list):
        return Labels(pixels, **options)
    metadata = {**options.pop("metadata", {}), MARK: True}
    return Labels(pixels, multiscale=True, metadata=metadata, **options)


def default_name(image: Image) -> str:
    """What new labels of an image are called."""
    return f"objects of {image.name}"


def can_be_shown(shape: Sequence[int]) -> bool:
    """Whether napari can show labels of one resolution without using up the memory."""
    rows, cols = sorted(shape)[-2:]
    return int(rows) * int(cols) <= LARGEST_SHOWN


def check_writable(labels: Labels) -> None:
    """Refuse a layer that can't be written.

    Raises
    ------
    TargetError
        If it can't, with what to do.
    """
    name = labels.name
    if is_foreign(labels):
        raise TargetError(
            f"{name!r} is a pyramid, which napari can't edit; choose labels of one resolution, "
            "or 'New labels'"
        )
    if not labels.editable and not labels.multiscale:
        raise TargetError(f"{name!r} is not editable; set layer.editable = True, or choose others")
    data = pixels_of(labels)
    read_only = getattr(data, "read_only", False)
    if isinstance(data, np.ndarray):
        read_only = not data.flags.writeable
    if read_only:
        raise TargetError(
            f"the data of {name!r} is read-only; open it for writing, or choose 'New labels'"
        )


def find_frame(labels: Labels, image: Image, index: FrameIndex, dims: Dims) -> TargetFrame:
    """Where a frame of the image lies in the labels, pixel for pixel.

    Labels may have fewer or more axes than the image, and be smaller or larger.

    Raises
    ------
    TargetError
        If their pixels aren't the image's, with what to do.
    """
    shift = labels.ndim - image.ndim
    axes = tuple(axis + shift for axis in frame_axes(index))
    if axes != displayed_axes(labels.ndim, dims):
        raise _of_other_axes(labels)
    return frame_at(labels, image, index, between(image, labels, dims))


def frame_at(labels: Labels, image: Image, index: FrameIndex, matrix: Matrix) -> TargetFrame:
    """The same, whatever the viewer shows.

    Parameters
    ----------
    labels, image, index
        See :func:`find_frame`.
    matrix
        From the image's data to the labels', see :func:`.between`.
    """
    shift = labels.ndim - image.ndim
    axes = [axis + shift for axis in frame_axes(index)]
    if min(axes) < 0:
        raise _of_other_axes(labels)
    linear = matrix[np.ix_(axes, frame_axes(index))]
    rows, cols = frame_shape(image, index)
    corners = apply(matrix, in_data([[0, 0], [rows - 1, cols - 1]], index))
    offset = corners[0, axes]
    drift = np.abs(linear - np.eye(2)).max() * max(rows, cols)
    if drift > 0.5 or np.abs(offset - np.round(offset)).max() > _NEAR + drift:
        raise TargetError(
            f"the pixels of {labels.name!r} aren't those of {image.name!r}: they differ in scale, "
            "rotation or by a part of a pixel; choose labels made for this image, or 'New labels'"
        )
    sizes = layer_shape(labels)
    position = np.round(corners[0]).astype(int)
    found = tuple(None if axis in axes else int(at) for axis, at in enumerate(position))
    for axis in sliced_axes(found):
        at = found[axis]
        if at is None or not 0 <= at < sizes[axis]:
            raise TargetError(
                f"{labels.name!r} has positions 0 to {sizes[axis] - 1} on axis {axis}, and the "
                f"frame is at {at}; choose labels of the image's shape, or 'New labels'"
            )
    return TargetFrame(
        found,
        (int(position[axes[0]]), int(position[axes[1]])),
        (sizes[axes[0]], sizes[axes[1]]),
    )


def _of_other_axes(labels: Labels) -> TargetError:
    return TargetError(
        f"{labels.name!r} has {labels.ndim} axes, and not those that the frame lies along; "
        "choose labels of the image's shape, or 'New labels'"
    )
