"""Objects of windows, joined: against the answer of one window."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from flat_family import masks_of
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.automatic.windowed.joining import Joiner
from napari_cutout.segment.automatic.windowed.lattice import lattice
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

SIDE, OVERLAP = 32, 8


def _objects(labels, window, score=0.9):
    """The connected regions of a window of labels."""
    regions, _ = ndimage.label(labels[window.slices])
    return [
        FoundObject(
            Rle.encode(regions[place] == value),
            (window.row + place[0].start, window.col + place[1].start),
            score,
            1.0,
            window,
        )
        for value, place in enumerate(ndimage.find_objects(regions), 1)
    ]


def _joined(labels, side=SIDE, overlap=OVERLAP, **options):
    joiner, found = Joiner(**options), []
    for cell in lattice(Window(0, 0, *labels.shape), side, overlap):
        found += joiner.add(cell, _objects(labels, cell.window))
    assert joiner.finish() == ()
    return found


def _whole(labels):
    return _objects(labels, Window(0, 0, *labels.shape))


def _planted():
    """Objects across all seams, some at a crossing of four windows, one larger than a window."""
    labels = np.zeros((120, 130), bool)
    for row in range(3, 117, 11):
        for col in range(2, 56, 9):
            labels[row : row + 7, col : col + 6] = True
    rows, cols = np.indices(labels.shape)
    labels |= (rows - 60) ** 2 + (cols - 96) ** 2 < 29**2
    return labels


def test_objects_across_all_seams_are_as_one_window_has_them():
    labels = _planted()
    assert ndimage.label(labels)[1] == 67
    assert masks_of(_joined(labels)) == masks_of(_whole(labels))


def test_an_object_that_bends_out_of_a_window_and_back_is_one():
    labels = np.zeros((32, 56), bool)
    labels[4:8, 4:50] = labels[20:24, 4:50] = labels[4:24, 4:8] = True
    (found,) = _joined(labels)
    assert masks_of([found]) == masks_of(_whole(labels))


@given(
    boxes=st.lists(
        st.tuples(st.integers(0, 75), st.integers(0, 85), st.integers(4, 40), st.integers(4, 40)),
        max_size=12,
    )
)
def test_blocks_anywhere_are_as_one_window_has_them(boxes):
    labels = np.zeros((80, 90), bool)
    for row, col, height, width in boxes:
        labels[row : row + height, col : col + width] = True
    assert masks_of(_joined(labels)) == masks_of(_whole(labels))


def test_what_no_later_window_sees_comes_at_once():
    labels = np.zeros((32, 56), bool)
    labels[5:10, 5:10] = labels[5:10, 28:32] = True
    first, second = lattice(Window(0, 0, *labels.shape), SIDE, OVERLAP)
    joiner = Joiner()
    now = joiner.add(first, _objects(labels, first.window))
    assert [one.origin for one in now] == [(5, 5)]
    assert [one.origin for one in joiner.open()] == [(5, 28)]
    later = joiner.add(second, _objects(labels, second.window))
    assert [one.origin for one in later] == [(5, 28)]


def test_little_stays_open_however_far_the_frame_goes():
    rows, cols = np.indices((32, 2000))
    labels = (rows % 8 < 5) & (cols % 8 < 5)
    joiner, most, count = Joiner(), 0, 0
    for cell in lattice(Window(0, 0, *labels.shape), SIDE, OVERLAP):
        count += len(joiner.add(cell, _objects(labels, cell.window)))
        most = max(most, len(joiner.open()))
    assert count == 4 * 250
    assert most <= 8


def test_the_window_that_holds_an_object_whole_answers_for_it():
    first, second = lattice(Window(0, 0, 32, 56), SIDE, OVERLAP)
    cut = FoundObject(Rle.encode(np.ones((6, 6), bool)), (10, 26), 0.99, 1.0, first.window)
    whole = FoundObject(Rle.encode(np.ones((6, 14), bool)), (10, 25), 0.5, 1.0, second.window)
    joiner = Joiner()
    assert joiner.add(first, [cut]) == ()
    assert joiner.add(second, [whole]) == (whole,)


def test_what_the_window_that_sees_better_did_not_find_is_dropped():
    first, second = lattice(Window(0, 0, 32, 56), SIDE, OVERLAP)
    at_the_side = FoundObject(Rle.encode(np.ones((6, 2), bool)), (10, 30), 0.9, 1.0, first.window)
    joiner = Joiner()
    joiner.add(first, [at_the_side])
    assert joiner.add(second, []) == ()


def test_touching_objects_stay_two_where_another_window_takes_them_for_one():
    first, second = lattice(Window(0, 0, 32, 56), SIDE, OVERLAP)
    upper = FoundObject(Rle.encode(np.ones((5, 8), bool)), (5, 22), 0.9, 1.0, first.window)
    lower = FoundObject(Rle.encode(np.ones((4, 8), bool)), (10, 22), 0.9, 1.0, first.window)
    both = FoundObject(Rle.encode(np.ones((9, 7), bool)), (5, 24), 0.9, 1.0, second.window)
    joiner = Joiner()
    found = [*joiner.add(first, [upper, lower]), *joiner.add(second, [both])]
    assert [one.box for one in found] == [upper.box, lower.box]


def test_each_pixel_of_parts_is_from_the_window_that_sees_it_best():
    first, second = lattice(Window(0, 0, 32, 56), SIDE, OVERLAP)
    bar = np.ones((4, 22), bool)
    # At its side, the first window sees the bar too thick.
    thick = np.zeros((6, 22), bool)
    thick[1:5], thick[:, 20:] = True, True
    parts = (
        FoundObject(Rle.encode(thick), (9, 10), 0.9, 1.0, first.window),
        FoundObject(Rle.encode(bar), (10, 24), 0.9, 1.0, second.window),
    )
    joiner = Joiner()
    assert joiner.add(first, parts[:1]) == ()
    (found,) = joiner.add(second, parts[1:])
    assert found.box == (10, 10, 13, 45)
    assert found.area == 4 * 36


def test_parts_are_weighted_by_their_area():
    labels = np.zeros((32, 56), bool)
    labels[10:14] = True
    joiner, found = Joiner(), []
    for cell, score in zip(lattice(Window(0, 0, 32, 56), SIDE, OVERLAP), (0.9, 0.6), strict=True):
        found += joiner.add(cell, _objects(labels, cell.window, score))
    assert found[0].score == pytest.approx(0.75)
    assert found[0].window == Window(0, 0, 32, 56)


@pytest.mark.parametrize(("nested", "areas"), [(False, [400]), (True, [25, 400])])
def test_an_object_that_lies_in_another_stays_where_objects_may_nest(nested, areas):
    first, second = lattice(Window(0, 0, 32, 56), SIDE, OVERLAP)
    large = FoundObject(Rle.encode(np.ones((20, 20), bool)), (5, 11), 0.9, 1.0, first.window)
    inner = FoundObject(Rle.encode(np.ones((5, 5), bool)), (8, 26), 0.9, 1.0, second.window)
    joiner = Joiner(nested=nested)
    found = [*joiner.add(first, [large]), *joiner.add(second, [inner])]
    assert sorted(one.area for one in found) == areas
