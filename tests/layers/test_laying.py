"""A session that is made without its prompt layers, which come one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from exact_family import exact_segmenter
from later import Later
from napari_cutout.layers import Session
from napari_cutout.layers.jobs import run_at_once

IN_LEFT = (8, 10)


@pytest.fixture
def lay_later(two_objects):
    """A session that was made without its prompt layers."""
    viewer = ViewerModel()
    image = viewer.add_image(two_objects, name="two_objects")
    session = Session(viewer, image, exact_segmenter(), lay=False)
    yield session
    session.close()


def names(session):
    return [layer.name.split(" for ")[0] for layer in session.viewer.layers]


def test_they_come_one_at_a_time_and_lie_as_usual(lay_later, start):
    assert names(lay_later) == ["two_objects", "preview"]
    assert lay_later.lay_next()
    assert names(lay_later) == ["two_objects", "preview", "shapes"]
    assert not lay_later.lay_next()
    assert names(lay_later) == names(start(name="two_objects"))
    assert not lay_later.lay_next()
    assert len(lay_later.viewer.layers) == 4


def test_what_the_person_selected_stays_selected(lay_later):
    while lay_later.lay_next():
        pass
    assert lay_later.viewer.layers.selection.active == lay_later.image


def test_the_layer_of_the_tool_comes_first_and_stays_on_top(lay_later):
    lay_later.use("points")
    assert names(lay_later) == ["two_objects", "preview", "points"]
    assert not lay_later.lay_next()
    assert names(lay_later) == ["two_objects", "preview", "shapes", "points"]
    assert lay_later.tool == "points"


def test_what_is_asked_of_it_adds_the_rest(lay_later):
    lay_later.add_box((4, 5, 12, 20))
    assert names(lay_later) == ["two_objects", "preview", "shapes", "points"]
    assert lay_later.commit() == 1


def test_an_undo_in_between_finds_nothing_to_undo(lay_later):
    assert not lay_later.undo()
    assert len(lay_later.prompts) == 0
    lay_later.add_point(IN_LEFT)
    assert lay_later.undo()


def test_a_prompt_that_was_given_in_between_is_answered(lay_later):
    lay_later.use("points")
    lay_later.points_layer.add(IN_LEFT)
    lay_later.lay_next()
    lay_later.update()
    assert len(lay_later.prompts) == 1
    assert lay_later.commit() == 1
    assert np.count_nonzero(lay_later.labels.data) == 7 * 14


def test_keys_are_bound_on_each(lay_later):
    lay_later.lay_next()
    assert "S" in [str(key) for key in lay_later.shapes_layer.keymap]


def test_one_that_is_deleted_in_between_does_not_come_back(lay_later):
    lay_later.use("points")
    lay_later.viewer.layers.remove(lay_later.points_layer)
    assert not lay_later.lay_next()
    assert lay_later.points_layer is None
    assert names(lay_later) == ["two_objects", "preview", "shapes"]


def test_none_comes_after_the_image_was_deleted(lay_later):
    lay_later.viewer.layers.remove(lay_later.image)
    assert lay_later.is_closed
    assert not lay_later.lay_next()
    assert names(lay_later) == []


def test_labels_that_are_made_ahead_are_added_by_the_commit(start):
    session = start()
    session.make_ready()
    session.add_point(IN_LEFT)
    session.update()
    before = list(session.viewer.layers)
    session.make_ready()
    made = session._target.ahead.layer
    assert list(session.viewer.layers) == before
    assert session.labels is None
    session.commit()
    assert session.labels is made
    assert np.count_nonzero(made.data) == 7 * 14


def test_the_pixels_of_labels_are_made_by_the_runner(start):
    later = Later()
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session._run = later
    session.make_ready()
    (job,) = later.jobs
    assert job.kind == "ready"
    assert session._target.ahead.layer is None
    pixels = job.compute()
    job.deliver(pixels)
    assert session._target.ahead.layer.data is pixels
    session.make_ready()
    assert later.jobs == [job]


def test_pixels_that_come_too_late_change_nothing(start):
    later = Later()
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session._run = later
    session.make_ready()
    session._run = run_at_once
    session.commit()
    labels = session.labels
    later.run()
    assert session.labels is labels
    assert session._target.ahead.layer is None


def test_pixels_of_another_shape_than_the_image_has_by_now_are_left_out(start):
    later = Later()
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session._run = later
    session.make_ready()
    change_size(session.image)
    session._run = run_at_once
    session.update()
    later.run()
    session.commit()
    assert session.labels.data.shape == session.image.data.shape


def change_scale(image):
    image.scale = (2, 2)


def change_name(image):
    image.name = "another"


def change_size(image):
    image.data = np.pad(image.data, ((0, 9), (0, 9)))


@pytest.mark.parametrize("change", [change_scale, change_name, change_size])
def test_labels_lie_on_the_image_as_it_is_when_they_are_added(start, change):
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.make_ready()
    change(session.image)
    session.update()
    session.commit()
    labels = session.labels
    assert labels.data.shape == session.image.data.shape
    assert tuple(labels.scale) == tuple(session.image.scale)
    assert labels.name == f"objects of {session.image.name}"
