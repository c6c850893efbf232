"""Images with their objects as layers of napari: an Image layer, and Labels with features.

Who reads the files, and when, is in readers.py, outline_readers.py and browsing.py.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.objects.annotated_labels import label_ids, to_labels
from napari_cutout.formats.objects.image_beside import find_image
from napari_cutout.layers.files.tables import features_of
from napari_cutout.layers.target.targets import can_be_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.formats.images import StoredImage
    from napari_cutout.formats.objects.annotated import AnnotatedImage

    LayerData = tuple[Any, dict[str, Any], str]

_COLOURS = (3, 4)


def layers_of(path: Path, images: Sequence[AnnotatedImage]) -> list[LayerData]:
    """The layers of an image with its objects, or of the frames of a stack.

    Parameters
    ----------
    path
        Of the file of annotations, beside which the image is looked for.
    images
        One image; or frames of one file, which become one layer together.

    Returns
    -------
    list of (data, dict, str)
        As :func:`.read_layers` gives them.

    Raises
    ------
    FormatError
        If the image can't be read, has no pixel, or has another size.
    """
    stored = _stored(path, images[0])
    leading = tuple(np.max([image.frame for image in images], axis=0).astype(int) + 1)
    return layers_with(path, images, stored, leading)


def frame_layers(path: Path, image: AnnotatedImage) -> list[LayerData]:
    """The layers of one image with its objects; of one in a stack, its frame alone.

    Parameters
    ----------
    path
        Of the file of annotations, beside which the image is looked for.
    image
        With its objects.

    Returns
    -------
    list of (data, dict, str)
        As :func:`.read_layers` gives them, the labels ``(rows, cols)``. The name of a frame has its
        place behind it.

    Raises
    ------
    FormatError
        If the image can't be read, has no pixel, or has another size.
    """
    if not image.frame:
        return layers_of(path, [image])
    stored = _stored(path, image)
    if stored is not None:
        frames = stored.shape[: len(image.frame)]
        if len(stored.shape) < len(image.frame) + 2 or any(np.less_equal(frames, image.frame)):
            raise FormatError(
                f"{stored.path} has shape {stored.shape}, and no frame {list(image.frame)}; put "
                "the right image there, or take this one away"
            )
        stored = replace(stored, data=np.asarray(stored.data[image.frame]))
    place = f" [{', '.join(map(str, image.frame))}]"
    layers = layers_with(path, [replace(image, frame=())], stored)
    return [
        (data, options | {"name": options["name"] + place}, kind) for data, options, kind in layers
    ]


def layers_with(
    path: Path,
    images: Sequence[AnnotatedImage],
    stored: StoredImage | None,
    leading: tuple[int, ...] = (),
) -> list[LayerData]:
    """The layers of an image that is open already, or of none, with its objects.

    Parameters
    ----------
    path, images
        As for :func:`layers_of`.
    stored
        The image; None where it isn't known.
    leading
        The lengths of the axes before those of a frame, at least.

    Raises
    ------
    FormatError
        If the image has no pixel, or another size, or is too large for labels to be shown.
    """
    rows, cols = images[0].shape
    if not rows * cols:
        raise FormatError(
            f"{path}: an image of {rows} rows and {cols} columns has no pixel to be shown"
        )
    if not can_be_shown((rows, cols)):
        raise FormatError(
            f"{path}: labels of {rows:,} x {cols:,} pixels are too large for napari to show; "
            "outline objects on smaller pieces of the image"
        )
    if stored is not None:
        leading = _checked(stored, images[0], leading)
    return [*([] if stored is None else [image_layer(stored)]), _labels(path, images, leading)]


def spatial_shape(stored: StoredImage, leading: int = 0) -> tuple[int, ...]:
    """The shape of an image without its channels.

    Parameters
    ----------
    stored
        The image.
    leading
        How many axes it has before rows and columns, for a file that doesn't say which axis is
        that of colours.
    """
    shape, count = stored.shape, leading + 2
    has_channels = stored.channels_last or (
        stored.channels_last is None and len(shape) == count + 1 and shape[-1] in _COLOURS
    )
    return shape[:-1] if has_channels else shape


def _stored(path: Path, image: AnnotatedImage) -> StoredImage | None:
    found = find_image(path, image.file_name) or find_image(path)
    return None if found is None else open_image(found)


def _checked(
    stored: StoredImage, image: AnnotatedImage, leading: tuple[int, ...]
) -> tuple[int, ...]:
    """The lengths of the leading axes of the image's file, which has to go with its objects."""
    shape, count = stored.shape, len(leading) + 2
    spatial = spatial_shape(stored, len(leading))
    if stored.data.dtype.kind not in "biuf":
        raise FormatError(f"{stored.path} holds {stored.data.dtype}, and images hold numbers")
    fits = len(spatial) == count and spatial[-2:] == image.shape
    if not fits or any(have < need for have, need in zip(spatial, leading, strict=False)):
        raise FormatError(
            f"{stored.path} has shape {shape}, but its objects are those of an image of "
            f"{(*leading, *image.shape)}; put the right image there, or take this one away"
        )
    return spatial[:-2]


def image_layer(stored: StoredImage) -> LayerData:
    """The Image layer of a file, named after it."""
    options: dict[str, Any] = {
        "name": stored.path.stem,
        "metadata": {"path": str(stored.path)},
        "rgb": stored.channels_last,
    }
    if stored.channels_last and stored.shape[-1] not in _COLOURS:
        options |= {"rgb": False, "channel_axis": -1}
    return stored.data, options, "image"


def _labels(path: Path, images: Sequence[AnnotatedImage], leading: tuple[int, ...]) -> LayerData:
    first = images[0]
    objects = [one for image in images for one in image.objects]
    if leading:
        ids = tuple(one.id for one in objects)
        data = np.zeros((*leading, *first.shape), np.int32)
        for image in images:
            frame = to_labels(image, "large first", tuple(one.id for one in image.objects))
            data = data.astype(np.promote_types(data.dtype, frame.dtype), copy=False)
            data[image.frame] = frame
    else:
        ids = label_ids(first)
        data = to_labels(first, "large first", ids)
    table = features_of(objects, ids, first.shape)
    metadata = {"path": str(path), "file_name": first.file_name, "image_id": first.id}
    name = f"{Path(first.file_name).stem or path.stem} objects"
    return data, {"name": name, "features": table, "metadata": metadata}, "labels"
