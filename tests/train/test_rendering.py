"""Labels painted anew: what is made up, and that objects can be told from their ground."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from napari_cutout.formats.labelled import find_files, read
from napari_cutout.train.batches import make_batch
from napari_cutout.train.crops import CropSampler, prepare
from napari_cutout.train.rendering import render


def discs() -> np.ndarray:
    rows, cols = np.indices((64, 64))
    labels = np.zeros((64, 64), np.int32)
    labels[(rows - 20) ** 2 + (cols - 20) ** 2 < 144] = 1
    labels[(rows - 44) ** 2 + (cols - 44) ** 2 < 100] = 2
    return labels


@given(
    labels=arrays.arrays(
        np.int32, st.tuples(st.integers(8, 24), st.integers(8, 24)), elements=st.integers(0, 5)
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_labels_become_pixels_between_0_and_1(labels, seed):
    pixels = render(labels, np.random.default_rng(seed))

    assert pixels.shape == (*labels.shape, 3)
    assert pixels.dtype == np.float32
    assert pixels.min() >= 0
    assert pixels.max() <= 1


def test_the_same_seed_paints_the_same():
    first, second = (render(discs(), np.random.default_rng(5)) for _ in range(2))

    np.testing.assert_array_equal(first, second)


def test_another_seed_paints_another_image():
    first, second = (render(discs(), np.random.default_rng(seed)) for seed in (5, 6))

    assert not np.array_equal(first, second)


def test_most_objects_can_be_told_from_their_ground():
    labels = discs()
    told = 0
    for seed in range(40):
        pixels = render(labels, np.random.default_rng(seed)).mean(axis=2)
        inside, outside = pixels[labels == 1], pixels[labels == 0]
        # Their histograms have less in common than those of one thing would have.
        bins = np.linspace(0, 1, 33)
        shares = [np.histogram(part, bins)[0] / part.size for part in (inside, outside)]
        told += np.minimum(*shares).sum() < 0.7

    assert told >= 32


def test_grey_and_coloured_images_are_painted():
    images = [render(discs(), np.random.default_rng(seed)) for seed in range(20)]

    assert {bool((image[..., 0] == image[..., 2]).all()) for image in images} == {True, False}


def test_a_recipe_may_paint_all_of_its_crops(folder, recipe):
    frames = [frame for file in find_files(folder / "discs") for frame in read(file)]
    sources = [prepare(frame) for frame in frames]
    plain, painted = (
        make_batch(CropSampler(sources, how), how.stages[0], seed=1, step=0)
        for how in (recipe, replace(recipe, painted=1.0))
    )

    assert painted.pixels.shape == plain.pixels.shape
    assert not torch.equal(painted.pixels, plain.pixels)
