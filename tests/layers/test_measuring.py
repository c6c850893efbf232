"""Measuring the objects of a layer on images that lie, and are made, in many ways."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import zarr

from labelled_layer import Labelled
from napari_cutout.layers import TargetError
from napari_cutout.layers.measuring import lay_out

RAMP = np.arange(2 * 12 * 16).reshape(2, 12, 16).astype(np.float32)


def labelled():
    data = np.zeros((2, 12, 16), np.int32)
    data[0, 1:4, 1:6], data[1, 5:11, 2:7], data[1, 2:4, 9:12] = 2, 3, 2
    return data


def measure(made, images=None, **options):
    images = [made.image] if images is None else images
    return lay_out(made.labels, images, made.table, made.viewer.dims, **options).run()


@pytest.mark.parametrize("wrap", [np.array, zarr.array, da.from_array])
def test_a_row_for_every_object_and_frame(wrap):
    made = Labelled(wrap(labelled()))
    made.image.data = wrap(RAMP)
    columns = measure(made)
    assert columns["id"].tolist() == [2, 2, 3]
    assert columns["axis 0"].tolist() == [0, 1, 1]
    expected = [
        RAMP[at][labelled()[at] == number].mean() for number, at in ((2, 0), (2, 1), (3, 1))
    ]
    np.testing.assert_allclose(columns["mean of Image"], expected)


def test_some_objects_only():
    assert measure(Labelled(labelled()), ids=[3])["id"].tolist() == [3]


def test_a_step_for_every_box():
    made = Labelled(labelled())
    work = lay_out(made.labels, [], made.table, made.viewer.dims)
    assert len(work) == len(list(work)) == 2


def test_lengths_are_in_the_units_of_the_world():
    place = {"scale": (1, 500, 250), "units": ("s", "nm", "nm"), "axis_labels": ("t", "y", "x")}
    made = Labelled(labelled(), **place)
    made.viewer.add_image(np.zeros((2, 2)), units=("um", "um"), scale=(0.5, 0.25))
    columns = measure(made, [])
    unit = "µm" if "area (µm²)" in columns else "nm"
    factor = 1 if unit == "µm" else 1000
    assert columns[f"area ({unit}²)"][0] == pytest.approx(15 * 0.125 * factor**2)
    assert columns["t"].tolist() == [0, 1, 1]


def test_rotated_layers_keep_their_sizes():
    made = Labelled(labelled()[0], rotate=30, scale=(2, 3))
    assert measure(made, [])["area (pixel²)"].tolist() == [pytest.approx(90)]


def test_images_that_the_labels_reach_beyond():
    made = Labelled(labelled()[0], image_shape=(3, 16))
    made.image.data = RAMP[0, :3]
    columns = measure(made)
    assert columns["pixels"].tolist() == [15]
    assert np.isnan(columns["mean of Image"][0])


def test_several_images_colours_and_pyramids():
    made = Labelled(labelled()[0])
    rgb = made.viewer.add_image(np.full((12, 16, 3), (10, 20, 30), np.uint8), rgb=True, name="he")
    levels = made.viewer.add_image([RAMP[0], RAMP[0, ::2, ::2]], multiscale=True, name="levels")
    columns = measure(made, [rgb, levels])
    found = [columns[f"mean of {name}"][0] for name in ("he red", "he green", "he blue", "levels")]
    assert found == [10, 20, 30, RAMP[0][labelled()[0] == 2].mean()]


def test_flat_labels_on_a_stack_take_the_frame_that_is_shown():
    made = Labelled(labelled()[0], image_shape=(2, 12, 16))
    made.image.data = RAMP
    made.viewer.dims.set_point(0, 1)
    inside = labelled()[0] == 2
    assert measure(made)["mean of Image"].tolist() == [RAMP[1][inside].mean()]


@pytest.mark.parametrize("options", [{"scale": (1, 1)}, {"translate": (0, 0.5)}])
def test_images_of_another_grid_are_refused(options):
    made = Labelled(labelled()[0], scale=(2, 2))
    other = made.viewer.add_image(RAMP[0], **{"scale": (2, 2)} | options)
    with pytest.raises(TargetError, match="choose an image"):
        measure(made, [other])


def test_classes_are_columns_too():
    made = Labelled(labelled())
    made.table.set_class(3, "cell")
    assert measure(made)["class"].tolist() == ["", "", "cell"]
