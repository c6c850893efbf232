"""Labels of OME-Zarr opened in napari, as by File > Open."""

from __future__ import annotations

import numpy as np
import pytest
import zarr
from napari.components import ViewerModel
from npe2 import PluginManager

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.ome_labels import write_ome_labels
from napari_cutout.layers.files.label_zarr_readers import get_label_zarr_reader, read_label_zarr

LABELS = np.kron(np.arange(24).reshape(2, 3, 4), np.ones((1, 400, 400), int)).astype(np.uint16)


@pytest.fixture
def viewer():
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    return ViewerModel()


def test_labels_with_a_pyramid_are_a_labels_layer_in_its_place(viewer, tmp_path):
    path = tmp_path / "cells.labels.zarr"
    write_ome_labels(path, LABELS, axes=("t", "y", "x"), scale=(2, 0.5, 0.25))
    (layer,) = viewer.open(str(path), plugin="napari-cutout")
    assert type(layer).__name__ == "Labels"
    assert layer.multiscale
    np.testing.assert_array_equal(layer.data[0], LABELS)
    assert tuple(layer.scale) == (2, 0.5, 0.25)
    assert layer.axis_labels == ("t", "y", "x")
    assert layer.name == "cells.labels"


def test_what_is_known_of_ids_is_in_the_features(tmp_path):
    path = tmp_path / "cells.labels.zarr"
    known = {3: {"class": "round", "area": 7.0}, 5: {"class": "long"}}
    write_ome_labels(path, LABELS[0, :9, :9], properties=known)
    ((_, options, kind),) = read_label_zarr(path)
    expected = {"index": [3, 5], "class": ["round", "long"], "area": [7.0, None]}
    assert (options["features"], kind) == (expected, "labels")


@pytest.mark.parametrize("name", ["image.labels.zarr", "nothing.labels.zarr"])
def test_others_are_left_to_other_readers(tmp_path, name):
    zarr.create_array(tmp_path / "image.labels.zarr", data=LABELS)
    assert get_label_zarr_reader(str(tmp_path / name)) is None
    assert get_label_zarr_reader([str(tmp_path / name)]) is None


def test_damaged_labels_are_refused(tmp_path):
    path = tmp_path / "cells.labels.zarr"
    write_ome_labels(path, LABELS)
    group = zarr.open_group(path)
    ome = dict(group.attrs["ome"])
    del ome["multiscales"]
    group.attrs["ome"] = ome
    with pytest.raises(FormatError, match="isn't OME-Zarr's"):
        get_label_zarr_reader(str(path))(str(path))
