"""Labels of OME-Zarr from napari's Open, as a Labels layer that lies where its image does.

How they are read is in formats/objects/ome_labels_reading.py, and their tracks, where there are
any, in output_tracks.py. Images are left to other readers, and so are zarrs of other names: napari
asks which reader to take wherever two might do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.objects.ome_labels_reading import is_ome_labels, read_ome_labels
from napari_cutout.layers.files.output_tracks import tracks_layer_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.layers.files.annotated_layers import LayerData


def get_label_zarr_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """What reads a zarr, for napari; None for one that isn't labels, and for several."""
    if isinstance(path, list) or not is_ome_labels(Path(path)):
        return None
    return read_label_zarr


def read_label_zarr(path: str | Path) -> list[LayerData]:
    """The layers of labels of OME-Zarr; pixels are read when they are shown, or for tracks.

    Parameters
    ----------
    path
        The folder of the labels.

    Returns
    -------
    list of (data, dict, str)
        One Labels layer with the scale and the axes' names of the labels, multiscale where they
        have several levels, and with a row of features for each id of which something is known.
        Where ``napari-cutout stack`` linked them over time, also a Tracks layer with its graph.

    Raises
    ------
    FormatError
        If they can't be read.
    """
    found = read_ome_labels(path)
    options: dict[str, Any] = {
        "name": found.name.removesuffix(".zarr"),
        "scale": found.scale,
        "axis_labels": found.axes,
    }
    if found.properties:
        rows = [{"index": number, **known} for number, known in found.properties.items()]
        names = dict.fromkeys(name for row in rows for name in row)
        options["features"] = {name: [row.get(name) for row in rows] for name in names}
    data = found.levels if len(found.levels) > 1 else found.levels[0]
    tracks = tracks_layer_of(found, options)
    return [(data, options, "labels"), *([] if tracks is None else [tracks])]
