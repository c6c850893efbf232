"""SA-1B and COCO from napari's Open: the image where it is found, and its objects as labels.

Which formats there are, and how they are read, is in formats/; the layers are made in
annotated_layers.py, and those of outlines of other programs are read in outline_readers.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.coco import open_coco
from napari_cutout.formats.objects.json_kind import json_kind
from napari_cutout.formats.objects.sa1b import read_sa1b
from napari_cutout.layers.files.annotated_layers import layers_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.formats.objects.coco import CocoFile
    from napari_cutout.layers.files.annotated_layers import LayerData


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
