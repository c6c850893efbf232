"""From a map of distances to labels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage.segmentation import watershed

from napari_cutout.segment.automatic.instances.basins import basins
from napari_cutout.segment.automatic.instances.climbing import climbed

TWO_HILLS = np.array([[0, 0.5, 1, 0.6, 0.8, 0.4, 0]], np.float32)


def _inside(distance):
    return distance > 0


def test_two_peaks_with_a_deep_valley_are_two():
    labels = basins(TWO_HILLS, _inside(TWO_HILLS), depth=0.1)
    assert len(np.unique(labels[labels > 0])) == 2
    assert labels[0, 2] != labels[0, 4]


def test_two_peaks_with_a_shallow_valley_are_one():
    labels = basins(TWO_HILLS, _inside(TWO_HILLS), depth=0.3)
    assert labels.tolist() == [[0, 1, 1, 1, 1, 1, 0]]


def test_a_valley_of_just_the_depth_divides():
    depth = float(TWO_HILLS[0, 4] - TWO_HILLS[0, 3])
    labels = basins(TWO_HILLS, _inside(TWO_HILLS), depth=depth)
    assert labels.max() == 2


def test_a_chain_of_small_peaks_on_one_ridge_is_one_object():
    ridge = np.array([[1, 0.95, 1, 0.95, 1, 0.95, 1, 0.3, 1]], np.float32)
    labels = basins(ridge, _inside(ridge), depth=0.2)
    assert labels.tolist() == [[1, 1, 1, 1, 1, 1, 1, labels[0, 7], 2]]


def test_nothing_inside_is_no_object():
    assert basins(TWO_HILLS, np.zeros(TWO_HILLS.shape, bool), 0.1).tolist() == [[0] * 7]


def test_regions_that_touch_at_a_corner_are_two():
    inside = np.zeros((4, 4), bool)
    inside[:2, :2] = inside[2:, 2:] = True
    labels = basins(inside.astype(np.float32), inside, depth=0.1)
    assert labels[0, 0] != labels[3, 3]
    assert set(np.unique(labels)) == {0, 1, 2}


@given(
    distance=hnp.arrays(np.float32, (9, 11), elements=st.floats(0, 1, width=16)),
    line=st.floats(0, 1, width=16),
)
def test_labels_fill_what_is_inside_and_no_deeper_valley_is_left_out(distance, line):
    inside = distance >= line
    labels = basins(distance, inside, depth=0.25)
    assert ((labels > 0) == inside).all()
    for value in range(1, labels.max() + 1):
        assert ndimage.label(labels == value)[1] == 1


@given(distance=hnp.arrays(np.float32, (9, 11), elements=st.floats(0, 1, width=16)))
def test_without_depth_limit_each_connected_region_is_one_object(distance):
    inside = distance > 0.3
    labels = basins(distance, inside, depth=2.0)
    regions, count = ndimage.label(inside)
    assert labels.max() == count
    pairs = {(a, b) for a, b in zip(labels.ravel(), regions.ravel(), strict=True)}
    assert len(pairs) == count + (not inside.all())


def _as_a_filter_has_it(distance, inside):
    """The same, with peaks from a filter over all pixels."""
    there = np.where(inside, distance, np.float32(-np.inf))
    plus = ndimage.generate_binary_structure(2, 1)
    peaks = inside & (there == ndimage.maximum_filter(there, footprint=plus))
    markers, _ = ndimage.label(peaks)
    return watershed(-distance, markers, mask=inside)


@given(distance=hnp.arrays(np.float32, (9, 11), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])))
def test_basins_are_those_around_the_highest_pixels_also_where_many_are(distance):
    inside = distance > 0
    # A negative depth puts nothing together.
    labels = basins(distance, inside, depth=-1.0)

    assert (labels == _as_a_filter_has_it(distance, inside)).all()


def _in_any_order(shape, seed):
    """Heights of which no two are the same."""
    heights = np.random.default_rng(seed).permutation(shape[0] * shape[1])
    return ((heights + 1) / len(heights)).reshape(shape).astype(np.float32)


@given(shape=hnp.array_shapes(min_dims=2, max_dims=2, max_side=14), seed=st.integers(0, 2**32))
def test_basins_that_are_climbed_are_those_of_a_watershed(shape, seed):
    distance = _in_any_order(shape, seed)
    inside = distance > 0.2
    found = climbed(distance, inside)

    labels = np.zeros(shape, int)
    labels.ravel()[found.places] = found.basin
    assert (labels == _as_a_filter_has_it(distance, inside)).all()


@given(shape=hnp.array_shapes(min_dims=2, max_dims=2, max_side=14), seed=st.integers(0, 2**32))
def test_what_is_put_together_is_connected_and_its_peaks_lie_deep_apart(shape, seed):
    distance = _in_any_order(shape, seed)
    inside = distance > 0.2
    labels = basins(distance, inside, depth=0.3)
    # Above what is 0.3 lower than a peak, nothing of another basin is reached that is as high.
    for value in range(1, labels.max() + 1):
        peak = distance[labels == value].max()
        around, _ = ndimage.label(inside & (distance > peak - np.float32(0.3)))
        reached = around == around[(labels == value) & (distance == peak)][0]
        assert distance[reached].max() == peak


def test_where_the_way_up_is_ambiguous_nothing_is_climbed():
    assert climbed(np.array([[2, 1, 2]], np.float32), np.ones((1, 3), bool)) is None
    assert climbed(np.array([[2, 1, 3]], np.float32), np.ones((1, 3), bool)) is not None
