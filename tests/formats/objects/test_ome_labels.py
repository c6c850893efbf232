"""Labels as OME-Zarr: by themselves and beside an image, in both versions of the format."""

from __future__ import annotations

import json

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from full_disk import full_disk
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.objects import ome_levels
from napari_cutout.formats.objects.ome_labels import create_ome_labels, write_ome_labels
from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels

LABELS = np.random.default_rng(0).integers(0, 5, (2, 9, 11)).astype(np.uint16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ome")


def image_at(path, version=3):
    """An OME-Zarr image, as small as can be."""
    group = zarr.create_group(path, zarr_format=version)
    group.create_array("0", shape=(2, 9, 11), dtype=np.uint8)
    axes = [{"name": name, "type": "space"} for name in "zyx"]
    scale = [{"type": "scale", "scale": [1, 1, 1]}]
    stated = {"multiscales": [{"axes": axes, "datasets": [
        {"path": "0", "coordinateTransformations": scale}]}]}  # fmt: skip
    group.attrs.update({"ome": {"version": "0.5"} | stated} if version == 3 else stated)
    return path


@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.int32, np.uint32, np.int64]),
        hnp.array_shapes(min_dims=2, max_dims=4, max_side=7),
        elements=st.integers(0, 100),
    )
)
def test_labels_come_back(folder, labels):
    write_ome_labels(folder / "a.zarr", labels)
    found = read_ome_labels(folder / "a.zarr")

    assert found.levels[0].dtype == labels.dtype
    assert (found.levels[0][...] == labels).all()
    assert found.axes == tuple("tzyx"[-labels.ndim :])
    assert (open_image(folder / "a.zarr").data[...] == labels).all()


def test_they_say_what_the_format_wants(tmp_path):
    write_ome_labels(
        tmp_path / "a.zarr", LABELS, "cells", scale=(2, 0.5, 0.5),
        units=("micrometer", "micrometer", "pixel"),
        properties={3: {"class": "cell", "area": 7}}, colors={3: (255, 0, 0, 255)},
    )  # fmt: skip
    stated = json.loads((tmp_path / "a.zarr" / "zarr.json").read_text())["attributes"]["ome"]
    (scales,) = stated["multiscales"]

    assert stated["version"] == "0.5"
    assert stated["image-label"] == {
        "colors": [{"label-value": 3, "rgba": [255, 0, 0, 255]}],
        "properties": [{"label-value": 3, "class": "cell", "area": 7}],
    }
    assert scales["axes"] == [
        {"name": "z", "type": "space", "unit": "micrometer"},
        {"name": "y", "type": "space", "unit": "micrometer"},
        {"name": "x", "type": "space"},
    ]
    assert scales["datasets"] == [
        {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [2.0, 0.5, 0.5]}]}
    ]
    found = read_ome_labels(tmp_path / "a.zarr")
    assert (found.scale, found.properties) == ((2.0, 0.5, 0.5), {3: {"class": "cell", "area": 7}})


@pytest.mark.parametrize("version", [2, 3])
def test_beside_an_image_they_are_listed_and_point_to_it(tmp_path, version):
    path = image_at(tmp_path / "image.zarr", version)
    first = write_ome_labels(path, LABELS, "cells")
    write_ome_labels(path, LABELS * 2, "nuclei")

    def attributes(group):
        stated = dict(zarr.open_group(group, mode="r").attrs)
        return stated.get("ome", stated)

    assert first == path / "labels" / "cells"
    assert attributes(path / "labels")["labels"] == ["cells", "nuclei"]
    about = attributes(first)["image-label"]
    assert about["source"] == {"image": "../../"}
    assert zarr.open_group(first, mode="r").metadata.zarr_format == version
    assert about.get("version") == ("0.4" if version == 2 else None)
    assert (read_ome_labels(path, "nuclei").levels[0][...] == LABELS * 2).all()
    with pytest.raises(FormatError, match="has the labels cells, nuclei; name one of them"):
        read_ome_labels(path)
    with pytest.raises(FormatError, match="there are no 'others'"):
        read_ome_labels(path, "others")


@pytest.mark.parametrize("version", [2, 3])
def test_begun_in_the_labels_of_an_image_they_are_listed_and_point_to_it(tmp_path, version):
    image = image_at(tmp_path / "a.zarr", version)
    write_ome_labels(image, LABELS, "first")
    path = image / "labels" / "cells"
    levels = create_ome_labels(
        path, LABELS.shape, axes="zyx", scale=(1, 1, 1), units=(None, None, None)
    )
    levels[0][...] = LABELS
    stated = dict(zarr.open_group(path, mode="r").attrs)

    assert (read_ome_labels(image, "cells").levels[0][...] == LABELS).all()
    assert (read_ome_labels(image, "first").levels[0][...] == LABELS).all()
    assert zarr.open_group(path, mode="r").metadata.zarr_format == version
    assert stated.get("ome", stated)["image-label"]["source"] == {"image": "../../"}


def test_begun_in_labels_of_no_image_they_stand_by_themselves(tmp_path):
    path = tmp_path / "labels" / "cells"
    create_ome_labels(path, LABELS.shape, axes="zyx", scale=(1, 1, 1), units=(None,) * 3)
    stated = json.loads((path / "zarr.json").read_text())["attributes"]["ome"]

    assert stated["image-label"] == {}
    assert [one.name for one in path.parent.iterdir()] == ["cells"]


def test_labels_of_one_name_are_replaced(tmp_path):
    path = image_at(tmp_path / "image.zarr")
    for factor in (1, 3):
        write_ome_labels(path, LABELS * factor, "cells")

    assert (read_ome_labels(path).levels[0][...] == LABELS * 3).all()
    assert sorted(one.name for one in (path / "labels").iterdir()) == ["cells", "zarr.json"]


@pytest.mark.parametrize("make", [np.array, lambda data: da.from_array(data, chunks=(1, 4, 5)),
                                  zarr.array])  # fmt: skip
def test_levels_hold_every_second_pixel(tmp_path, monkeypatch, make):
    monkeypatch.setattr(ome_levels, "_CHUNK", 4)
    monkeypatch.setattr(ome_levels, "_SMALLEST", 3)
    write_ome_labels(tmp_path / "a.zarr", make(LABELS))
    levels = read_ome_labels(tmp_path / "a.zarr").levels

    assert [level.shape for level in levels] == [(2, 9, 11), (2, 5, 6), (2, 3, 3)]
    for factor, level in zip((1, 2, 4), levels, strict=True):
        assert (level[...] == LABELS[:, ::factor, ::factor]).all()


def test_levels_go_with_those_of_the_image(tmp_path):
    group = zarr.create_group(tmp_path / "image.zarr")
    shapes = {"full": (3, 2, 8, 12), "half": (3, 1, 4, 6), "third": (3, 1, 3, 4)}
    for name, shape in shapes.items():
        group.create_array(name, shape=shape, dtype=np.uint8)
    axes = [{"name": "c", "type": "channel"}, *({"name": n, "type": "space"} for n in "zyx")]
    datasets = [{"path": name} for name in shapes]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}
    labels = np.random.default_rng(0).integers(0, 9, (2, 8, 12))
    write_ome_labels(tmp_path / "image.zarr", labels, scale=(3, 1, 2))
    found = read_ome_labels(tmp_path / "image.zarr")

    assert found.axes == ("z", "y", "x")
    assert (found.levels[1][...] == labels[::2, ::2, ::2]).all()
    assert (found.levels[2][...] == labels[::2, ::3, ::3]).all()
    with pytest.raises(FormatError, match=r"don't go with the image's shape \(3, 2, 8, 12\)"):
        write_ome_labels(tmp_path / "image.zarr", labels[:, :7])


@pytest.mark.parametrize(
    ("labels", "options", "reason"),
    [
        (np.zeros((3, 4)), {}, "float64"),
        (np.zeros(3, int), {}, r"\(\.\.\., rows, cols\)"),
        (np.zeros((1,) * 5, int), {}, "need names"),
        (LABELS, {"scale": (1, 1)}, "have 3 axes"),
        (LABELS, {"name": "a/b"}, "can't be called 'a/b'"),
        (-LABELS.astype(int), {}, "labels below 0"),
    ],
)
def test_what_can_not_be_written_is_refused_and_leaves_nothing(tmp_path, labels, options, reason):
    with pytest.raises(FormatError, match=reason):
        write_ome_labels(tmp_path / "a.zarr", labels, **options)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_and_is_no_image_is_left_alone(tmp_path):
    (tmp_path / "a.zarr").mkdir()
    zarr.create_group(tmp_path / "b.zarr")

    for name in ("a", "b"):
        with pytest.raises(FormatError, match="give another name"):
            write_ome_labels(tmp_path / f"{name}.zarr", LABELS)


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.zarr"
    write_ome_labels(path, LABELS)
    many = np.random.default_rng(0).integers(0, 99, (200, 200))
    with full_disk(2048), pytest.raises(FormatError, match="can't write"):
        write_ome_labels(path, many)

    assert (read_ome_labels(path).levels[0][...] == LABELS).all()
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_ome_zarr_is_refused(tmp_path):
    group = zarr.create_group(tmp_path / "a.zarr")
    with pytest.raises(FormatError, match="has no labels"):
        read_ome_labels(tmp_path / "a.zarr")
    group.attrs["image-label"] = {}
    with pytest.raises(FormatError, match="isn't OME-Zarr's"):
        read_ome_labels(tmp_path / "a.zarr")
    with pytest.raises(FormatError, match="is no OME-Zarr"):
        read_ome_labels(tmp_path / "none.zarr")
