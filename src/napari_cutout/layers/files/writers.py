"""Labels in napari's Save as COCO, SA-1B, GeoJSON, ROIs, OME-Zarr and a table.

Which formats there are, and how they are written, is in formats/.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated_labels import of_labels
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.geojson import write_geojson
from napari_cutout.formats.objects.imagej_roi import write_rois
from napari_cutout.formats.objects.objects_csv import write_objects_csv
from napari_cutout.formats.objects.ome_labels import write_ome_labels
from napari_cutout.formats.objects.sa1b import write_sa1b
from napari_cutout.layers.files.errors import SaveError
from napari_cutout.layers.files.tables import described, rows_of
from napari_cutout.layers.target.class_colors import class_color

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from napari_cutout.formats.objects.annotated import AnnotatedImage

    Layers = list[tuple[Any, dict[str, Any], str]]

_AXES = "tczyx"


def save_coco(path: str, layers: Layers) -> list[str]:
    """Write a Labels layer as COCO has instances; frames of a stack are images of one name."""
    return _saved(path, (".json",), lambda place: write_coco(place, _images(layers)))


def save_sa1b(path: str, layers: Layers) -> list[str]:
    """Write a Labels layer of one frame as SA-1B has an image."""

    def write(place: Path) -> None:
        images = list(islice(_images(layers), 2))
        if not images:
            raise FormatError("these labels have no frame, and SA-1B holds one")
        # A frame among others keeps its place, and is refused by the format with what to do.
        write_sa1b(place, images[0] if len(images) > 1 else replace(images[0], frame=()))

    return _saved(path, (".json",), write)


def save_geojson(path: str, layers: Layers) -> list[str]:
    """Write the outlines of a Labels layer as polygons that QuPath reads."""
    names = sorted({row["class"] for row in _rows(layers).values() if _has_class(row)})
    colors = {name: _rgb(place) for place, name in enumerate(names)}
    return _saved(
        path,
        (".geojson", ".json"),
        lambda place: write_geojson(place, _images(layers), colors=colors),
    )


def save_rois(path: str, layers: Layers) -> list[str]:
    """Write the outlines of a Labels layer as ROIs that Fiji reads."""
    return _saved(path, (".zip",), lambda place: write_rois(place, _images(layers)))


def save_table(path: str, layers: Layers) -> list[str]:
    """Write what is known of the objects of a Labels layer as CSV."""
    return _saved(path, (".csv",), lambda place: write_objects_csv(place, list(_images(layers))))


def save_ome_zarr(path: str, layers: Layers) -> list[str]:
    """Write a Labels layer as OME-Zarr; into the image's, where that is what is at the path."""
    data, options = _labels(layers)
    names = tuple(options.get("axis_labels") or ())
    order = [_AXES.find(name) for name in names]
    are_known = -1 not in order and order == sorted(set(order))
    name = str(options.get("name") or "labels").replace("/", "_").replace("\\", "_").lstrip(".")

    def write(place: Path) -> None:
        write_ome_labels(
            place,
            data,
            name or "labels",
            axes=names if are_known and len(names) == data.ndim else None,
            scale=options.get("scale"),
            units=[str(unit) for unit in options.get("units") or ()] or None,
            properties={n: _plain(row) for n, row in _rows(layers).items() if n > 0},
        )

    return _saved(path, (".zarr",), write)


def _saved(path: str, suffixes: tuple[str, ...], write: Callable[[Path], object]) -> list[str]:
    """Write to a path that ends as the format wants it; what the person typed stays in front."""
    place = Path(path)
    if not place.name.lower().endswith(suffixes):
        place = place.with_name(place.name + suffixes[0])
    try:
        write(place)
    except FormatError as error:
        raise SaveError(str(error)) from error
    return [str(place)]


def _labels(layers: Layers) -> tuple[Any, dict[str, Any]]:
    data, options = next((data, options) for data, options, kind in layers if kind == "labels")
    return (data[0] if options.get("multiscale") else data), options


def _rows(layers: Layers) -> dict[int, dict[str, Any]]:
    features = _labels(layers)[1].get("features")
    return {} if features is None else rows_of(features)


def _images(layers: Layers) -> Iterator[AnnotatedImage]:
    """The frames of the labels, one after the other, with what their features say."""
    data, options = _labels(layers)
    rows, name = _rows(layers), _file_name(layers)
    number = options.get("metadata", {}).get("image_id")
    leading = tuple(int(length) for length in data.shape[:-2])
    for frame in np.ndindex(leading):
        pixels = np.asarray(data[frame] if frame else data)
        image = described(of_labels(pixels, name, frame), rows)
        is_one = not leading and isinstance(number, int)
        yield replace(image, id=number) if is_one else image


def _file_name(layers: Layers) -> str:
    """Of the image: as its annotations were read, of its layer, or the name of the labels."""
    options = _labels(layers)[1]
    known = options.get("metadata", {}).get("file_name")
    if isinstance(known, str) and known:
        return known
    images: Iterable[dict[str, Any]] = (one for _, one, kind in layers if kind == "image")
    for image in images:
        path = image.get("metadata", {}).get("path")
        return PurePath(path).name if isinstance(path, str) else str(image.get("name") or "")
    return str(options.get("name") or "")


def _has_class(row: dict[str, Any]) -> bool:
    return isinstance(row.get("class"), str) and bool(row["class"])


def _rgb(place: int) -> tuple[int, int, int]:
    red, green, blue, _ = class_color(place)
    return round(red * 255), round(green * 255), round(blue * 255)


def _plain(row: dict[str, Any]) -> dict[str, object]:
    """A row as JSON has it: numbers of numpy as Python's, what JSON has no word for as text."""
    found: dict[str, object] = {}
    for name, value in row.items():
        plain = value.item() if isinstance(value, np.generic) else value
        is_json = isinstance(plain, str | bool | int) or (
            isinstance(plain, float) and bool(np.isfinite(plain))
        )
        if name != "index":
            found[name] = plain if is_json else str(plain)
    return found
