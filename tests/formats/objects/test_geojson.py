"""GeoJSON: written and read, valid for shapely, in QuPath's words, from others."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from annotated_images import SHAPE, annotated, full, images, two_rectangles
from full_disk import full_disk
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.geojson import read_geojson, write_geojson

SQUARE = [[1, 1], [5, 1], [5, 4], [1, 4], [1, 1]]
INNER = [[2, 2], [4, 2], [4, 3], [2, 3], [2, 2]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("geojson")


def features(path):
    return json.loads(path.read_text())["features"]


def read(path, value, shape=None):
    path = path / "a.geojson"
    path.write_text(json.dumps(value))
    return read_geojson(path, shape)


def feature(kind="Polygon", coordinates=(SQUARE,), **properties):
    geometry = {"type": kind, "coordinates": list(coordinates)}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def as_kept(image):
    """What the format keeps of an image."""
    objects = tuple(
        replace(one, point=None, crop_box=None, is_crowd=False) for one in image.objects
    )
    return replace(image, file_name="", id=None, objects=objects)


@given(images(empty=False))
def test_objects_come_back_as_they_were(folder, image):
    write_geojson(folder / "a.geojson", [image])
    found = read_geojson(folder / "a.geojson", SHAPE)

    assert found == ([as_kept(image)] if image.objects else [])


@given(images())
def test_shapely_has_valid_geometries_of_the_same_area(folder, image):
    write_geojson(folder / "a.geojson", [image])
    geometries = [shapely.from_geojson(json.dumps(one)) for one in features(folder / "a.geojson")]

    assert all(one.is_valid for one in geometries)
    assert [one.area for one in geometries] == [one.area for one in image.objects if one.area]
    for geometry, one in zip(geometries, [o for o in image.objects if o.area], strict=True):
        rows, cols = np.nonzero(full(one))
        assert shapely.contains_xy(geometry, cols + 0.5, rows + 0.5).all()


@given(st.sets(st.integers(0, 3), min_size=2), st.integers(1, 2))
def test_frames_come_back(folder, places, axes):
    frames = [(place,) if axes == 1 else (place + 1, 2) for place in sorted(places)]
    several = [replace(two_rectangles(), frame=frame) for frame in frames]
    write_geojson(folder / "a.geojson", several)

    assert read_geojson(folder / "a.geojson", SHAPE) == [as_kept(one) for one in several]


def test_features_speak_as_qupath_does(folder):
    known = {"class_name": "cell", "score": 0.5, "measurements": (("mean", 3.5),)}
    image = replace(two_rectangles(**known), frame=(2, 4))
    write_geojson(
        folder / "a.geojson", [image], object_type="detection", colors={"cell": (255, 0, 7)}
    )
    first, second = features(folder / "a.geojson")

    assert first["properties"] == {
        "objectType": "detection",
        "classification": {"name": "cell", "color": [255, 0, 7]},
        "measurements": {"mean": 3.5, "area": 12, "score": 0.5},
        "metadata": {"id": "1"},
    }
    assert first["geometry"] == {
        "type": "Polygon",
        "coordinates": [[[6, 1], [6, 4], [2, 4], [2, 1], [6, 1]]],
        "plane": {"c": -1, "z": 4, "t": 2},
    }
    assert uuid.UUID(first["id"]) != uuid.UUID(second["id"])


def test_the_same_object_has_the_same_id(folder):
    write_geojson(folder / "a.geojson", [two_rectangles()])
    write_geojson(folder / "b.geojson", [two_rectangles()])

    assert features(folder / "a.geojson") == features(folder / "b.geojson")


def test_objects_of_several_pieces_are_one_feature(folder):
    image = AnnotatedImage("", SHAPE, (annotated(1, np.eye(3)),))
    write_geojson(folder / "a.geojson", [image])
    (found,) = features(folder / "a.geojson")

    assert found["geometry"]["type"] == "MultiPolygon"
    assert len(found["geometry"]["coordinates"]) == 3


def collected(features):
    return {"type": "FeatureCollection", "features": features}


@pytest.mark.parametrize("wrap", [list, lambda features: features[0], collected])
def test_features_are_read_alone_in_lists_and_in_collections(tmp_path, wrap):
    (image,) = read(tmp_path, wrap([feature()]))

    assert image.shape == (4, 5)
    assert image.objects[0].box == (1, 1, 3, 4)


def test_holes_and_parts_are_read(tmp_path):
    outer = [[8, 1], [9, 1], [9, 2], [8, 1]]
    parts = [[SQUARE, INNER], [outer]]
    (image,) = read(
        tmp_path,
        [feature(coordinates=(SQUARE, INNER)), feature("MultiPolygon", parts)],
        SHAPE,
    )

    assert [one.area for one in image.objects] == [10, 11]
    assert [one.id for one in image.objects] == [1, 2]


def test_vertices_between_pixels_and_outside_are_read(tmp_path):
    ring = [[-3, 0.6], [2.4, 0.6], [2.4, 30], [-3, 30]]
    (image,) = read(tmp_path, [feature(coordinates=(ring,))], (9, 11))

    assert image.objects[0].box == (1, 0, 8, 1)


def test_what_qupath_says_is_read(tmp_path):
    value = feature(
        classification={"names": ["Tumor", "Positive"]},
        measurements=[{"name": "score", "value": 0.5}, {"name": "mean", "value": "NaN"}],
        metadata={"id": "no number"},
        isLocked=True,
    ) | {"id": "PathAnnotationObject"}
    collection = {"type": "GeometryCollection", "geometries": [value["geometry"]]}
    (image,) = read(tmp_path, [value, feature() | {"geometry": collection, "properties": None}])
    first, second = image.objects

    assert (first.class_name, first.score, first.measurements) == ("Tumor: Positive", 0.5, ())
    assert (second.id, second.area, second.class_name) == (2, 12, "")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (feature("Point", [1, 2]), "a Point, which has no pixels"),
        (feature(coordinates=[[[1, 1], [2, 2]]]), "a ring is"),
        (feature(coordinates=[[[1, 1], [2, 2], ["x", 3]]]), "a ring is"),
        (feature(coordinates=[[[1, 1], [2, 2], [1e300, 3]]]), "a ring is"),
        (feature(coordinates=[7]), "a ring is"),
        (feature(classification={"name": 3}), "'name' of its classification is a text"),
        (feature(measurements={"mean": "high"}), "'mean' of its measurements is a number"),
        ({"type": "Feature", "geometry": None}, "its geometry is written as"),
        ("text", "a feature is written as"),
    ],
)
def test_a_wrong_feature_is_named(tmp_path, wrong, reason):
    with pytest.raises(FormatError, match=rf"a\.geojson: feature 1: .*{reason}"):
        read(tmp_path, [feature(), wrong])


@pytest.mark.parametrize("value", [{}, {"type": "Topology"}, "text", {"features": []}])
def test_other_files_are_refused(tmp_path, value):
    with pytest.raises(FormatError, match=r"a\.geojson: GeoJSON is .*which this is not"):
        read(tmp_path, value)


def test_a_collection_of_nothing_has_no_images(tmp_path):
    assert read(tmp_path, {"type": "FeatureCollection", "features": []}) == []


def test_frames_on_three_axes_are_refused_and_leave_no_file(tmp_path):
    with pytest.raises(FormatError, match="write fewer frames"):
        write_geojson(tmp_path / "a.geojson", [replace(two_rectangles(), frame=(1, 2, 3))])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.geojson"
    write_geojson(path, [two_rectangles()])
    before = path.read_bytes()
    with full_disk(), pytest.raises(FormatError, match="can't write"):
        write_geojson(path, [two_rectangles()] * 9)

    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])
