"""Everything in a frame of a session: finding, choosing, committing, with a model of known answers.

The windows are in tests/widgets.
"""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from exact_family import exact_segmenter
from later import LaterSteps
from napari_cutout.layers import SessionError, TargetError
from napari_cutout.layers.everything.everything import Everything
from napari_cutout.layers.long_jobs import run_through
from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import Segmenter
from napari_cutout.segment.automatic.filters import Filters
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.errors import OptionError
from short_family import CPU, ShortFamily

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
QUICK = GridOptions(points_per_side=6, points_per_batch=9, stability_score_thresh=0.0)


@pytest.fixture
def begin(start):
    """Everything for a session of two objects; they are closed in the end."""
    begun = []

    def make(session=None, run=None, options=QUICK, pause=None):
        everything = Everything(session or start(), run, pause)
        everything.options = options
        begun.append(everything)
        return everything

    yield make
    for everything in begun:
        everything.close()


def boxes(objects):
    return sorted(one.box for one in objects)


BOTH = [(5, 6, 11, 19), (20, 30, 29, 49)]


def test_both_objects_are_found_shown_and_committed(begin):
    everything = begin()
    everything.find()
    assert boxes(everything.objects) == BOTH
    assert everything.status == "2 objects found. Choose among them, then commit."
    (layer,) = everything.layers
    assert np.count_nonzero(layer.data) == 298
    ids = everything.commit()
    assert sorted(ids) == [1, 2]
    assert np.count_nonzero(everything.session.labels.data) == 298
    assert everything.layers == ()
    assert everything.count == 0


def test_one_undo_brings_what_was_found_back(begin):
    everything = begin()
    session = everything.session
    everything.find()
    everything.set_filters(min_area=150)
    everything.commit()
    session.undo()
    assert not session.labels.data.any()
    assert (everything.count, everything.kept_count) == (2, 1)
    assert len(everything.layers) == 1
    session.redo()
    assert everything.count == 0
    assert np.count_nonzero(session.labels.data) == 200


def test_an_undo_does_not_take_what_was_found_since(begin):
    everything = begin()
    everything.find()
    everything.commit()
    everything.known = "ignore"
    everything.find()
    everything.drop(0)
    everything.session.undo()
    assert everything.kept_count == 1


def test_filters_ask_no_model(begin):
    everything = begin()
    everything.find()
    calls = dict(everything.session.segmenter.family.calls)
    everything.set_filters(min_area=150)
    assert boxes(everything.passing) == BOTH[1:]
    assert np.count_nonzero(everything.layers[0].data) == 200
    everything.filters = Filters()
    assert everything.kept_count == 2
    assert everything.session.segmenter.family.calls == calls


def test_filters_hold_for_what_is_found_next(begin):
    everything = begin()
    everything.set_filters(min_area=150)
    everything.find()
    assert (everything.count, everything.kept_count) == (2, 1)


def test_a_click_drops_and_keeps(begin):
    everything = begin(begin_placed(begin))
    image = everything.session.image
    everything.find()
    k = everything.at(image.data_to_world((8, 10)))
    assert everything.objects[k].box == BOTH[0]
    everything.toggle(k)
    assert boxes(everything.passing) == BOTH[1:]
    assert everything.describe(k).endswith("98 px, left out by hand.")
    everything.toggle(k)
    assert everything.kept_count == 2
    assert everything.at(image.data_to_world((0, 0))) is None
    everything.drop(k)
    everything.forget_decisions()
    assert everything.kept_count == 2
    with pytest.raises(SessionError, match="2 objects were found"):
        everything.drop(7)


def begin_placed(begin):
    session = begin().session
    session.image.scale, session.image.translate = (0.5, 0.5), (3, 4)
    return session


def test_what_is_left_out_is_outlined_when_asked(begin):
    everything = begin()
    everything.find()
    everything.shows_left_out = True
    everything.set_filters(min_area=150)
    shown, left_out = everything.layers
    # Of 7 x 14 pixels the outermost.
    assert (np.count_nonzero(shown.data), np.count_nonzero(left_out.data)) == (200, 38)
    everything.shows_left_out = False
    assert everything.layers == (shown,)


def test_outlines_stay_after_the_commit(begin):
    everything = begin()
    everything.show_as = "outlines"
    everything.find()
    everything.set_filters(min_area=150)
    everything.commit()
    image = everything.session.image
    layer = everything.session.viewer.layers[f"outlines of {image.name}"]
    assert len(layer.data) == 1
    assert layer.features["area"].tolist() == [200]


# Where


def test_inside_the_selected_shape(begin):
    everything = begin()
    viewer = everything.session.viewer
    shapes = viewer.add_shapes(
        [[[0, 0], [0, 29], [18, 29], [18, 0]], [[18, 29], [18, 59], [39, 59], [39, 29]]]
    )
    everything.where, everything.shapes = "shapes", shapes
    shapes.selected_data = {1}
    everything.find()
    assert boxes(everything.objects) == BOTH[1:]
    shapes.selected_data = set()
    everything.find()
    assert boxes(everything.objects) == BOTH


def test_no_shape_is_said(begin):
    everything = begin()
    everything.where = "shapes"
    everything.session.viewer.layers.selection.active = everything.session.image
    everything.shapes = everything.session.viewer.add_shapes(ndim=2)
    with pytest.raises(SessionError, match="surrounds a pixel"):
        everything.find()
    assert not everything.is_running


def test_what_the_canvas_shows(begin):
    everything = begin()
    everything.session.image.corner_pixels = np.array([[0, 0], [15, 25]])
    everything.where = "view"
    everything.find()
    assert boxes(everything.objects) == BOTH[:1]


def test_committed_objects_are_left_alone_or_not(begin):
    everything = begin()
    everything.session.add_point((8, 10))
    everything.session.commit()
    everything.find()
    assert boxes(everything.objects) == BOTH[1:]
    everything.known = "ignore"
    everything.find()
    assert boxes(everything.objects) == BOTH


def test_labels_that_do_not_lie_on_the_image_are_said(begin):
    everything = begin()
    session = everything.session
    session.labels = session.viewer.add_labels(np.zeros((40, 60), int), scale=(3, 3))
    with pytest.raises(TargetError):
        everything.find()


def test_the_frame_that_is_shown(begin, start, two_objects):
    stack = np.zeros((3, 40, 60), np.uint8)
    stack[2] = two_objects
    session = start(stack)
    everything = begin(session)
    session.viewer.dims.set_current_step(0, 2)
    everything.find()
    session.viewer.dims.set_current_step(0, 0)
    assert everything.at(session.image.data_to_world((0, 8, 10))) is None
    everything.commit()
    assert np.flatnonzero(session.labels.data.any(axis=(1, 2))).tolist() == [2]


# From what is there


def test_masks_of_another_tool_are_refined(begin):
    everything = begin()
    viewer = everything.session.viewer
    theirs = np.zeros((40, 60), np.uint8)
    theirs[LEFT] = 9
    everything.refine(viewer.add_labels(theirs, name="theirs"))
    assert boxes(everything.objects) == BOTH[:1]
    everything.commit()
    (record,) = everything.session.objects
    assert (record.found.mode, record.found.options) == ("refine", {"layer": "theirs"})


def test_edges_are_a_layer_and_what_was_found_stays(begin):
    everything = begin()
    everything.find()
    everything.map_edges(points_per_side=4)
    image = everything.session.image
    edges = everything.session.viewer.layers[f"edges of {image.name}"].data
    assert edges.shape == (40, 60)
    assert edges[20:30, 28:52].any()
    assert not edges[10:18, 30:50].any()
    assert everything.count == 2
    assert everything.status == "The edges of the frame are in a layer of their own."


def test_more_of_a_kind_are_found(begin, start):
    session = start(fluorescence()[100:360, 250:550])
    session.model = "compact"
    session.add_point((92, 161))
    session.commit()
    everything = begin(session)
    everything.find_like(1)
    assert everything.count > 3
    assert everything.found.by.mode == "similar"
    assert session.labels.data[92, 161] == 1
    assert everything.at(session.image.data_to_world((92, 161))) is None


def test_more_in_other_frames_wait_for_them_to_be_shown(begin, start):
    plane = fluorescence()[100:360, 250:550]
    session = start(np.stack([plane, plane[::-1]]))
    session.model = "compact"
    session.viewer.dims.set_current_step(0, 0)
    session.add_point((92, 161))
    session.commit()
    everything = begin(session)
    everything.find_like(1, "all")
    here = everything.count
    assert everything.found.frame == (0, None, None)
    assert "2 frames" in everything.status
    session.viewer.dims.set_current_step(0, 1)
    assert everything.found.frame == (1, None, None)
    there = everything.commit()
    session.viewer.dims.set_current_step(0, 0)
    assert everything.count == here
    assert len(everything.commit()) == here
    assert (np.unique(session.labels.data[1])[1:] == there).all()


# Running


def test_cancelling_keeps_what_was_found(begin):
    later = LaterSteps()
    everything = begin(run=later)
    everything.find()
    later.step(2)
    assert everything.is_running
    so_far = everything.count
    with pytest.raises(SessionError, match="still being looked for"):
        everything.commit()
    everything.cancel()
    later.finish()
    assert not everything.is_running
    assert everything.count >= so_far
    assert everything.status.startswith("Cancelled")
    everything.session.undo()


def test_progress_is_told(begin):
    everything = begin()
    told = []
    everything.events.progress.connect(lambda: told.append(everything.progress))
    everything.find()
    assert told[-1] == (36, 36)
    assert (0, 0) in told


def test_cancelling_from_within(begin):
    everything = begin()
    everything.events.progress.connect(
        lambda: everything.cancel() if everything.progress[0] >= 16 else None
    )
    everything.find()
    assert everything.progress[0] == 16
    assert everything.status.startswith("Cancelled")


def test_what_is_asked_later_wins(begin):
    later = LaterSteps()
    everything = begin(run=later)
    everything.find()
    first, first_steps = later.job, later.steps
    everything.find()
    for step in first_steps:
        first.take(step)
    first.end(None)
    assert everything.is_running
    assert everything.count == 0
    later.finish()
    assert everything.count == 2


def test_an_error_is_said_and_raised(begin):
    everything = begin()
    everything.session.model = "no-such-model"
    with pytest.raises(ValueError, match="no-such-model"):
        everything.find()
    assert not everything.is_running
    assert "no-such-model" in everything.status


def test_what_was_found_before_memory_ran_out_stays(begin, start, two_objects):
    family = ShortFamily(exact_segmenter().model, error=CPU)
    session = start(two_objects)
    session.model = Segmenter.from_family(family, "short")
    later = LaterSteps()
    everything = begin(session, run=later)
    everything.find()
    later.step(4)
    before = everything.progress
    family.prompts = 0
    later.finish()
    assert not everything.is_running
    assert everything.progress == before
    assert everything.count == 1
    assert "memory" in everything.status


def test_an_error_does_not_hold_what_it_was_about(begin, start, two_objects):
    class Pixels:
        """What weak references may be had of."""

    class Failing(ShortFamily):
        def draft(self, features, prompts, multimask):
            pixels = Pixels()
            held.append(weakref.ref(pixels))
            raise OSError("the drive is gone")

    held, later, session = [], LaterSteps(), start(two_objects)
    session.model = Segmenter.from_family(Failing(exact_segmenter().model), "failing")
    begin(session, run=later).find()

    def go_on():
        for _ in later.steps:
            gone.append([pixels() is None for pixels in held])

    gone = []
    with pytest.raises(OSError, match="the drive is gone") as raised:
        go_on()

    assert gone[:2] == [[], [True]]
    assert held[0]() is None
    assert [entry.name for entry in raised.traceback][-1] == "draft"


def test_options_are_checked(begin):
    everything = begin()
    with pytest.raises(OptionError):
        everything.set_options(points_per_side=0)
    with pytest.raises(SessionError, match="GridOptions"):
        everything.options = {"points_per_side": 3}
    with pytest.raises(ValueError, match="grid"):
        everything.mode = "guess"
    with pytest.raises(ValueError, match="view"):
        everything.where = "somewhere"
    assert everything.options == QUICK


def test_the_frame_that_was_encoded_is_used_again(begin):
    everything = begin()
    everything.session.encode()
    everything.find()
    everything.find()
    assert everything.session.segmenter.family.calls["encode"] == 1


def test_pixels_that_changed_in_place_are_seen(begin):
    everything = begin()
    everything.find()
    everything.session.image.data[LEFT] = 0
    everything.find()
    assert boxes(everything.objects) == BOTH[1:]


def test_filters_that_move_meanwhile_hold(begin):
    """What comes was drawn in the thread, by the filters of that time."""
    later = LaterSteps()
    everything = begin(run=later)
    everything.shows_left_out = True
    everything.find()
    steps = list(later.steps)
    everything.set_filters(min_area=150)
    for step in steps:
        later.job.take(step)
        # The last part of a set that was found.
        if getattr(step, "kind", None) == "rims" and everything.count:
            shown, left_out = everything.layers
            dropped = everything.count - everything.kept_count
            assert np.count_nonzero(left_out.data) == 38 * dropped
            assert np.count_nonzero(shown.data) == 200 * everything.kept_count
    later.job.end(None)
    assert (everything.count, everything.kept_count) == (2, 1)


def test_layers_stay_for_what_is_found_next(begin):
    """Unseen: taking layers away takes napari long."""
    later = LaterSteps()
    everything = begin(run=later)
    everything.find()
    later.finish()
    layers = everything.layers
    everything.find()
    assert [layer.visible for layer in layers] == [False]
    later.finish()
    assert everything.layers == layers
    assert [layer.visible for layer in layers] == [True]
    everything.session.image.data[...] = 0
    everything.find()
    later.finish()
    assert everything.count == 0
    assert everything.layers == ()


def test_outlines_are_made_of_the_last_that_comes(begin):
    """Not of each step before it; until then pixels stand in."""
    later, pause = LaterSteps(), []
    everything = begin(run=later, pause=pause.append)
    everything.show_as = "outlines"
    everything.find()
    while not everything.layers:
        later.step()
    assert [type(layer).__name__ for layer in everything.layers] == ["Labels"]
    everything.set_filters(min_area=1)
    assert pause == []
    later.finish()
    (job,) = pause
    run_through(job)
    stand_in, outlines = everything.layers
    assert (stand_in.visible, outlines.visible) == (False, True)
    assert len(outlines.data) == 2


# Its end


def test_closing_takes_the_layers_away(begin):
    everything = begin()
    everything.show_as, everything.shows_left_out = "both", True
    everything.find()
    viewer = everything.session.viewer
    names = [layer.name for layer in viewer.layers if layer not in everything.layers]
    everything.close()
    assert [layer.name for layer in viewer.layers] == names
    everything.session.undo()
    with pytest.raises(SessionError, match="closed"):
        everything.find()


def test_it_ends_with_its_session(begin):
    later = LaterSteps()
    everything = begin(run=later)
    everything.find()
    later.step()
    everything.session.viewer.layers.remove(everything.session.image)
    assert everything.is_closed
    later.finish()
    assert later.job.cancelled.is_set()


def test_a_layer_that_is_deleted_stays_away(begin):
    everything = begin()
    everything.find()
    everything.session.viewer.layers.remove(everything.layers[0])
    everything.set_filters(min_area=150)
    assert everything.layers == ()
    assert everything.commit() == (1,)


def test_its_layers_are_no_targets(begin):
    everything = begin()
    everything.find()
    assert everything.layers[0] in everything.session.own_labels


def test_nothing_holds_it_while_it_runs(start):
    session, later = start(), LaterSteps()
    everything = Everything(session, later)
    everything.options = QUICK
    everything.find()
    gone = weakref.ref(everything)
    everything.close()
    del everything
    gc.collect()
    assert gone() is None
    later.finish()


def test_two_sessions_share_nothing(begin, start):
    one, other = begin(start()), begin(start())
    one.find()
    assert other.count == 0
    assert len(other.session.viewer.layers) == len(one.session.viewer.layers) - 1
