"""Labels grown where it matters, against a watershed of everything."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage.segmentation import watershed

from napari_cutout.segment.automatic.instances.growing import grown_areas

SHAPE = (9, 12)


def of_everything(height, labels, mask, count):
    grown = watershed(-height, labels, mask=mask)
    areas = np.bincount(grown.ravel(), minlength=count)
    areas[0] = 0
    return areas.tolist()


def grown(height, labels, mask):
    """Both answers."""
    count = int(labels.max()) + 1
    found = grown_areas(height, labels, mask, count).tolist()
    return found, of_everything(height, labels, mask, count)


def heights(values):
    return hnp.arrays(np.float32, SHAPE, elements=values)


LABELS = hnp.arrays(np.int32, SHAPE, elements=st.sampled_from([0, 0, 0, 0, 0, 1, 2, 3]))
MASKS = hnp.arrays(bool, SHAPE, elements=st.sampled_from([True, True, True, False]))


@given(height=heights(st.floats(0, 1, width=32)), labels=LABELS, mask=MASKS)
def test_areas_are_those_of_a_watershed_of_everything(height, labels, mask):
    found, expected = grown(height, labels, mask)

    assert found == expected


@given(height=heights(st.sampled_from([0.0, 0.25, 0.5, 0.75])), labels=LABELS, mask=MASKS)
@example(np.zeros(SHAPE, np.float32), np.eye(*SHAPE, dtype=np.int32), np.ones(SHAPE, bool))
def test_they_are_where_many_pixels_are_equally_high(height, labels, mask):
    found, expected = grown(height, labels, mask)

    assert found == expected


@pytest.mark.parametrize("levels", [50, 2000, 1 << 24])
def test_they_are_in_a_field_of_objects_that_touch(levels):
    random = np.random.default_rng(levels)
    noise = ndimage.gaussian_filter(random.normal(size=(200, 220)), 4)
    height = (np.round((noise - noise.min()) / np.ptp(noise) * levels) / levels).astype(np.float32)
    labels, _ = ndimage.label(height > 0.62)
    for low in (0.3, 0.5, 0.6):
        found, expected = grown(height, labels.astype(np.int32), height > low)
        assert found == expected


def test_what_is_free_beside_nothing_is_nobodys():
    labels = np.zeros((3, 9), np.int32)
    labels[1, 1] = 1
    mask = np.ones((3, 9), bool)
    mask[:, 4] = False
    height = np.ones((3, 9), np.float32)

    assert grown_areas(height, labels, mask, 2).tolist() == [0, 12]
