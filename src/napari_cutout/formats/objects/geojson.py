"""Polygons as GeoJSON, a feature for each object, in the words of QuPath.

Vertices are (x, y) in pixel corners, along the edges of the pixels, so that reading gives exactly
the pixels that were written. In a stack the plane of QuPath's images says which frame it is.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.json_files import dumps, named, read_json, write_text
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.features_json import object_from_feature
from napari_cutout.formats.objects.outlines import outlines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Rgb = tuple[int, int, int]

ObjectType = Literal["annotation", "detection"]

# Features of the same object get the same id, whenever they are written.
_SPACE = uuid.UUID("5f7c1a52-3f0e-4b57-9a52-1d7cb0b6a3c4")
_AXES = ("t", "z")


def write_geojson(
    path: str | Path,
    images: Iterable[AnnotatedImage],
    *,
    object_type: ObjectType = "annotation",
    colors: Mapping[str, Rgb] | None = None,
) -> None:
    """Write the outlines of objects.

    Parameters
    ----------
    path
        A ``.geojson``; replaced in one step when it is there.
    images
        An image, or the frames of a stack along (z) or (t, z), with their objects. Objects without
        a pixel have no outline and are left out.
    object_type
        What QuPath makes of them: annotations can be edited, detections be many.
    colors
        RGB of classes, 0 to 255.

    Raises
    ------
    FormatError
        If it can't be written, or a frame has more than two leading axes.
    """
    write_text(Path(path), _pieces(images, object_type, colors or {}))


def read_geojson(path: str | Path, shape: tuple[int, int] | None = None) -> list[AnnotatedImage]:
    """Read polygons as masks: of every pixel whose centre is inside.

    Parameters
    ----------
    path
        A feature collection, a list of features, or one. Polygons and what consists of them are
        read; a point or a line has no pixels and is refused.
    shape
        ``(rows, cols)`` of the image, which the file doesn't know. Left out, the smallest that
        holds all vertices.

    Returns
    -------
    list of AnnotatedImage
        One for each plane that has objects, in order. The file name is empty.

    Raises
    ------
    FormatError
        If the file can't be read, isn't GeoJSON, or a feature is wrong; it is named.
    """
    path = Path(path)
    value = read_json(path)
    with named(path):
        features = _features(value)
        parsed = []
        for place, feature in enumerate(features):
            with named(f"feature {place}"):
                parsed.append(object_from_feature(feature, place + 1))
        shape = shape or _smallest(rings for one in parsed for rings in one.polygons)
        planes: dict[tuple[int, ...], list[AnnotatedObject]] = {}
        for one in parsed:
            planes.setdefault(one.plane, []).append(one.masked(shape))
        is_stack = any(plane != (0, 0) for plane in planes)
        has_time = any(plane[0] for plane in planes)
        return [
            AnnotatedImage("", shape, tuple(planes[plane]), _frame(plane, is_stack, has_time))
            for plane in sorted(planes)
        ]


def _frame(plane: tuple[int, ...], is_stack: bool, has_time: bool) -> tuple[int, ...]:
    if not is_stack:
        return ()
    return plane if has_time else plane[1:]


def _pieces(
    images: Iterable[AnnotatedImage], object_type: str, colors: Mapping[str, Rgb]
) -> Iterator[str]:
    yield '{"type":"FeatureCollection","features":['
    is_first = True
    for image in images:
        plane = _plane(image)
        for one in image.objects:
            if one.area:
                feature = _feature(one, image, object_type, colors)
                feature["geometry"] |= plane
                yield ("\n" if is_first else ",\n") + dumps(feature)
                is_first = False
    yield "\n]}\n"


def _plane(image: AnnotatedImage) -> dict[str, Any]:
    if len(image.frame) > len(_AXES):
        raise FormatError(
            f"GeoJSON of QuPath knows frames along z and t, not {list(image.frame)} of "
            f"{image.file_name}; write fewer frames"
        )
    if not image.frame:
        return {}
    places = dict(zip(_AXES[-len(image.frame) :], image.frame, strict=True))
    return {"plane": {"c": -1, "z": places["z"], "t": places.get("t", 0)}}


def _feature(
    one: AnnotatedObject, image: AnnotatedImage, object_type: str, colors: Mapping[str, Rgb]
) -> dict[str, Any]:
    properties: dict[str, Any] = {"objectType": object_type}
    if one.class_name:
        color = colors.get(one.class_name)
        properties["classification"] = {"name": one.class_name} | (
            {} if color is None else {"color": list(color)}
        )
    measurements = {"area": one.area, "score": one.score, "stability": one.stability}
    known = {name: value for name, value in measurements.items() if value is not None}
    properties["measurements"] = dict(one.measurements) | known
    properties["metadata"] = {"id": str(one.id)}
    name = "/".join([image.file_name, *map(str, image.frame), str(one.id)])
    return {
        "type": "Feature",
        "id": str(uuid.uuid5(_SPACE, name)),
        "geometry": _geometry(one),
        "properties": properties,
    }


def _geometry(one: AnnotatedObject) -> dict[str, Any]:
    polygons = [
        [[*ring.tolist(), ring[0].tolist()] for ring in polygon.rings]
        for polygon in outlines(one.mask.decode(), one.origin)
    ]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _features(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "FeatureCollection" and isinstance(value.get("features"), list):
        return list(value["features"])
    if kind == "Feature":
        return [value]
    raise FormatError(
        'GeoJSON is {"type": "FeatureCollection", "features": [...]}, which this is not'
    )


def _smallest(polygons: Iterable[Any]) -> tuple[int, int]:
    far = [ring.max(axis=0) for rings in polygons for ring in rings]
    x, y = np.ceil(np.max(far, axis=0)) if far else (0, 0)
    return max(int(y), 0), max(int(x), 0)
