"""What objects look like, by the model in the package."""

from __future__ import annotations

import numpy as np
import pytest

from kinds_family import kinds_segmenter
from napari_cutout import Segmenter
from napari_cutout.segment import PromptError, Window
from napari_cutout.segment.classes import ClassError, looks_of
from napari_cutout.segment.similar.maps import WindowMaps
from two_kinds import placed, two_kinds

IMAGE, LABELS = two_kinds()


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter("compact")


@pytest.fixture(scope="module")
def embedding(segmenter):
    return segmenter.encode(IMAGE)


def test_each_object_has_a_row(segmenter, embedding):
    looks = looks_of(segmenter, embedding, [placed(LABELS, number) for number in (1, 2, 3)])
    assert looks.values.shape == (3, sum(looks.blocks))
    assert np.isfinite(looks.values).all()
    assert looks.fingerprint == segmenter.fingerprint


def test_an_object_looks_the_same_beside_any_others(segmenter, embedding):
    several = looks_of(segmenter, embedding, [placed(LABELS, number) for number in range(1, 26)])
    alone = looks_of(segmenter, embedding, [placed(LABELS, 17)])
    np.testing.assert_allclose(several.values[16], alone.values[0], rtol=1e-4, atol=1e-5)


def test_features_are_the_means_under_the_mask(segmenter, embedding):
    whole = Window(0, 0, *IMAGE.shape)
    looks = looks_of(segmenter, embedding, [(np.ones(IMAGE.shape, bool), (0, 0))])
    means = WindowMaps.of(segmenter, embedding, whole).means
    expected = np.concatenate([mean.numpy() for mean in means])
    np.testing.assert_allclose(looks.values[0, : len(expected)], expected, atol=0.02)


def test_rows_are_in_the_order_of_the_masks_in_any_windows(segmenter):
    large = np.zeros((1600, 1600), np.uint8)
    large[:180, :180] = IMAGE
    large[800:1400, 800:1400] = 200
    embedding = segmenter.encode(large)
    huge = (np.ones((600, 600), bool), (800, 800))
    looks = looks_of(segmenter, embedding, [huge, placed(LABELS, 1), huge])
    shapes = looks.values[:, -15]
    assert shapes[0] == shapes[2] == pytest.approx(np.log(600 * 600))
    assert shapes[1] < 6


def test_families_with_one_feature_map_have_looks():
    plain = kinds_segmenter()
    looks = looks_of(plain, plain.encode(IMAGE), [placed(LABELS, 1)])
    assert len(looks) == 1


def test_looks_of_two_models_are_not_joined(segmenter, embedding):
    other = kinds_segmenter()
    one = looks_of(segmenter, embedding, [placed(LABELS, 1)])
    with pytest.raises(ClassError, match="two models"):
        one + looks_of(other, other.encode(IMAGE), [placed(LABELS, 1)])


def test_what_is_no_object_is_refused(segmenter, embedding):
    with pytest.raises(ClassError, match="no object"):
        looks_of(segmenter, embedding, [])
    with pytest.raises(PromptError):
        looks_of(segmenter, embedding, [(np.ones((3, 3), bool), (500, 500))])
