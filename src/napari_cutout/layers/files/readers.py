"""SA-1B and COCO from napari's Open: the image where it is found, and its objects as labels.

Which formats there are, and how they are read, is in formats/.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.objects.annotated_labels import label_ids, to_labels
from napari_cutout.formats.objects.coco import open_coco
from napari_cutout.formats.objects.image_beside import find_image
from napari_cutout.formats.objects.json_kind import json_kind
from napari_cutout.formats.objects.sa1b import read_sa1b
from napari_cutout.layers.files.tables import features_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cutout.formats.images import StoredImage
    from napari_cutout.formats.objects.annotated import AnnotatedImage
    from napari_cutout.formats.objects.coco import CocoFile

    LayerData = tuple[Any, dict[str, Any], str]

_COLOURS = (3, 4)


def get_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """What reads a file, for napari; None for JSON of other kinds, and for several files."""
    if isinstance(path, list) or json_kind(Path(path)) is None:
        return None
    return read_layers


def read_layers(path: str | Path, first: int | None = None) -> list[LayerData]:
    """The layers of a file of SA-1B or COCO.

    Parameters
    ----------
    path
        The JSON.
    first
        How many images of COCO's are opened. Left out, there must be one, or the frames of one
        stack.

    Returns
    -------
    list of (data, dict, str)
        For each image an Image layer, if its file is found, and a Labels layer with a row of
        features for each object. Large objects are painted first, so that those on them show;
        pixels that several share belong to the last. Overlaps are kept by the file alone.

    Raises
    ------
    FormatError
        If it can't be read, holds several images and nobody said how many, or an image has
        another size than the file says.
    """
    path = Path(path)
    if json_kind(path) == "sa1b":
        return layers_of(path, [read_sa1b(path)])
    coco = open_coco(path)
    if not coco.images:
        raise FormatError(f"{path} holds no image")
    if _is_stack(coco):
        return layers_of(path, [coco.read(place) for place in range(len(coco.images))])
    count = len(coco.images)
    if first is None and count > 1:
        raise FormatError(
            f"{path} holds {count} images, and one is opened at a time; in Python "
            "napari_cutout.layers.files.readers.read_layers(path, first=N) gives the first of them"
        )
    opened = range(min(count if first is None else first, count))
    return [layer for place in opened for layer in layers_of(path, [coco.read(place)])]


def _is_stack(coco: CocoFile) -> bool:
    """Whether the images are frames of one: of one name and size, each at a place of its own."""
    images = coco.images
    places = {image.frame for image in images}
    one = {(image.file_name, image.shape, len(image.frame)) for image in images}
    return len(one) == 1 and len(places) == len(images) and () not in places


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
        As :func:`read_layers` gives them.

    Raises
    ------
    FormatError
        If the image can't be read, or has another size.
    """
    image_path = find_image(path, images[0].file_name) or find_image(path)
    stored = None if image_path is None else open_image(image_path)
    leading = tuple(np.max([image.frame for image in images], axis=0).astype(int) + 1)
    if stored is not None:
        leading = _checked(stored, images[0], leading)
    return [*([] if stored is None else [_image(stored)]), _labels(path, images, leading)]


def _checked(
    stored: StoredImage, image: AnnotatedImage, leading: tuple[int, ...]
) -> tuple[int, ...]:
    """The lengths of the leading axes of the image's file, which has to go with its objects."""
    shape = stored.shape
    count = len(leading) + 2
    has_channels = stored.channels_last or (
        stored.channels_last is None and len(shape) == count + 1 and shape[-1] in _COLOURS
    )
    spatial = shape[:-1] if has_channels else shape
    fits = len(spatial) == count and spatial[-2:] == image.shape
    if not fits or any(have < need for have, need in zip(spatial, leading, strict=False)):
        raise FormatError(
            f"{stored.path} has shape {shape}, but its objects are those of an image of "
            f"{(*leading, *image.shape)}; put the right image there, or take this one away"
        )
    return spatial[:-2]


def _image(stored: StoredImage) -> LayerData:
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
