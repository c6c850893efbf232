"""What is done to objects that are there: edits, review, measurements. All of it is undone."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import SessionError, TargetError

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


@pytest.fixture
def session(start):
    """Two committed objects, 1 on the left and 2 on the right."""
    session = start()
    for point in (IN_LEFT, IN_RIGHT):
        session.add_point(point)
        session.commit()
    return session


def ids(session):
    return sorted(np.unique(session.labels.data[session.labels.data > 0]).tolist())


def test_the_table_has_a_row_for_each_object(session):
    rows = session.objects.rows()
    assert [(row.id, row.area, row.prompts) for row in rows] == [(1, 98, 1), (2, 200, 1)]


def test_deleting_is_undone_with_the_records(session):
    session.delete(1)
    assert ids(session) == [2]
    assert [record.id for record in session.objects] == [2]
    session.undo()
    assert ids(session) == [1, 2]
    assert len(session.objects) == 2
    session.redo()
    assert ids(session) == [2]


def test_merging_is_undone(session):
    assert session.merge([1, 2]) == 1
    assert ids(session) == [1]
    assert session.objects.row(1).area == 298
    session.undo()
    assert ids(session) == [1, 2]
    assert session.objects.row(1).area == 98


def test_splitting_is_undone(session):
    assert session.split(2, (25, 33), (25, 47)) == 3
    assert ids(session) == [1, 2, 3]
    assert session.labels.data[25, 33] == 2
    assert session.labels.data[25, 47] == 3
    session.undo()
    assert ids(session) == [1, 2]


def test_a_class_is_undone_though_no_pixel_changes(session):
    session.set_class([1, 2], "nucleus")
    assert session.objects.class_of(1) == "nucleus"
    assert list(session.labels.features["class"]) == ["nucleus", "nucleus"]
    session.undo()
    assert session.objects.class_of(1) == ""
    session.undo()
    assert ids(session) == [1]


def test_colours_by_class_are_put_back(session):
    before = session.labels.colormap
    session.set_class(1, "nucleus")
    session.color_by_class = True
    assert session.labels.colormap is not before
    session.color_by_class = False
    assert session.labels.colormap == before


def test_what_is_not_there_is_refused(session):
    for refused in (
        lambda: session.delete(77),
        lambda: session.merge([1, 77]),
        lambda: session.split(77, (1, 1), (2, 2)),
        lambda: session.split(2, (25, 33), (0, 0)),
        lambda: session.set_class(77, "x"),
        lambda: session.go_to(77),
        lambda: session.reopen(77),
    ):
        with pytest.raises(TargetError):
            refused()
    assert ids(session) == [1, 2]


def test_an_object_is_taken_up_again_with_its_prompts(session):
    session.reopen(1)
    np.testing.assert_array_equal(session.prompts.points, [IN_LEFT])
    session.add_point(IN_RIGHT)
    assert session.commit() == 1
    assert session.labels.data[IN_LEFT] == 1
    assert session.labels.data[IN_RIGHT] == 1
    session.undo()
    assert ids(session) == [1, 2]


def test_an_object_from_elsewhere_is_taken_up_as_a_mask(start):
    session = start()
    data = np.zeros((40, 60), np.int32)
    data[RIGHT] = 4
    session.labels = session.viewer.add_labels(data)
    session.reopen(4)
    assert len(session.prompts.masks) == 1
    assert session.commit() == 4


def test_going_to_an_object_shows_its_frame(start, two_objects):
    session = start(np.stack([two_objects] * 4))
    session.viewer.dims.set_current_step(0, 3)
    session.add_point(IN_RIGHT)
    session.commit()
    session.viewer.dims.set_current_step(0, 0)
    session.go_to(1)
    assert session.frame[0] == 3
    np.testing.assert_allclose(session.viewer.scene.camera.center[-2:], [24.5, 39.5])


def test_a_review_goes_from_object_to_object_and_is_undone(session):
    session.review_by("size")
    session.review_next()
    assert session.review.current == 1
    session.review_accept()
    assert session.review.current == 2
    session.review_reject()
    assert session.review.decisions == {1: "accepted", 2: "rejected"}
    session.undo()
    assert session.review.decisions == {1: "accepted"}
    session.redo()
    session.delete_rejected()
    assert ids(session) == [1]
    session.undo()
    assert ids(session) == [1, 2]


def test_correcting_in_a_review_takes_the_object_up(session):
    session.review_by("id")
    session.review_next()
    session.review_correct()
    assert session.reopened == 1
    assert session.review.decision(1) == "corrected"


def test_nothing_under_review_is_said(session):
    for action in (session.review_accept, session.review_reject, session.review_correct):
        with pytest.raises(SessionError, match="under review"):
            action()
    with pytest.raises(SessionError, match="no object was rejected"):
        session.delete_rejected()


def test_measurements_are_in_the_units_of_the_layer(start, tmp_path):
    session = start(scale=(0.5, 0.25), units=("um", "um"))
    session.add_point(IN_LEFT)
    session.commit()
    path = tmp_path / "cells.csv"
    columns = session.measure(path)
    assert columns["area (µm²)"] == pytest.approx([98 * 0.125])
    assert columns[f"mean of {session.image.name}"] == pytest.approx([255])
    with path.open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert float(row["area (µm²)"]) == pytest.approx(98 * 0.125)
    assert "area (µm²)" in session.labels.features


def test_measuring_in_steps_is_the_same(start, tmp_path):
    session = start()
    for place in (IN_LEFT, IN_RIGHT):
        session.add_point(place)
        session.commit()
    work = session.measuring(tmp_path / "steps.csv", frames=False)
    assert list(work) == list(range(1, len(work) + 1))
    columns = session.take_measured(work)
    expected = session.measure(tmp_path / "whole.csv", frames=False)
    assert list(columns) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(columns[name], values)
    assert (tmp_path / "steps.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_what_changed_while_it_was_measured_is_not_shown(start):
    session = start()
    for place in (IN_LEFT, IN_RIGHT):
        session.add_point(place)
        session.commit()
    work = session.measuring()
    list(work)
    session.labels.paint((0, 0), 2)
    session.take_measured(work)
    features = session.labels.features.set_index("index")["area (pixel²)"]
    assert features[1] == 98
    assert np.isnan(features[2])


def test_what_was_measured_of_another_target_is_not_shown(start):
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    work, labels = session.measuring(), session.labels
    list(work)
    session.labels = session.viewer.add_labels(np.zeros((40, 60), int))
    assert session.take_measured(work)["id"].tolist() == [1]
    for layer in (labels, session.labels):
        assert "area (pixel²)" not in layer.features


def test_without_labels_there_is_nothing_to_measure(start):
    with pytest.raises(TargetError, match="no objects to measure"):
        start().measure()


def test_used_up_ids_are_widened(start):
    session = start()
    data = np.zeros((40, 60), np.uint8)
    data[0, 0] = 255
    session.labels = session.viewer.add_labels(data)
    session.add_point(IN_LEFT)
    with pytest.raises(ValueError, match="255"):
        session.commit()
    session.widen_labels()
    assert session.commit() == 256
    assert data[IN_LEFT] == 0


def full(session):
    """A target of 8 bits that holds no further id."""
    data = np.zeros((40, 60), np.uint8)
    session.labels = session.viewer.add_labels(data)
    session.add_point(IN_RIGHT)
    session.commit()
    session.labels.paint((0, 0), 255)
    return session.labels


def test_undo_goes_back_over_a_widening_and_redo_forth(start):
    session = start()
    old = full(session)
    session.viewer.layers.selection.active = old
    wide = session.widen_labels()
    assert session.viewer.layers.selection.active is wide
    session.add_point(IN_LEFT)
    assert session.commit() == 256
    states = [wide.data.copy()]
    for _ in range(2):
        session.undo()
    assert session.labels is wide
    assert [wide.visible, old.visible] == [True, False]
    states.append(wide.data.copy())
    session.undo()
    assert session.status == "Widening undone."
    assert session.labels is old
    assert [wide.visible, old.visible] == [False, True]
    session.undo()
    assert old.data[0, 0] == 0
    session.undo()
    assert not old.data.any()
    assert list(session.objects) == []
    for _ in range(3):
        session.redo()
    assert session.labels is wide
    np.testing.assert_array_equal(wide.data, states[1])
    for _ in range(2):
        session.redo()
    np.testing.assert_array_equal(wide.data, states[0])
    assert [record.id for record in session.objects] == [1, 256]


@pytest.mark.parametrize("which", ["old", "wide"])
def test_without_one_of_its_layers_a_widening_stays(start, which):
    session = start()
    old = full(session)
    wide = session.widen_labels()
    session.viewer.layers.remove({"old": old, "wide": wide}[which])
    session.undo()
    assert session.labels is (wide if which == "old" else None)
    assert old.data[0, 0] == (255 if which == "old" else 0)
    assert wide.data[0, 0] == 255


def test_what_is_done_around_a_widening_is_logged(start):
    session = start()
    old = full(session)
    wide = session.widen_labels()
    session.add_point(IN_LEFT)
    session.commit()
    for _ in range(4):
        session.undo()
    sections_of = {section[0].target: section for section in sections(session.log)}
    np.testing.assert_array_equal(replay(sections_of[0], np.zeros_like(old.data)).labels, old.data)
    start_of = wide.data.copy()
    np.testing.assert_array_equal(replay(sections_of[1], start_of).labels, wide.data)
