"""Outlines of found objects as shapes, which are made when the person pauses, on a viewer model."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from finding import EDGE, SMALL, a_set, three
from napari_cutout.layers.everything.outlines import FoundOutlines
from napari_cutout.layers.long_jobs import run_through
from napari_cutout.segment.automatic.filters import Filters


@pytest.fixture
def viewer():
    return ViewerModel()


class Pause:
    """A runner whose person pauses when told so."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job):
        self.jobs.append(job)

    def end(self):
        """Run what waits and wasn't cancelled."""
        jobs, self.jobs = self.jobs, []
        for job in jobs:
            if not job.cancelled.is_set():
                run_through(job)


@pytest.fixture
def pause():
    return Pause()


def image_in(viewer, shape=(40, 60)):
    return viewer.add_image(np.zeros(shape, np.uint8))


@pytest.fixture
def outlines(viewer, pause):
    return FoundOutlines(viewer, image_in(viewer), pause)


def visible(outlines):
    return {type(layer).__name__: layer.visible for layer in outlines.layers}


def alphas(outlines):
    return outlines.layer.edge_color[:, 3].tolist()


def test_what_is_not_kept_has_no_colour(viewer):
    outlines = FoundOutlines(viewer, image_in(viewer))
    objects = three()
    outlines.show(objects)
    objects.filter(Filters(min_score=0.85))
    outlines.follow()
    assert outlines.layer.edge_color[:, 3].tolist() == [1, 0, 0]


def test_outlines_of_what_is_kept_are_left_to_the_person(viewer):
    image = image_in(viewer)
    outlines = FoundOutlines(viewer, image)
    objects = three()
    outlines.show(objects)
    objects.filter(Filters(min_score=0.75))
    outlines.release()
    layer = viewer.layers[-1]
    assert layer.name == f"outlines of {image.name}"
    assert layer.features["score"].tolist() == [0.9, 0.8]
    assert outlines.layer is None
    assert [one.name for one in viewer.layers] == [image.name, layer.name]


def test_pixels_stand_in_until_the_person_pauses(outlines, pause):
    outlines.show(three())
    assert visible(outlines) == {"Labels": True}
    pause.end()
    assert visible(outlines) == {"Labels": False, "Shapes": True}
    assert not outlines.is_pending


def test_they_stand_in_again_while_filters_move(outlines, pause):
    objects = three()
    outlines.show(objects)
    pause.end()
    layer = outlines.layer
    for score in (0.75, 0.85):
        objects.filter(Filters(min_score=score))
        outlines.follow()
    stand_in = outlines.layers[0]
    assert visible(outlines) == {"Labels": True, "Shapes": False}
    assert set(np.unique(stand_in.data)) == {0, 1}
    assert alphas(outlines) == [1, 1, 1]
    pause.end()
    assert visible(outlines) == {"Labels": False, "Shapes": True}
    assert outlines.layer is layer
    assert alphas(outlines) == [1, 0, 0]


def test_filters_that_moved_before_the_shapes_were_made(outlines, pause):
    objects = three()
    outlines.show(objects)
    first = pause.jobs[0]
    steps = list(first.steps())
    objects.filter(Filters(min_score=0.85))
    outlines.follow()
    for step in steps:
        first.take(step)
    assert outlines.layer is None
    pause.end()
    assert alphas(outlines) == [1, 0, 0]


def test_another_set_takes_their_place(viewer, outlines, pause):
    outlines.show(three())
    late = pause.jobs[0]
    steps = list(late.steps())
    outlines.show(a_set(SMALL, EDGE))
    for step in steps:
        late.take(step)
    late.end(None)
    assert outlines.is_pending
    pause.end()
    assert len(outlines.layer.data) == 2
    assert len(viewer.layers) == 3


def test_whoever_hides_them_has_them_hidden(outlines, pause):
    objects = three()
    outlines.show(objects)
    pause.end()
    outlines.layer.visible = False
    for score in (0.75, 0.85):
        objects.filter(Filters(min_score=score))
        outlines.follow()
        assert visible(outlines) == {"Labels": False, "Shapes": False}
        pause.end()
    assert visible(outlines) == {"Labels": False, "Shapes": False}
    assert alphas(outlines) == [1, 0, 0]


def test_hidden_before_the_shapes_were_made(outlines, pause):
    outlines.show(three())
    outlines.layers[0].visible = False
    pause.end()
    assert visible(outlines) == {"Labels": False, "Shapes": False}


def test_shapes_that_the_person_changed_keep_their_colours(outlines, pause):
    objects = three()
    outlines.show(objects)
    pause.end()
    outlines.layer.selected_data = {1}
    outlines.layer.remove_selected()
    objects.filter(Filters(min_score=0.85))
    outlines.follow()
    pause.end()
    assert alphas(outlines) == [1, 1]


def test_shapes_that_are_deleted_take_all_along(viewer, outlines, pause):
    objects = three()
    outlines.show(objects)
    pause.end()
    objects.filter(Filters(min_score=0.85))
    outlines.follow()
    layer = outlines.layer
    viewer.layers.remove(layer)
    assert outlines.forget(layer)
    pause.end()
    outlines.follow()
    assert outlines.layers == ()
    assert len(viewer.layers) == 1


def test_deleted_before_the_shapes_were_made(viewer, outlines, pause):
    outlines.show(three())
    (stand_in,) = outlines.layers
    viewer.layers.remove(stand_in)
    assert outlines.forget(stand_in)
    pause.end()
    assert outlines.layers == ()


def test_without_what_stands_in_the_shapes_go_on(viewer, outlines, pause):
    objects = three()
    outlines.show(objects)
    pause.end()
    stand_in, layer = outlines.layers
    viewer.layers.remove(stand_in)
    assert outlines.forget(stand_in)
    objects.filter(Filters(min_score=0.85))
    outlines.follow()
    assert outlines.layers == (layer,)
    pause.end()
    assert visible(outlines) == {"Shapes": True}
    assert alphas(outlines) == [1, 0, 0]


def test_all_that_is_kept_is_left_as_it_is(viewer, outlines, pause):
    outlines.show(three())
    pause.end()
    layer = outlines.layer
    outlines.release()
    assert viewer.layers[-1] is layer
    assert layer.name.startswith("outlines of ")
    assert outlines.layers == ()
    assert pause.jobs == []


def test_what_is_left_comes_later(viewer, outlines, pause):
    """Also where others are shown by then."""
    objects = three()
    outlines.show(objects)
    objects.filter(Filters(min_score=0.85))
    outlines.follow()
    outlines.release()
    assert len(viewer.layers) == 1
    outlines.show(a_set(SMALL, EDGE))
    pause.end()
    lengths = {layer.name.split(" ")[1]: len(layer.data) for layer in viewer.layers[1:]}
    assert lengths["of"] == 1
    assert lengths["found"] == 2


def test_closing_while_they_are_made(viewer, outlines, pause):
    outlines.show(three())
    outlines.release()
    outlines.show(three())
    jobs = list(pause.jobs)
    outlines.close()
    assert all(job.cancelled.is_set() for job in jobs)
    for job in jobs:
        run_through(job)
    assert len(viewer.layers) == 1


def test_nothing_kept_leaves_nothing(viewer, outlines, pause):
    objects = three()
    outlines.show(objects)
    objects.filter(Filters(min_score=0.95))
    outlines.release()
    pause.end()
    assert len(viewer.layers) == 1


def test_an_empty_set_has_no_outlines(viewer, outlines, pause):
    outlines.show(a_set())
    pause.end()
    assert outlines.layers == ()
    assert not outlines.is_pending
