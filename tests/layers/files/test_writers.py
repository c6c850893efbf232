"""Labels saved from napari, as by File > Save: with a path, and with the writer of a dialog."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import roifile
import shapely
from hypothesis import given, settings
from napari.components import ViewerModel
from npe2 import PluginManager

from annotated_images import SHAPE, images, two_rectangles
from napari_cutout.formats.objects.annotated_labels import of_labels, to_labels
from napari_cutout.formats.objects.coco import open_coco
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.geojson import read_geojson
from napari_cutout.formats.objects.imagej_reading import read_rois
from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels
from napari_cutout.formats.objects.sa1b import read_sa1b, write_sa1b
from napari_cutout.layers.files.errors import SaveError

PLUGIN = "napari-cutout"
LABELS = to_labels(two_rectangles())


@pytest.fixture
def viewer():
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    return ViewerModel()


@pytest.fixture
def labels(viewer):
    """Labels 1 and 7 with features of theirs, and one of somebody who isn't there."""
    table = pd.DataFrame(
        {
            "index": [7, 1, 9],
            "class": ["cell", "", "cell"],
            "predicted_iou": [0.5, np.nan, 0.1],
            "stability": [0.75, 0.25, 0.1],
            "roundness": [np.nan, 3.5, 1.0],
            "comment": ["good", None, ""],
        }
    )
    return viewer.add_labels(LABELS, name="cells", features=table)


def dialog(viewer, name):
    """The writer that napari's dialog has for an entry of its list of formats."""
    kinds = [layer._type_string for layer in viewer.layers.selection]
    writers = PluginManager.instance().iter_compatible_writers(kinds)
    (found,) = (one for one in writers if one.display_name == name)
    return found


def pixels(image):
    """The objects of an image, and nothing of what is known of them."""
    return of_labels(to_labels(image)).objects


EXPECTED = of_labels(LABELS).objects


def test_json_is_coco(labels, tmp_path):
    assert labels.save(str(tmp_path / "a.json"), plugin=PLUGIN) == [str(tmp_path / "a.json")]
    image = open_coco(tmp_path / "a.json").read(0)
    first, second = image.objects

    assert (image.file_name, image.shape, pixels(image)) == ("cells", SHAPE, EXPECTED)
    assert (second.id, second.class_name, second.score, second.stability) == (7, "cell", 0.5, 0.75)
    assert (first.id, first.class_name, first.score, first.stability) == (1, "", None, 0.25)


def test_sa1b_json_is_sa1b(labels, tmp_path):
    labels.save(str(tmp_path / "a.sa1b.json"), plugin=PLUGIN)

    assert pixels(read_sa1b(tmp_path / "a.sa1b.json")) == EXPECTED


@pytest.mark.parametrize(
    ("name", "typed", "saved", "read"),
    [
        ("COCO instances", "a", "a.json", lambda path: open_coco(path).read(0)),
        ("COCO instances", "a.coco.json", "a.coco.json", lambda path: open_coco(path).read(0)),
        ("SA-1B", "a.json", "a.json", read_sa1b),
        ("SA-1B", "a.v2", "a.v2.json", read_sa1b),
        ("GeoJSON for QuPath", "a", "a.geojson", lambda path: read_geojson(path, SHAPE)[0]),
        ("ROIs for ImageJ and Fiji", "a", "a.zip", lambda path: read_rois(path, SHAPE)[0]),
    ],
)
def test_the_dialog_takes_the_format_that_was_chosen(viewer, labels, tmp_path, name, typed, saved,
                                                     read):  # fmt: skip
    viewer.layers.selection = {labels}
    writer = dialog(viewer, name)
    written = viewer.layers.save(str(tmp_path / typed), selected=True, _writer=writer)

    assert written == [str(tmp_path / saved)]
    assert pixels(read(tmp_path / saved)) == EXPECTED


def test_geojson_has_classes_with_colours_and_measurements(labels, tmp_path):
    labels.save(str(tmp_path / "a.geojson"), plugin=PLUGIN)
    first, second = json.loads((tmp_path / "a.geojson").read_text())["features"]

    assert shapely.from_geojson(json.dumps(first)).area == 11
    assert "classification" not in first["properties"]
    assert first["properties"]["measurements"] == {"roundness": 3.5, "area": 11, "stability": 0.25}
    assert second["properties"]["classification"] == {"name": "cell", "color": [0, 114, 178]}


def test_zip_is_rois(labels, tmp_path):
    labels.save(str(tmp_path / "a.zip"), plugin=PLUGIN)
    names = [roi.properties["id"] for roi in roifile.roiread(tmp_path / "a.zip")]

    assert names == [1, 7]


def test_csv_is_a_table(labels, tmp_path):
    labels.save(str(tmp_path / "a.csv"), plugin=PLUGIN)
    _, *rows = csv.reader((tmp_path / "a.csv").read_text().splitlines())

    assert [row[1:4] for row in rows] == [["1", "", "11"], ["7", "cell", "20"]]


def test_ome_zarr_has_place_and_features(viewer, tmp_path):
    table = pd.DataFrame({"index": [1], "class": ["cell"], "area": [12], "score": [np.nan]})
    layer = viewer.add_labels(
        LABELS[None], name="a/b", scale=(2, 0.5, 0.5), units=("um",) * 3, features=table,
        axis_labels=("t", "y", "x"),
    )  # fmt: skip
    layer.save(str(tmp_path / "a.ome.zarr"), plugin=PLUGIN)
    found = read_ome_labels(tmp_path / "a.ome.zarr")

    assert (found.axes, found.scale) == (("t", "y", "x"), (2, 0.5, 0.5))
    assert (found.levels[0][0] == LABELS).all()
    assert found.properties == {1: {"class": "cell", "area": 12}}


def test_the_image_that_is_saved_with_them_gives_its_name(viewer, labels, tmp_path):
    viewer.add_image(np.zeros(SHAPE), name="shown", metadata={"path": "/data/field.tif"})
    viewer.layers.save(str(tmp_path / "a.json"), plugin=PLUGIN)

    assert open_coco(tmp_path / "a.json").read(0).file_name == "field.tif"


@pytest.mark.parametrize("make", [np.array, lambda data: da.from_array(data, chunks=(1, 4, 5))])
def test_frames_of_a_stack_are_saved_and_opened_again(viewer, tmp_path, make):
    stack = np.stack([LABELS, np.zeros_like(LABELS), LABELS * 2])
    viewer.add_labels(make(stack), name="stack").save(str(tmp_path / "a.json"), plugin=PLUGIN)
    (back,) = viewer.open(str(tmp_path / "a.json"), plugin=PLUGIN)

    assert (back.data == stack).all()
    assert back.features["index"].tolist() == [1, 7, 2, 14]


def test_frames_of_a_stack_have_their_slices(viewer, tmp_path):
    layer = viewer.add_labels(np.stack([LABELS, LABELS]), name="stack")
    layer.save(str(tmp_path / "a.zip"), plugin=PLUGIN)
    layer.save(str(tmp_path / "a.geojson"), plugin=PLUGIN)

    assert [one.frame for one in read_rois(tmp_path / "a.zip")] == [(0,), (1,)]
    assert [one.frame for one in read_geojson(tmp_path / "a.geojson")] == [(0,), (1,)]


def test_sa1b_takes_one_frame(viewer, tmp_path):
    one = viewer.add_labels(LABELS[None], name="one")
    one.save(str(tmp_path / "a.sa1b.json"), plugin=PLUGIN)

    assert pixels(read_sa1b(tmp_path / "a.sa1b.json")) == EXPECTED
    two = viewer.add_labels(np.stack([LABELS, LABELS]), name="two")
    with pytest.raises(SaveError, match="one image a file"):
        two.save(str(tmp_path / "b.sa1b.json"), plugin=PLUGIN)


def test_what_can_not_be_saved_says_why(viewer, tmp_path):
    labels = viewer.add_labels(-LABELS)

    for name in ("a.json", "a.sa1b.json", "a.geojson", "a.zip", "a.csv", "a.ome.zarr"):
        with pytest.raises(SaveError, match="labels below 0"):
            labels.save(str(tmp_path / name), plugin=PLUGIN)
    assert list(tmp_path.iterdir()) == []


def test_of_a_pyramid_the_finest_level_is_saved(viewer, tmp_path):
    layer = viewer.add_labels([LABELS, LABELS[::2, ::2]], multiscale=True, name="pyramid")
    layer.save(str(tmp_path / "a.json"), plugin=PLUGIN)

    assert pixels(open_coco(tmp_path / "a.json").read(0)) == EXPECTED


def test_labels_without_features_are_saved(viewer, tmp_path):
    viewer.add_labels(LABELS).save(str(tmp_path / "a.json"), plugin=PLUGIN)

    assert pixels(open_coco(tmp_path / "a.json").read(0)) == EXPECTED


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    return tmp_path_factory.mktemp("saved")


def apart(image):
    """Objects that share no pixels, as labels hold them, and have some."""
    labels = to_labels(image)
    known = {one.id: one for one in image.objects}
    objects = tuple(
        replace(known[one.id], mask=one.mask, origin=one.origin)
        for one in of_labels(labels).objects
    )
    return replace(image, objects=objects)


@settings(max_examples=25)
@given(images())
def test_what_is_opened_and_saved_as_coco_is_the_same(folder, image):
    image = apart(image)
    write_coco(folder / "a.json", [image])
    (labels,) = ViewerModel().open(str(folder / "a.json"), plugin=PLUGIN)
    labels.save(str(folder / "b.json"), plugin=PLUGIN)

    assert open_coco(folder / "b.json").read(0) == image


@settings(max_examples=25)
@given(images())
def test_what_is_opened_and_saved_as_sa1b_is_the_same(folder, image):
    write_sa1b(folder / "a.json", apart(image))
    (labels,) = ViewerModel().open(str(folder / "a.json"), plugin=PLUGIN)
    labels.save(str(folder / "b.sa1b.json"), plugin=PLUGIN)

    assert read_sa1b(folder / "b.sa1b.json") == read_sa1b(folder / "a.json")
