"""Committing many objects that were found, as one step: written, undone, kept and logged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from exact_family import exact_segmenter
from napari_cutout.annotate import IdsExhaustedError
from napari_cutout.annotate.recompute import recompute
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import SessionError, TargetError
from napari_cutout.layers.gathering import FoundBy, smaller_on_top
from napari_cutout.layers.journal.journal import Journal
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

WHOLE = Window(0, 0, 40, 60)
BY = FoundBy("grid", GridOptions(points_per_side=4), "exact", "abc")


def found(origin, size, point=None, score=0.9, stability=0.95):
    return FoundObject(Rle.encode(np.ones(size, bool)), origin, score, stability, WHOLE, point)


LARGE = found((4, 4), (10, 20))
SMALL = found((8, 10), (2, 3), point=(8.0, 11.0))
APART = found((20, 30), (10, 20), point=(25.0, 40.0))


def test_many_are_one_step(start):
    session = start()
    assert session.commit_found([LARGE, SMALL, APART], BY) == (1, 2, 3)
    data = session.labels.data
    assert [np.count_nonzero(data == number) for number in (1, 2, 3)] == [194, 6, 200]
    session.undo()
    assert not session.labels.data.any()
    assert len(session.objects) == 0
    assert not session.can_undo
    session.redo()
    assert np.count_nonzero(session.labels.data) == 400


def test_a_smaller_one_shows_whatever_the_order(start):
    session = start()
    session.commit_found([SMALL, LARGE], BY)
    assert session.labels.data[8, 11] == 1
    assert session.labels.data[4, 4] == 2


@pytest.mark.parametrize(("policy", "there"), [("new_on_top", 2), ("keep_existing", 1)])
def test_the_policy_of_the_session_holds(start, policy, there):
    session = start()
    session.commit_found([SMALL], BY)
    session.policy = policy
    session.commit_found([found((8, 10), (4, 4))], BY)
    assert session.labels.data[8, 11] == there


def test_one_that_gets_no_pixel_has_no_id(start):
    session = start()
    session.commit_found([LARGE], BY)
    session.policy = "keep_existing"
    assert session.commit_found([SMALL, APART], BY) == (2,)
    assert "1 had no pixel left" in session.status
    with pytest.raises(TargetError, match="no pixel"):
        session.commit_found([SMALL], BY)


def test_nothing_is_refused(start):
    session = start()
    with pytest.raises(SessionError, match="nothing to commit"):
        session.commit_found([])


def test_ids_that_do_not_fit_are_refused_before_anything_is_written(start):
    session = start()
    session.labels = session.viewer.add_labels(np.zeros((40, 60), np.uint8))
    session.labels.data[0, 0] = 254
    with pytest.raises(IdsExhaustedError, match="widen_labels"):
        session.commit_found([LARGE, SMALL, APART], BY)
    assert np.count_nonzero(session.labels.data) == 1


def test_records_say_how_they_were_found(start):
    session = start()
    session.commit_found([LARGE, SMALL], BY)
    large, small = session.objects
    assert (large.score, large.model, large.fingerprint) == (0.9, "exact", "abc")
    assert (large.found.mode, large.found.stability) == ("grid", 0.95)
    assert large.found.options["points_per_side"] == 4
    assert len(large.prompts) == 0
    np.testing.assert_array_equal(small.prompts.points, [[8, 11]])


def test_stability_is_a_feature_that_comes_and_goes(start):
    session = start()
    session.commit_found([LARGE], BY)
    session.commit_found([found((20, 30), (10, 20), stability=0.5)], BY)
    assert session.labels.features["stability"].tolist() == [0.95, 0.5]
    session.undo()
    assert session.labels.features["stability"].tolist() == [0.95]
    session.redo()
    assert session.labels.features["stability"].tolist() == [0.95, 0.5]


def test_prompts_under_way_stay(start):
    session = start()
    session.add_point((25, 40))
    session.commit_found([LARGE], BY)
    assert len(session.prompts) == 1
    assert session.commit() == 2


def test_one_that_was_found_with_a_point_is_taken_up_with_it(start):
    session = start()
    session.commit_found([APART], BY)
    session.reopen(1)
    np.testing.assert_array_equal(session.prompts.points, [[25, 40]])


def test_the_frame_may_be_another_than_the_shown_one(start, two_objects):
    session = start(np.stack([two_objects] * 3))
    session.commit_found([LARGE], BY, frame=(2, None, None))
    assert np.flatnonzero(session.labels.data.any(axis=(1, 2))).tolist() == [2]


def test_the_log_comes_to_the_same_labels(start, tmp_path):
    session = start()
    session._journal.close()
    session._journal = journal = Journal(session, tmp_path)
    session.commit_found([LARGE, SMALL, APART], BY)
    journal.flush()
    replayed = replay(sections(journal.entries)[-1])
    np.testing.assert_array_equal(replayed.labels, session.labels.data)
    assert [one.found.mode for one in replayed.objects] == ["grid"] * 3
    assert journal.entries[-1].text == "Commit of 3 objects"
    journal.close()


def test_what_was_found_with_a_point_is_asked_again(start, two_objects):
    session = start()
    session.commit_found([APART, LARGE], BY)
    objects = replay(sections(session.log)[-1]).objects
    again, without = recompute(objects, two_objects, exact_segmenter())
    assert again.iou == 1
    assert "found (grid) without prompts" in without.problem


# Sharing pixels


@st.composite
def crops(draw):
    masks = hnp.arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 5)))
    places = st.tuples(st.integers(0, 7), st.integers(0, 7))
    return draw(st.lists(st.tuples(masks, places), max_size=8))


def painted(crops):
    """Which crop each pixel belongs to, from drawing them one by one, the smallest last."""
    image = np.full((12, 12), -1)
    order = sorted(range(len(crops)), key=lambda k: (-np.count_nonzero(crops[k][0]), -k))
    for k in order:
        mask, (row, col) = crops[k]
        image[row : row + mask.shape[0], col : col + mask.shape[1]][mask] = k
    return image


@given(crops())
def test_masks_are_parted_as_if_drawn_the_smallest_last(given_crops):
    expected, actual = painted(given_crops), np.full((12, 12), -1)
    for k, (mask, (row, col)) in enumerate(smaller_on_top(given_crops)):
        piece = actual[row : row + mask.shape[0], col : col + mask.shape[1]]
        assert (piece[mask] == -1).all()
        piece[mask] = k
    np.testing.assert_array_equal(actual, expected)
