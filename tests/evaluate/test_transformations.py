"""Frames changed: what stays, what moves, and that chance is seeded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.evaluate.transformations import (
    ALL,
    FillsFrame,
    Intensities,
    ObjectSize,
    noise,
    resized,
)
from napari_cutout.formats.labelled import LabelledFrame


def a_frame(shape=(60, 80), colours=False):
    labels = np.zeros(shape, np.int32)
    labels[10:30, 20:40] = 1
    labels[40:50, 50:70] = 2
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 100, shape, np.uint8) + (labels > 0) * np.uint8(120)
    return LabelledFrame("cells/a.png", np.stack([frame] * 3, 2) if colours else frame, labels)


@pytest.mark.parametrize("change", ALL, ids=lambda change: change.name)
def test_every_change_gives_a_frame_that_fits_its_labels(change):
    changed = change.apply(a_frame(colours=True), seed=0)
    assert changed.frame.shape[:2] == changed.labels.shape
    assert changed.frame.shape[2:] == (3,)
    assert set(np.unique(changed.labels)) - {0} <= {1, 2}


@pytest.mark.parametrize("change", ALL, ids=lambda change: change.name)
def test_the_same_seed_gives_the_same(change):
    one, other = (change.apply(a_frame(colours=True), seed=5) for _ in range(2))
    assert np.array_equal(one.frame, other.frame)
    assert np.array_equal(one.labels, other.labels)


def test_another_seed_gives_other_noise():
    change = Intensities("noise", noise(0.1))
    one, other = (change.apply(a_frame(), seed).frame for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_names_are_unlike():
    assert len({change.name for change in ALL}) == len(ALL)


@pytest.mark.parametrize("diameter", [8, 32, 64])
def test_objects_get_their_size(diameter):
    changed = ObjectSize(diameter).apply(a_frame(), seed=0)
    areas = np.bincount(changed.labels.ravel())[1:]
    assert np.median(2 * np.sqrt(areas / np.pi)) == pytest.approx(diameter, rel=0.1)


def test_frames_are_not_enlarged_without_end():
    assert ObjectSize(2000).apply(a_frame(), seed=0) is None


@pytest.mark.parametrize("share", [0.6, 0.9])
def test_an_object_fills_its_share(share):
    changed = FillsFrame(share).apply(a_frame(), seed=0)
    rows, cols = np.nonzero(changed.labels)
    longer = max(np.ptp(rows), np.ptp(cols)) + 1
    assert longer / changed.labels.shape[0] == pytest.approx(share, abs=0.05)
    assert changed.labels.shape[0] == changed.labels.shape[1]


def test_an_object_too_large_for_a_share_is_left_out():
    labels = np.ones((20, 20), np.int32)
    frame = LabelledFrame("full/a.png", np.zeros((20, 20), np.uint8), labels)
    assert FillsFrame(0.6).apply(frame, seed=0) is None


def test_colours_are_reversed_where_there_are_any():
    change = next(change for change in ALL if change.name == "colours reversed")
    frame = a_frame(colours=True)
    frame.frame[..., 0] = 0
    changed = change.apply(frame, seed=0).frame
    assert changed[..., 2].max() == 0
    assert changed[..., 0].max() > 0
    assert change.apply(a_frame(), seed=0) is None


def test_inversion_turns_the_order_of_intensities():
    change = next(change for change in ALL if change.name == "inverted")
    frame = a_frame()
    changed = change.apply(frame, seed=0).frame
    assert changed[frame.labels > 0].mean() < changed[frame.labels == 0].mean()


@given(rows=st.integers(5, 90), cols=st.integers(5, 90))
def test_resizing_keeps_labels_where_they_were(rows, cols):
    frame = a_frame()
    changed = resized(frame, (rows, cols))
    assert changed.frame.dtype == frame.frame.dtype
    for row in range(0, rows, 7):
        for col in range(0, cols, 7):
            source = int((row + 0.5) * 60 / rows), int((col + 0.5) * 80 / cols)
            assert changed.labels[row, col] == frame.labels[source]
