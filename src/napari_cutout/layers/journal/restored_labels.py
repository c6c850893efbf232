"""Labels that a log is about, made again: their arrays, and the layers that show them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.replay import Replayed, check_labels, empty_labels, header_of, replay
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.logs.log_json import entry_to_json
from napari_cutout.formats.logs.start_copy import read_start
from napari_cutout.layers.image.coordinates import layer_shape, placing, world_matrix
from napari_cutout.layers.journal.target import KEY
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.target.targets import labels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari import Viewer
    from napari.components import Dims
    from napari.layers import Image, Labels

    from napari_cutout.formats.logs.log_entries import Entry, Header


def replay_here(section: Sequence[Entry], folder: Path, note: Callable[[str], None]) -> Replayed:
    """What a section of a log comes to, with what the labels held before where that is found.

    Parameters
    ----------
    section
        See :func:`.sections`.
    folder
        Of the log.
    note
        Takes what couldn't be found, in words.
    """
    header = header_of(section)
    try:
        start, out = _start(header, folder)
    except FormatError as error:
        note(f"{header.layer!r} has only what was done since the log began: {error}")
        start, out = None, empty_labels(header.shape, header.dtype)
    return replay(section, start, out)


def restored_layer(pixels: Any, section: Sequence[Entry], image: Image, dims: Dims) -> Labels:
    """A layer of restored labels, placed on the image as it was, with its log in the metadata.

    Parameters
    ----------
    pixels
        The labels, as :func:`.levels_of` gives them.
    section
        Of the log that is about them.
    image, dims
        Where they lie.
    """
    header = header_of(section)
    metadata: dict[str, Any] = {KEY: [entry_to_json(entry) for entry in section]}
    options = _placing(header, image, dims)
    return labels_of(pixels, name=header.layer, metadata=metadata, **options)


def add_on(viewer: Viewer, labels: Labels, image: Image) -> None:
    """Add a layer right above the image, so that prompts stay in sight, and keep the selection."""
    layers = viewer.layers
    with keeping_selection(viewer):
        viewer.add_layer(labels)
        layers.move(len(layers) - 1, layers.index(image) + 1)


def _start(header: Header, folder: Path) -> tuple[Any, Any]:
    """What the labels held before, or the array that holds it; neither where it was nothing."""
    start = header.start
    if start.kind == "empty":
        return None, None
    if start.kind == "copy":
        return read_start(folder / Path(start.path).name, header.shape, header.dtype), None
    if start.kind == "unknown":
        raise FormatError("what it held before wasn't kept")
    path = Path(start.path)
    stored = open_image(path).data
    check_labels(stored, header)
    if not path.is_dir():
        return np.asarray(stored), None
    import zarr

    return None, zarr.open_array(path, mode="r+")


def _placing(header: Header, image: Image, dims: Dims) -> dict[str, Any]:
    if header.place is None:
        if header.shape == layer_shape(image):
            return placing(image, dims)
        return {}
    axes = len(header.shape)
    matrix = world_matrix(image, dims) @ np.array(header.place)
    shared = min(axes, image.ndim)
    affine = np.eye(axes + 1)
    affine[axes - shared :] = matrix[-1 - shared :]
    units = dims.units
    if units is None or len(units) < axes:
        return {"affine": affine}
    return {"affine": affine, "units": tuple(units[-axes:])}
