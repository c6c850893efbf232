"""One feature of GeoJSON as an object. The file around it is in geojson.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.formats.objects.annotated import AnnotatedObject
from napari_cutout.formats.objects.filling import fill

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rings = tuple[NDArray[np.float64], ...]

_OURS = ("area", "score", "stability")
_FEWEST_POINTS = 3
_FARTHEST = 2**31


@dataclass(frozen=True, eq=False)
class ParsedFeature:
    """A feature before its pixels are known.

    Parameters
    ----------
    id, class_name, measurements
        See :class:`.AnnotatedObject`; of the measurements all.
    polygons
        The rings of each polygon, ``(N, 2)`` (x, y).
    plane
        (t, z).
    """

    id: int
    class_name: str
    measurements: dict[str, float]
    polygons: tuple[Rings, ...]
    plane: tuple[int, int]

    def masked(self, shape: tuple[int, int]) -> AnnotatedObject:
        """The object in an image of a shape; what lies outside is cut off."""
        mask, origin = fill(self.polygons, shape)
        others = tuple((k, v) for k, v in self.measurements.items() if k not in _OURS)
        score, stability = (self.measurements.get(name) for name in _OURS[1:])
        return AnnotatedObject(
            self.id, mask, origin, self.class_name, score, stability, measurements=others
        )


def object_from_feature(value: object, number: int) -> ParsedFeature:
    """A feature.

    Parameters
    ----------
    value
        As it was read.
    number
        Its id, where it doesn't say one.

    Raises
    ------
    FormatError
        If it can't be read, or has no area.
    """
    feature = Fields(value, "a feature")
    geometry = Fields(feature.get("geometry"), "its geometry")
    has_more = "properties" in feature
    properties = Fields(feature.get("properties") if has_more else {}, "its properties")
    return ParsedFeature(
        _id(properties, number),
        _class_name(properties),
        _measurements(properties),
        _polygons(geometry),
        _plane(geometry),
    )


def _polygons(geometry: Fields) -> tuple[Rings, ...]:
    kind = geometry.text("type")
    if kind == "Polygon":
        return (_rings(geometry.get("coordinates")),)
    if kind == "MultiPolygon":
        return geometry.each("coordinates", _rings)
    if kind == "GeometryCollection":
        parts = geometry.each("geometries", lambda one: _polygons(Fields(one, "its geometry")))
        return tuple(polygon for part in parts for polygon in part)
    raise FormatError(f"its geometry is a {kind}, which has no pixels; give a Polygon")


def _rings(value: object) -> Rings:
    rings = Fields({"coordinates": value}, "a polygon").each("coordinates", _ring)
    return tuple(rings)


def _ring(value: object) -> NDArray[np.float64]:
    try:
        ring = np.array([[point[0], point[1]] for point in _list(value)], float)
    except (TypeError, ValueError, IndexError, KeyError):
        ring = np.empty((0, 2))
    is_ring = len(ring) >= _FEWEST_POINTS and bool((np.abs(ring) < _FARTHEST).all())
    if not is_ring:
        raise FormatError(
            f"a ring is [[x, y], [x, y], [x, y], ...] in pixels, not {str(value)[:60]}"
        )
    return ring


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _plane(geometry: Fields) -> tuple[int, int]:
    if "plane" not in geometry:
        return 0, 0
    plane = Fields(geometry.get("plane"), "its plane")
    return _place(plane, "t"), _place(plane, "z")


def _place(plane: Fields, axis: str) -> int:
    return plane.whole(axis, 0) if axis in plane else 0


def _id(properties: Fields, number: int) -> int:
    if "metadata" not in properties:
        return number
    metadata = Fields(properties.get("metadata"), "its metadata")
    text = metadata.get("id") if "id" in metadata else ""
    is_number = isinstance(text, str) and text.isdecimal() and len(text) < 19
    return int(str(text)) if is_number else number


def _class_name(properties: Fields) -> str:
    if "classification" not in properties:
        return ""
    classification = Fields(properties.get("classification"), "its classification")
    if "names" in classification:
        return ": ".join(map(str, classification.each("names", lambda one: one)))
    return classification.text("name") if "name" in classification else ""


def _measurements(properties: Fields) -> dict[str, float]:
    """As QuPath writes them, an object; before its version 0.4, a list of names and values."""
    if "measurements" not in properties:
        return {}
    value = properties.get("measurements")
    if isinstance(value, list):
        pairs = [Fields(one, "a measurement") for one in value]
        value = {one.text("name"): one.get("value") for one in pairs}
    found = Fields(value, "its measurements")
    assert isinstance(value, dict)
    # QuPath writes what couldn't be measured as NaN.
    return {name: found.number(name) for name in value if _is_finite(value[name])}


def _is_finite(value: object) -> bool:
    is_missing = value is None or value == "NaN"
    return not is_missing and (not isinstance(value, float) or bool(np.isfinite(value)))
