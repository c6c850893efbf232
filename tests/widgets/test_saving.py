"""Labels saved by napari's own dialog from a window; the files are opened by other programs."""

from __future__ import annotations

import contextlib
import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
import roifile
import shapely
import zarr
from npe2 import PluginManager
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO

SHAPE = (40, 60)
FIRST, SECOND = np.s_[5:12, 6:20], np.s_[20:30, 30:50]

# The decoder of pycocotools 2.0.11 isn't one for numpy 2 yet.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")


def made():
    """Object 3, a rectangle with a hole, and object 8."""
    labels = np.zeros(SHAPE, np.int32)
    labels[FIRST], labels[SECOND] = 3, 8
    labels[7:9, 9:12] = 0
    return labels


LABELS = made()


@pytest.fixture
def save(make_napari_viewer, qtbot, tmp_path):
    """A person chooses a format in the dialog of File > Save Selected Layers, and types a name."""
    from napari._app_model import get_app_model
    from qtpy.QtCore import QCoreApplication, Qt, QTimer
    from qtpy.QtWidgets import QApplication, QDialogButtonBox, QFileDialog

    attribute = Qt.ApplicationAttribute.AA_DontUseNativeDialogs
    before = QCoreApplication.testAttribute(attribute)
    QCoreApplication.setAttribute(attribute, True)
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    viewer = make_napari_viewer(show=True)
    viewer.add_image(np.zeros(SHAPE, np.uint8), name="field")
    table = pd.DataFrame({"index": [3, 8], "class": ["cell", "debris"]})
    labels = viewer.add_labels(LABELS.copy(), name="cells", features=table)
    viewer.layers.selection = {labels}
    offered = []

    def person(entry, name):
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            QTimer.singleShot(20, lambda: person(entry, name))
            return
        offered[:] = dialog.nameFilters()
        chosen = [one for one in offered if entry in one]
        if len(chosen) != 1:
            dialog.close()
            return
        dialog.selectNameFilter(chosen[0])
        dialog.selectFile(str(tmp_path / name))
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save).click()

    def save(entry, name):
        QTimer.singleShot(0, lambda: person(entry, name))
        get_app_model().commands.execute_command("napari.window.file.save_layers_dialog.selected")
        assert [one for one in offered if entry in one], offered
        return sorted(path.name for path in tmp_path.iterdir())

    yield save
    QCoreApplication.setAttribute(attribute, before)


def test_coco(save, tmp_path):
    assert save("COCO instances", "a") == ["a.json"]
    with contextlib.redirect_stdout(io.StringIO()):
        found = COCO(str(tmp_path / "a.json"))

    names = {one["id"]: one["name"] for one in found.loadCats(found.getCatIds())}
    first, second = found.loadAnns(found.getAnnIds())
    assert [names[one["category_id"]] for one in (first, second)] == ["cell", "debris"]
    np.testing.assert_array_equal(found.annToMask(first), LABELS == 3)
    np.testing.assert_array_equal(found.annToMask(second), LABELS == 8)


def test_sa1b(save, tmp_path):
    assert save("SA-1B", "a.json") == ["a.json"]
    found = json.loads((tmp_path / "a.json").read_text())

    masks = [coco_masks.decode(one["segmentation"]) for one in found["annotations"]]
    assert (found["image"]["height"], found["image"]["width"]) == SHAPE
    np.testing.assert_array_equal(masks, [LABELS == 3, LABELS == 8])


def test_geojson(save, tmp_path):
    assert save("GeoJSON for QuPath", "a") == ["a.geojson"]
    features = json.loads((tmp_path / "a.geojson").read_text())["features"]

    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    for feature, number in zip(features, (3, 8), strict=True):
        outline = shapely.from_geojson(json.dumps(feature))
        np.testing.assert_array_equal(number == LABELS, shapely.contains_xy(outline, cols, rows))
    assert [one["properties"]["classification"]["name"] for one in features] == ["cell", "debris"]


def test_rois(save, tmp_path):
    assert save("ROIs for ImageJ and Fiji", "a") == ["a.zip"]
    first, second = roifile.roiread(tmp_path / "a.zip")

    assert (first.left, first.top, first.right, first.bottom) == (6, 5, 20, 12)
    outer, hole = sorted(first.coordinates(multi=True), key=lambda ring: -np.ptp(ring, 0).sum())
    assert shapely.Polygon(outer, [hole]).area == (LABELS == 3).sum()
    np.testing.assert_array_equal(np.ptp(second.coordinates(), axis=0), [20, 10])
    assert (second.left, second.top) == (30, 20)


def test_ome_zarr(save, tmp_path):
    # Qt adds the last suffix of the format to a name without one.
    assert save("OME-Zarr labels", "a") == ["a.zarr"]
    found = zarr.open_group(tmp_path / "a.zarr", mode="r")
    (finest, *_) = found.attrs["ome"]["multiscales"][0]["datasets"]

    assert "image-label" in found.attrs["ome"]
    np.testing.assert_array_equal(np.squeeze(found[finest["path"]][:]), LABELS)


def test_table(save, tmp_path):
    assert save("table of objects", "a") == ["a.csv"]
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["class"] for row in rows] == ["cell", "debris"]
    assert [int(row["area"]) for row in rows] == [(LABELS == 3).sum(), (LABELS == 8).sum()]
