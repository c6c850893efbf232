"""Measurements, compared with scikit-image's own and with what is known of simple shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from skimage.measure import perimeter_crofton, regionprops_table

from napari_cutout.annotate.measure import Calibration, Region, crofton_perimeter, measure

GRID = np.indices((60, 80))
FRAME = (4, None, None)


def disc(radius, squeeze=1.0, at=(30, 40)):
    return np.hypot((GRID[0] - at[0]) * squeeze, GRID[1] - at[1]) < radius


def two():
    labels = np.zeros((60, 80), np.int32)
    labels[disc(20.4)] = 3
    labels[2:6, 3:13] = 1_000_000_007
    return labels


def region(labels=None, ids=(3, 1_000_000_007), intensity=None, origin=(0, 0)):
    labels = two() if labels is None else labels
    return Region(FRAME, ids, origin, labels, intensity)


def test_shapes_are_those_of_scikit_image():
    columns = measure(region())
    expected = regionprops_table(
        (two() == 3).astype(int),
        properties=("area", "equivalent_diameter_area", "eccentricity", "solidity", "centroid"),
    )
    for ours, theirs in (
        ("area (pixel²)", "area"),
        ("equivalent diameter (pixel)", "equivalent_diameter_area"),
        ("eccentricity", "eccentricity"),
        ("solidity", "solidity"),
        ("centroid row (pixel)", "centroid-0"),
        ("centroid col (pixel)", "centroid-1"),
    ):
        np.testing.assert_allclose(columns[ours][0], expected[theirs][0])


def test_lengths_are_in_units_and_counted_from_the_frame():
    columns = measure(region(origin=(10, 20)), Calibration((0.5, 0.25), "µm"))
    box = [columns[f"{name} (µm)"][1] for name in ("row0", "col0", "row1", "col1")]
    assert box == [6, 5.75, 7.5, 8]
    assert columns["area (µm²)"][1] == 40 * 0.125
    assert columns["centroid row (µm)"][1] == 6.75
    assert columns["pixels"][1] == 40


def test_rows_say_what_and_where_they_are():
    columns = measure(region(), classes={3: "cell"}, axes=("time", "y", "x"))
    assert columns["id"].tolist() == [3, 1_000_000_007]
    assert columns["class"].tolist() == ["cell", ""]
    assert columns["time"].tolist() == [4, 4]


def test_other_objects_in_the_box_are_left_out():
    assert measure(region(ids=(3,)))["id"].tolist() == [3]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32, bool])
def test_intensities_of_each_channel(dtype):
    intensity = (np.random.default_rng(0).random((60, 80, 2)) * 200).astype(dtype)
    columns = measure(region(intensity=intensity), channels=("green", "red"))
    inside = intensity[two() == 3].astype(float)
    for name, expected in (
        ("mean", inside.mean(axis=0)),
        ("min", inside.min(axis=0)),
        ("max", inside.max(axis=0)),
        ("standard deviation", inside.std(axis=0)),
    ):
        found = [columns[f"{name} of {channel}"][0] for channel in ("green", "red")]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_one_channel_needs_no_axis_of_its_own():
    columns = measure(region(intensity=GRID[1]))
    assert columns["mean of channel 1"][1] == 7.5


@given(arrays(bool, (7, 9)))
def test_perimeters_of_square_pixels_are_those_of_scikit_image(mask):
    expected = perimeter_crofton(np.pad(mask, 1), directions=4) if mask.any() else 0
    assert crofton_perimeter(mask, (1, 1)) == pytest.approx(expected)


@pytest.mark.parametrize("squeeze", [1, 2, 3])
def test_perimeters_of_pixels_that_are_not_square(squeeze):
    """A circle in the world, whatever its pixels are."""
    found = crofton_perimeter(disc(25.5, squeeze), (squeeze, 1))
    assert found == pytest.approx(2 * np.pi * 25.5, rel=0.03)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2)])
def test_objects_of_a_few_pixels(shape):
    labels = np.zeros((9, 9), int)
    labels[2 : 2 + shape[0], 3 : 3 + shape[1]] = 1
    columns = measure(region(labels, (1,)), Calibration((2, 3), "nm"))
    assert columns["area (nm²)"].tolist() == [np.prod(shape) * 6]
    assert np.isfinite([columns["solidity"], columns["perimeter (nm)"]]).all()


def test_an_id_without_pixels_has_no_row():
    assert len(measure(region(ids=(3, 4)))["id"]) == 1
    assert len(measure(region(ids=(4,), intensity=GRID[1]))["mean of channel 1"]) == 0


@pytest.mark.parametrize("size", [(0, 1), (1, -1), (1, float("nan"))])
def test_pixels_without_a_size_are_refused(size):
    with pytest.raises(ValueError, match="more than 0"):
        Calibration(size)
