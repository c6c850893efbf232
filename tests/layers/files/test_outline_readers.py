"""GeoJSON and ROIs of ImageJ opened in napari, as by File > Open."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import roifile
from hypothesis import given
from napari.components import ViewerModel
from npe2 import PluginManager
from skimage.io import imsave

from annotated_images import SHAPE, annotated, full, images, two_rectangles
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.geojson import write_geojson
from napari_cutout.formats.objects.imagej_roi import write_rois
from napari_cutout.layers.files.outline_readers import get_outline_reader, read_outlines

PIXELS = np.random.default_rng(0).integers(0, 255, SHAPE).astype(np.uint8)
APART = AnnotatedImage(
    "cells.png",
    SHAPE,
    (
        annotated(1, np.eye(3).repeat(2, 0), class_name="cell", score=0.5),
        annotated(7, np.pad(np.ones((2, 2)), ((6, 0), (5, 0)))),
    ),
)


@pytest.fixture
def viewer():
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    return ViewerModel()


def opened(viewer, path):
    return viewer.open(str(path), plugin="napari-cutout")


def written(path, images):
    (write_geojson if path.suffix == ".geojson" else write_rois)(path, images)
    return path


def drawn(image, shape=SHAPE):
    labels = np.zeros(shape, int)
    for one in image.objects:
        labels[full(one, shape)] = one.id
    return labels


@pytest.mark.parametrize("name", ["cells.geojson", "cells.zip", "cells.rois.zip"])
def test_outlines_beside_their_image_give_image_and_labels(viewer, tmp_path, name):
    written(tmp_path / name, [APART])
    imsave(tmp_path / "cells.png", PIXELS, check_contrast=False)
    image, labels = opened(viewer, tmp_path / name)

    assert (image.data == PIXELS).all()
    assert (image.name, labels.name) == ("cells", "cells objects")
    np.testing.assert_array_equal(labels.data, drawn(APART))
    assert labels.features["index"].tolist() == [1, 7]
    assert labels.features["class"].tolist() == ["cell", ""]
    assert labels.features["score"].tolist()[0] == 0.5


@pytest.mark.parametrize("name", ["cells.geojson", "cells.zip"])
def test_without_an_image_labels_are_as_large_as_the_outlines(viewer, tmp_path, name):
    (labels,) = opened(viewer, written(tmp_path / name, [APART]))

    np.testing.assert_array_equal(labels.data, drawn(APART)[:8, :7])


def test_a_single_roi_is_opened(viewer, tmp_path):
    corners = np.array([[2, 1], [6, 1], [6, 4], [2, 4]], float)
    roifile.ImagejRoi.frompoints(corners).tofile(tmp_path / "one.roi")
    (labels,) = opened(viewer, tmp_path / "one.roi")

    expected = np.zeros((4, 6), int)
    expected[1:4, 2:6] = 1
    np.testing.assert_array_equal(labels.data, expected)


def test_outlines_across_the_border_are_cut_off_there(tmp_path):
    oval = roifile.ImagejRoi(roitype=roifile.ROI_TYPE.RECT, left=7, top=5, right=30, bottom=40)
    oval.tofile(tmp_path / "cells.roi")
    imsave(tmp_path / "cells.png", PIXELS, check_contrast=False)
    _, (labels, _, _) = read_outlines(tmp_path / "cells.roi")

    expected = np.zeros(SHAPE, int)
    expected[5:, 7:] = 1
    np.testing.assert_array_equal(labels, expected)


@pytest.mark.parametrize("name", ["a.geojson", "a.zip"])
def test_frames_of_a_stack_are_one_layer(tmp_path, name):
    written(tmp_path / name, [replace(APART, frame=(t,)) for t in (0, 2)])
    np.save(tmp_path / "a.npy", np.zeros((4, *SHAPE), np.uint8))
    _, (labels, _, _) = read_outlines(tmp_path / name)

    nothing = np.zeros(SHAPE, int)
    np.testing.assert_array_equal(labels, [drawn(APART), nothing, drawn(APART), nothing])


def test_rois_of_the_first_slice_are_those_of_an_image_of_one(tmp_path):
    written(tmp_path / "a.zip", [replace(APART, frame=(0,))])
    imsave(tmp_path / "a.png", PIXELS, check_contrast=False)
    _, (labels, _, _) = read_outlines(tmp_path / "a.zip")

    np.testing.assert_array_equal(labels, drawn(APART))


@pytest.mark.parametrize("shape", [(4, *SHAPE), (4, *SHAPE, 3)])
def test_rois_without_a_slice_lie_on_all_of_them(tmp_path, shape):
    written(tmp_path / "a.zip", [APART])
    np.save(tmp_path / "a.npy", np.zeros(shape, np.uint8))
    _, (labels, _, _) = read_outlines(tmp_path / "a.zip")

    np.testing.assert_array_equal(labels, drawn(APART))


def test_rois_of_which_some_have_a_slice_are_refused(tmp_path):
    written(tmp_path / "a.zip", [APART, replace(APART, frame=(1,))])

    with pytest.raises(FormatError, match="say their frame and others don't"):
        read_outlines(tmp_path / "a.zip")


def test_frames_that_the_image_does_not_have_are_refused(tmp_path):
    written(tmp_path / "a.zip", [replace(APART, frame=(9,))])
    np.save(tmp_path / "a.npy", np.zeros((4, *SHAPE), np.uint8))

    with pytest.raises(FormatError, match=r"a\.npy has shape"):
        read_outlines(tmp_path / "a.zip")


def test_a_file_without_objects_is_refused(tmp_path):
    write_geojson(tmp_path / "a.geojson", [])

    with pytest.raises(FormatError, match="holds no object"):
        read_outlines(tmp_path / "a.geojson")


def test_a_damaged_file_is_refused_with_its_reason(viewer, tmp_path):
    written(tmp_path / "a.zip", [two_rectangles()])
    (tmp_path / "a.geojson").write_text('{"type": "Feature')

    with pytest.raises(FormatError, match="not whole JSON"):
        opened(viewer, tmp_path / "a.geojson")


def test_zips_of_others_are_not_ours(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("zarr.json", "{}")
    (tmp_path / "b.zip").write_bytes(b"no zip")

    for name in ("a.zip", "b.zip", "none.zip", "a.json"):
        assert get_outline_reader(str(tmp_path / name)) is None
    assert get_outline_reader([str(tmp_path / "c.roi")] * 2) is None


@given(image=images(empty=False).filter(lambda image: image.objects))
def test_what_napari_saves_as_outlines_it_opens_again(tmp_path_factory, image):
    """Each pixel with the id that is painted last, the largest first."""
    folder = tmp_path_factory.mktemp("both")
    np.save(folder / "a.npy", np.zeros(SHAPE, np.uint8))
    found = []
    for name in ("a.geojson", "a.zip"):
        written(folder / name, [image])
        _, (labels, options, _) = read_outlines(folder / name)
        found.append((labels.tolist(), options["features"]["index"].tolist()))

    expected = np.zeros(SHAPE, int)
    for one in sorted(image.objects, key=lambda one: -one.area):
        expected[full(one)] = one.id
    assert found == [(expected.tolist(), [one.id for one in image.objects])] * 2


def test_outlines_of_a_whole_slide_are_refused_before_labels_are_made(tmp_path):
    far = [[89_990, 70_000], [90_000, 70_000], [90_000, 70_010], [89_990, 70_000]]
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [far]},
    }
    path = tmp_path / "slide.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(FormatError, match="too large"):
        read_outlines(path)
