"""Logs replayed: what the labels hold in the end, and which objects are left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st

from logged import NOW, SHAPE, commit, first, header, logs, square
from napari_cutout.annotate.log_regions import in_box, regions
from napari_cutout.annotate.replay import (
    empty_labels,
    header_of,
    replay,
    sections,
)
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_entries import Entry, Start

LABELS = np.arange(np.prod(SHAPE), dtype=np.int32).reshape(SHAPE)


def labels(*squares):
    """Boxes of one value on an empty ground, later ones on top."""
    array = np.zeros(SHAPE, np.int32)
    for value, frame, (row, col), (height, width) in squares:
        array[frame, row : row + height, col : col + width] = value
    return array


def undo(number, of, value=0, **more):
    return Entry("undo", number, NOW, of=of, regions=(square(value),), **more)


ONE = (1, 1, (2, 3), (3, 4))
TWO = (2, 1, (3, 4), (3, 4))


def test_commits_lie_on_top_of_each_other():
    found = replay([first(), commit(1, 1), commit(2, 2, origin=(3, 4))])
    np.testing.assert_array_equal(found.labels, labels(ONE, TWO))
    assert found.labels.dtype == np.int32
    assert [one.id for one in found.objects] == [1, 2]


def test_an_undone_commit_is_gone():
    found = replay([first(), commit(1, 1), undo(2, 1, removed=(1,))])
    assert not found.labels.any()
    assert found.objects == ()


def test_a_commit_that_was_done_again_is_there():
    again = Entry("redo", 3, NOW, of=1, regions=(square(1),), returned=(1,))
    found = replay([first(), commit(1, 1), undo(2, 1, removed=(1,)), again])
    np.testing.assert_array_equal(found.labels, labels(ONE))
    assert [one.key for one in found.objects] == [1]


def test_an_edit_after_an_undo_takes_its_place():
    found = replay([first(), commit(1, 1), undo(2, 1, removed=(1,)), commit(3, 2, origin=(3, 4))])
    np.testing.assert_array_equal(found.labels, labels(TWO))
    assert [one.key for one in found.objects] == [3]


def test_undoing_brings_back_what_lay_below():
    under = np.where(labels(ONE, TWO) == 2, labels(ONE), 0)[1]
    pixels = labels(TWO)[1] > 0
    back = regions(in_box((1, 0, 0), pixels[None], under[pixels]))
    entries = [first(), commit(1, 1), commit(2, 2, origin=(3, 4))]
    found = replay([*entries, Entry("undo", 3, NOW, of=2, regions=back, removed=(2,))])
    np.testing.assert_array_equal(found.labels, labels(ONE))


def test_classes_are_the_last_that_were_given():
    classes = [
        Entry("edit", 1, NOW, classes=((1, "", "cell"), (2, "", "nucleus"))),
        Entry("edit", 2, NOW, classes=((1, "cell", "debris"), (2, "nucleus", ""))),
    ]
    assert replay([first(), *classes]).classes == {1: "debris"}


def test_objects_that_were_there_at_first_count():
    there = commit(1, 1).added
    found = replay([replace(first(), added=there)])
    assert [one.id for one in found.objects] == [1]


def test_labels_that_were_not_empty_are_written_over():
    copy = first(start=Start("copy", "start.npz"))
    found = replay([copy, commit(1, 1)], start=LABELS)
    expected = np.where(labels(ONE) > 0, 1, LABELS)
    np.testing.assert_array_equal(found.labels, expected)
    assert LABELS[1, 2, 3] != 1


@pytest.mark.parametrize("kind", ["copy", "stored", "unknown"])
def test_labels_that_were_not_empty_are_asked_for(kind):
    with pytest.raises(FormatError, match="wasn't empty when the log began"):
        replay([first(start=Start(kind))])


@pytest.mark.parametrize("wrong", [LABELS[1:], LABELS.astype(np.uint8)])
def test_other_labels_are_refused(wrong):
    with pytest.raises(FormatError, match="the log is about labels of"):
        replay([first()], start=wrong)
    with pytest.raises(FormatError, match="the log is about labels of"):
        replay([first()], out=wrong)


def test_a_given_array_is_written_into():
    out = zarr.create_array({}, shape=SHAPE, chunks=(1, 4, 4), dtype="int32")
    assert replay([first(), commit(1, 1)], out=out).labels is out
    np.testing.assert_array_equal(out[:], labels(ONE))


def test_huge_labels_take_the_room_of_what_is_written():
    shape = (100_000, 100_000)
    box = square(1)
    entry = Entry("edit", 1, NOW, regions=(replace(box, frame=(None, None), origin=(99_000, 5)),))
    found = replay([first(shape=shape), entry])
    assert isinstance(found.labels, zarr.Array)
    assert np.asarray(found.labels[98_999:99_004, 4:10]).sum() == 12


@pytest.mark.parametrize(
    ("shape", "kind"), [((4, 5), np.ndarray), ((2, 1 << 15, 1 << 14), zarr.Array)]
)
def test_small_labels_are_numpy_s(shape, kind):
    array = empty_labels(shape, "uint16")
    assert isinstance(array, kind)
    assert (array.shape, array.dtype) == (shape, np.uint16)


def test_targets_are_sections_of_their_own():
    other = replace(first(2, layer="others"), target=1)
    entries = [first(), commit(1, 1), other, replace(commit(3, 5), target=1), commit(4, 2)]
    found = sections([*entries, Entry("closed", 5, NOW)])
    assert [header_of(section).layer for section in found] == ["others", "objects of cells"]
    np.testing.assert_array_equal(replay(found[0]).labels, labels((5, *ONE[1:])))
    np.testing.assert_array_equal(replay(found[1]).labels, labels((2, *ONE[1:])))


def test_sessions_are_sections_of_their_own():
    found = sections([first(), commit(1, 1), first(session="b2"), commit(1, 2)])
    assert [header_of(section).session for section in found] == ["a1", "b2"]


def test_a_section_begins_with_a_header():
    with pytest.raises(FormatError, match="begins with a header"):
        replay([commit(1, 1)])


@given(logs())
def test_any_log_is_what_its_regions_come_to(entries):
    """Compared with a model that writes pixel by pixel."""
    start = np.zeros(SHAPE, np.int32)
    expected = start.copy()
    for region in (region for entry in entries for region in entry.regions):
        rows, cols = np.nonzero(region.pixels.decode())
        for row, col in zip(rows, cols, strict=True):
            place = region.frame[0], region.origin[0] + row, region.origin[1] + col
            expected[place] = region.value
    (section,) = sections(entries)
    np.testing.assert_array_equal(replay(section, start=start).labels, expected)


@given(logs(), st.data())
def test_a_log_goes_on_where_a_part_of_it_ended(entries, data):
    """Written again from anywhere on, it comes to the same."""
    (section,) = sections([replace(entries[0], header=header()), *entries[1:]])
    whole = replay(section).labels
    again = data.draw(st.integers(1, len(section)))
    replay([section[0], *section[again:]], out=whole.copy())
    np.testing.assert_array_equal(replay(section, out=whole.copy()).labels, whole)
