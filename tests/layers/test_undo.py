"""The undo chain, when napari undoes or does again by itself what is in it."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from exact_family import exact_segmenter
from napari_cutout.layers import Session

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


@pytest.fixture
def session():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    viewer = ViewerModel()
    made = Session(viewer, viewer.add_image(pixels), exact_segmenter())
    yield made
    made.close()


def commit(session, at=IN_LEFT):
    session.add_point(at)
    return session.commit()


def dot(session, value, at=(35, 5)):
    session.labels.data_setitem(tuple(np.array([place]) for place in at), value)


def told_by(session):
    told = []
    session.events.edited.connect(lambda event: told.append((event.step.text, event.action)))
    return told


def areas(session):
    return {row.id: row.area for row in session.objects.rows()}


def counted(session):
    pixels = session.labels.data
    numbers, counts = np.unique(pixels[pixels != 0], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def test_what_napari_undoes_and_does_again_is_followed_at_once(session):
    commit(session)
    dot(session, 7)
    told = told_by(session)
    for step in ("undo", "undo", "redo", "redo"):
        getattr(session.labels, step)()
    assert told == [
        ("Brush stroke", "undo"),
        ("Commit", "undo"),
        ("Commit", "redo"),
        ("Brush stroke", "redo"),
    ]
    assert areas(session) == counted(session)


def test_features_are_in_step_with_what_napari_undoes(session):
    commit(session)
    dot(session, 7, IN_LEFT)
    session.labels.undo()
    features = session.labels.features
    assert dict(zip(features["index"], features["area"], strict=True)) == counted(session)


def test_a_stroke_that_napari_undid_is_not_undone_a_second_time(session):
    commit(session)
    dot(session, 7)
    session.labels.undo()
    assert session.undo()
    assert not session.labels.data.any()
    assert session.redo()
    assert session.redo()
    assert counted(session) == {1: 98, 7: 1}


def test_a_stroke_that_is_being_painted_is_not_taken_for_undone(session):
    """Some strokes are told of before they are written."""
    commit(session)
    told, seen = told_by(session), []
    session.events.objects.connect(lambda: seen.append(areas(session)))
    dot(session, 7)
    assert seen == [{1: 98, 7: 1}]
    assert told == [("Brush stroke", "do")]


def test_a_stroke_that_takes_back_the_one_before_is_not_taken_for_its_undoing(session):
    commit(session)
    session.labels.events.features.connect(lambda: session.objects)
    dot(session, 7)
    with session.labels.block_history():
        dot(session, 0)
    session.undo()
    assert counted(session) == {1: 98, 7: 1}
    session.undo()
    assert counted(session) == {1: 98}


def test_a_stroke_below_a_commit_that_is_out_of_order_is_undone(session):
    """Prompts came in between, so the chain lets go of the commit that napari undid."""
    commit(session)
    dot(session, 7)
    commit(session, IN_RIGHT)
    session.add_point((2, 2))
    session.labels.undo()
    session.labels.redo()
    while session.labels.data[35, 5]:
        assert session.undo()
    assert counted(session) == {1: 98, 8: 200}
    assert areas(session) == counted(session)
    while not session.labels.data[35, 5]:
        assert session.redo()
    assert counted(session) == {1: 98, 7: 1, 8: 200}
    assert areas(session) == counted(session)


def test_strokes_are_undone_after_an_edit_that_napari_could_not_undo(session):
    commit(session)
    dot(session, 7)
    commit(session, IN_RIGHT)
    session.labels.data[RIGHT] = 9
    while session.labels.data[35, 5]:
        assert session.undo()
    assert counted(session) == {1: 98}
    assert areas(session) == counted(session)


def test_a_commit_that_napari_does_again_before_its_prompts_counts_once(session):
    commit(session)
    session.undo()
    session.undo()
    session.labels.redo()
    while session.redo():
        pass
    assert areas(session) == counted(session) == {1: 98}
    assert [record.id for record in session.objects] == [1]


def test_features_heal_with_the_objects_that_others_wrote(session):
    commit(session)
    session.labels.data[LEFT] = 3
    session.labels.refresh()
    assert areas(session) == {3: 98}
    assert session.labels.features["index"].tolist() == [3]
