"""What is learned from a crop, and the annotator of training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.train import clicks
from napari_cutout.train.augment import augment
from napari_cutout.train.crops import CropSampler, prepare
from napari_cutout.train.targets import make_targets


@pytest.fixture
def labels():
    labels = np.zeros((64, 64), np.int32)
    labels[10:30, 20:40] = 900
    labels[30:42, 20:40] = 4
    labels[60:62, 60:62] = 7
    return labels


@pytest.fixture
def targets(labels):
    return make_targets(labels, 4, np.random.default_rng(0))


def test_boxes_are_the_edges_of_the_objects(targets):
    assert {tuple(box) for box in targets.boxes} == {(10, 20, 30, 40), (30, 20, 42, 40)}


def test_small_objects_are_not_asked_for_but_are_foreground(targets):
    assert targets.masks.shape == (4, 32, 32)
    assert targets.foreground[30, 30] == 1


def test_the_distance_is_one_deep_inside_and_low_where_objects_touch(targets):
    assert targets.distance.max() <= 1
    assert targets.distance[10, 15] > 0.85
    assert targets.distance[14:16, 15].max() < 0.35


def test_offsets_lead_to_the_centroid(targets):
    row, col = 8, 12
    place = np.array([row * 2 + 0.5, col * 2 + 0.5])
    assert targets.offsets[:, row, col] + place == pytest.approx([19.5, 29.5])


def test_deepest_points_lie_in_their_masks(targets):
    for mask, (row, col) in zip(targets.masks, targets.deepest, strict=True):
        assert mask[int(row // 2), int(col // 2)] == 1


def test_a_crop_of_crumbs_is_refused():
    with pytest.raises(ValueError, match="large enough"):
        make_targets(np.eye(8, dtype=np.int32), 1, np.random.default_rng(0))


@given(st.integers(0, 2**32 - 1))
def test_clicks_of_training_are_where_they_belong(seed):
    rng = np.random.default_rng(seed)
    labels = np.zeros((64, 64), np.int32)
    labels[8:40, 12:50] = 1
    targets = make_targets(labels, 1, rng)
    row, col = clicks.first_click(targets, 0, rng)
    assert 7.9 <= row <= 40.1
    assert 11.9 <= col <= 50.1
    truth = targets.masks[0] > 0.5
    answer = np.roll(truth, 4, axis=0)
    (row, col), polarity = clicks.correction(answer, truth, rng)
    place = int(row // 2), int(col // 2)
    assert (truth[place], answer[place]) == (polarity == 1, polarity == -1)


def test_nothing_wrong_gives_no_correction(targets):
    truth = targets.masks[0] > 0.5
    assert clicks.correction(truth, truth, np.random.default_rng(0)) is None


@given(st.integers(0, 2**32 - 1))
def test_augmented_pixels_stay_in_range(seed):
    rng = np.random.default_rng(seed)
    pixels = augment(rng.random((16, 16, 3)).astype(np.float32), rng)
    assert pixels.dtype == np.float32
    assert pixels.min() >= 0
    assert pixels.max() <= 1


@given(st.integers(0, 2**32 - 1))
def test_image_and_labels_of_a_crop_stay_together(seed):
    rows, cols = np.mgrid[:120, :150]
    labels = ((rows - 60) ** 2 / 2 + (cols - 80) ** 2 < 30**2).astype(np.uint16)
    frame = LabelledFrame("disc/a", (labels * 255).astype(np.uint8), labels)
    from napari_cutout.train.recipe import load_recipe

    sampler = CropSampler([prepare(frame)], load_recipe("compact"))
    crop = sampler.draw(np.random.default_rng(seed), 64)
    bright = crop.pixels[..., 0] > 0.5
    wrong = (bright != (crop.labels > 0)) & crop.inside
    assert wrong.mean() < 0.04
    assert (crop.labels[~crop.inside] == 0).all()
