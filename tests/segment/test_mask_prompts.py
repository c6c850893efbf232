"""Masks from elsewhere, in windows that are read with fewer pixels."""

import numpy as np

from computed import pyramid
from exact_family import ExactFamily
from napari_cutout.segment import LazyFrame, Prompts, Segmenter, Window
from napari_cutout.segment.mask_prompts import mask_prompt


def asked(mask, origin, window):
    family = ExactFamily(input_size=512)
    segmenter = Segmenter.from_family(family, "exact")
    embedding = segmenter.encode(LazyFrame(pyramid(8192)), "none")
    found = mask_prompt(family, embedding, window, Prompts(mask=mask, mask_origin=origin))
    return found[0, 0].numpy() > 0


def test_a_mask_is_as_large_as_it_was():
    found = asked(np.ones((400, 800), bool), (1000, 2000), Window(0, 0, 4096, 4096))
    rows, cols = np.nonzero(found)
    assert found.shape == (512, 512)
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (125, 174, 250, 349)


def test_a_mask_too_thin_for_the_grid_is_not_lost():
    line = np.ones((1, 800), bool)
    found = asked(line, (1000, 2000), Window(0, 0, 4096, 4096))
    rows, cols = np.nonzero(found)
    assert set(rows) == {125}
    assert (cols.min(), cols.max()) == (250, 349)


def test_what_lies_beyond_the_window_is_left_out():
    found = asked(np.ones((100, 100), bool), (480, 0), Window(0, 0, 512, 512))
    assert found.sum() == 32 * 100
    assert found[480:, :100].all()
