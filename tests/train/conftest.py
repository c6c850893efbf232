"""A small labelled folder and a recipe of a few steps."""

from dataclasses import replace

import numpy as np
import pytest
from skimage.io import imsave

from napari_cutout.train.recipe import Stage, load_recipe


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    rows, cols = np.mgrid[:80, :90]
    for name in "abcd":
        labels = np.zeros((80, 90), np.uint16)
        for value in range(1, 7):
            row, col, radius = *rng.integers(12, 70, 2), rng.integers(4, 10)
            labels[(rows - row) ** 2 + (cols - col) ** 2 < radius**2] = value
        image = (labels > 0) * 150 + rng.integers(0, 60, labels.shape)
        for part, array in (("images", image.astype(np.uint8)), ("labels", labels)):
            (tmp_path / "discs" / part).mkdir(parents=True, exist_ok=True)
            imsave(tmp_path / "discs" / part / f"{name}.png", array, check_contrast=False)
    return tmp_path


@pytest.fixture
def recipe():
    stages = (Stage(3, 64, 2, 2), Stage(1, 96, 1, 2))
    return replace(load_recipe("compact"), stages=stages, warmup_steps=1, weights={})
