"""The target of a session: ids that never meet, whoever wrote them, and layers that change."""

from __future__ import annotations

import gc
from weakref import ref

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel

from exact_family import exact_segmenter
from labelled_layer import Labelled
from napari_cutout.annotate import ObjectRecord, PromptState, frame_slices
from napari_cutout.layers import Session, TargetError, object_edits
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target import reading, writing
from napari_cutout.layers.target.ids import Ids

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)
CORNER = np.s_[35:, 50:]


def start(labels=None, run=None):
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    viewer = ViewerModel()
    layer = None if labels is None else viewer.add_labels(labels)
    return Session(viewer, viewer.add_image(pixels), exact_segmenter(), layer, run)


def commit(session, at=IN_LEFT):
    session.add_point(at)
    return session.commit()


class Later:
    """A runner that keeps the reading of ids until it is told, and runs all else at once."""

    def __init__(self):
        self.ids = []

    def __call__(self, job):
        if job.kind == "ids":
            self.ids.append(job)
        else:
            job.deliver(job.compute())


def with_two_and_57():
    labels = np.zeros((40, 60), np.int32)
    labels[35:, :5], labels[CORNER] = 2, 57
    return labels


def test_redo_in_an_earlier_target_takes_no_id_of_the_new_one():
    session = start()
    commit(session)
    first = session.labels
    session.undo()
    session.labels = second = session.viewer.add_labels(with_two_and_57())
    session.redo()
    assert list(first.features["index"]) == [1]
    assert "model" not in second.features
    assert commit(session, IN_RIGHT) == 58
    np.testing.assert_array_equal(second.data == 2, with_two_and_57() == 2)


def test_undo_in_an_earlier_target_frees_no_id_of_the_new_one():
    session = start()
    for at in (IN_LEFT, IN_RIGHT):
        commit(session, at)
    first = session.labels
    labels = np.zeros((40, 60), np.int32)
    labels[CORNER] = 2
    session.labels = session.viewer.add_labels(labels)
    session.undo()
    assert list(first.features["index"]) == [1]
    session.clear()
    assert commit(session) == 3


def set_by_others(layer):
    layer.data_setitem(tuple(np.mgrid[35:40, 50:60].reshape(2, -1)), 2)


def paint_several(layer):
    layer.data_setitem((np.array([35, 36]), np.array([50, 50])), [2, 1])


def assign(layer):
    layer.data[CORNER] = 2
    layer.refresh()


@pytest.mark.parametrize("write", [set_by_others, paint_several, assign])
def test_ids_that_others_write_are_not_given_again(write):
    session = start()
    commit(session)
    write(session.labels)
    assert commit(session, IN_RIGHT) == 3


@pytest.mark.parametrize("make", [zarr.array, lambda data: da.from_array(data, chunks=20)])
def test_ids_that_others_write_into_lazy_labels_are_seen_in_the_frame(make):
    session = start(make(np.zeros((40, 60), np.int32)))
    commit(session)
    session.labels.data[CORNER] = 2
    assert commit(session, IN_RIGHT) == 3


def test_existing_ids_are_read_by_the_runner_when_the_target_is_chosen():
    run = Later()
    session = start(with_two_and_57(), run)
    assert [job.kind for job in run.ids] == ["ids"]
    with pytest.raises(TargetError, match="still being read"):
        commit(session)
    job = run.ids.pop()
    job.deliver(job.compute())
    assert session.commit() == 58
    assert not [job for job in run.ids if "ids" in job.text]


def test_ids_whose_reading_was_dropped_are_read_again():
    run = Later()
    session = start(with_two_and_57(), run)
    run.ids.pop().drop()
    with pytest.raises(TargetError, match="still being read"):
        commit(session)
    job = run.ids.pop()
    job.deliver(job.compute())
    assert session.commit() == 58


def test_what_is_painted_while_ids_are_read_counts():
    run = Later()
    session = start(np.zeros((40, 60), np.int32), run)
    job = run.ids.pop()
    read = job.compute()
    session.labels.data_setitem((np.array([35]), np.array([50])), 9)
    job.deliver(read)
    session.labels.data[35, 50] = 0
    assert commit(session) == 10


def test_a_pyramid_is_refused_with_what_to_do():
    levels = [np.zeros((40, 60), int), np.zeros((20, 30), int)]
    session = start()
    session.labels = session.viewer.add_labels(levels, multiscale=True)
    with pytest.raises(TargetError, match="New labels"):
        commit(session)


def labelled():
    data = np.zeros((2, 12, 16), np.int32)
    data[0, 1:4, 1:6], data[0, 6:10, 2:5], data[1, 5:11, 2:7] = 2, 3, 3
    return data


def commit_of(made, number, box=np.s_[2:5, 9:13], index=(0, None, None)):
    """An edit that writes a rectangle."""
    mask = np.ones((box[0].stop - box[0].start, box[1].stop - box[1].start), bool)
    origin = box[0].start, box[1].start
    change = writing.plan(made.labels, made.frame(index), mask, origin, number)
    record = ObjectRecord(number, index, mask, origin, 0.5, PromptState.empty(3), "exact")
    return Edit("Commit", (change,), (record,))


@pytest.mark.parametrize(
    "make", [np.array, zarr.array, lambda data: da.from_array(data, chunks=(1, 5, 5))]
)
def test_areas_follow_edits(make):
    made = Labelled(make(labelled()))
    assert made.areas() == made.counted()
    edit = commit_of(made, 4, np.s_[2:8, 3:9])
    made.apply(edit)
    assert made.areas() == made.counted()
    assert list(made.table) == list(edit.added)
    made.undo(edit)
    assert made.areas() == made.counted()
    assert list(made.table) == []


def test_areas_follow_an_edit_that_napari_undoes():
    made = Labelled(labelled())
    edit = commit_of(made, 4)
    made.apply(edit)
    with made.target.writing():
        made.labels.undo()
    made.target.edited(made.labels, edit, back=True)
    assert made.areas() == made.counted()


def paint(labels):
    labels.selected_label, labels.brush_size = 3, 5
    labels.paint((0, 3, 4), 3)


def erase(labels):
    labels.brush_size = 3
    labels.paint((0, 2, 3), 0)


def fill(labels):
    labels.fill((0, 0, 0), 9)


def draw(labels):
    labels.paint_polygon([[0, 0, 0], [0, 8, 2], [0, 3, 9]], 7)


def set_items(labels):
    indices = tuple(np.array([[0, 1, 1], [3, 3, 4], [2, 5, 15]]))
    labels.data_setitem(indices, [5, 6, 5])


def in_one_go(labels):
    with labels.block_history():
        paint(labels)
        erase(labels)
        set_items(labels)


STROKES = pytest.mark.parametrize("stroke", [paint, erase, fill, draw, set_items, in_one_go])
ARRAYS = pytest.mark.parametrize("make", [np.array, zarr.array], ids=["numpy", "zarr"])


@ARRAYS
@STROKES
def test_areas_follow_strokes_and_their_undoing(make, stroke):
    made = Labelled(make(labelled()))
    before = made.areas()
    stroke(made.labels)
    assert made.areas() == made.counted() != before
    assert len(made.strokes) == 1
    with made.target.writing():
        made.labels.undo()
    made.target.repainted(made.labels, made.strokes[0], back=True)
    assert made.areas() == made.counted() == before
    with made.target.writing():
        made.labels.redo()
    made.target.repainted(made.labels, made.strokes[0], back=False)
    assert made.areas() == made.counted()


def test_areas_heal_after_others_wrote_in_place():
    made = Labelled(labelled())
    before = made.areas()
    made.labels.data[0, 8:, 8:] = 6
    made.labels.refresh()
    assert made.areas() == made.counted() != before


def test_areas_heal_after_an_undo_that_nobody_told_of():
    made = Labelled()
    made.target.ensure()
    made.labels.paint((5, 5), 3)
    made.labels.undo()
    assert made.areas() == {}


def test_looking_at_another_frame_reads_nothing_again():
    run = Later()
    made = Labelled(zarr.array(labelled()), run=run)
    while run.ids or made.table.places.known != "all":
        job = run.ids.pop(0)
        job.deliver(job.compute())
    made.viewer.dims.set_point(0, 1)
    assert made.areas() == made.counted()
    assert run.ids == []


def test_data_that_are_replaced_are_read_anew():
    made = Labelled(labelled())
    made.apply(commit_of(made, 4))
    table = made.table
    made.labels.data = np.full((2, 12, 16), 9)
    assert made.table is table
    assert (made.areas(), list(made.table)) == (made.counted(), [])
    assert made.target.next_id(made.frame((0, None, None))) == 10


def test_the_table_is_there_before_the_layer():
    made = Labelled()
    table = made.table
    made.target.ensure()
    assert made.table is table


def test_objects_are_read_only_when_they_are_asked_for():
    run = Later()
    made = Labelled(labelled(), run=run)
    job = run.ids.pop()
    job.deliver(job.compute())
    assert run.ids == []
    assert made.areas() == {}
    assert len(run.ids) == 1


def test_objects_that_were_asked_for_are_read_after_the_ids():
    run = Later()
    made = Labelled(labelled(), run=run)
    assert made.areas() == {}
    while run.ids:
        job = run.ids.pop()
        job.deliver(job.compute())
    assert made.areas() == made.counted()
    assert made.found


def test_features_are_written_with_the_first_edit_and_once_for_each():
    made = Labelled(labelled())
    told = []
    made.labels.events.features.connect(lambda: told.append(True))
    assert made.areas()
    assert told == []
    made.apply(commit_of(made, 4))
    assert made.labels.features["area"].tolist() == [15, 42, 12]
    assert told == [True]


def said_areas(labels):
    names = ("index", "area")
    return dict(zip(*(labels.features[name] for name in names), strict=True))


def test_features_follow_strokes_once_they_are_there():
    made = Labelled(labelled())
    assert made.areas()
    paint(made.labels)
    assert "area" not in made.labels.features
    made.apply(commit_of(made, 4))
    erase(made.labels)
    assert said_areas(made.labels) == made.counted()


def test_features_leave_out_what_is_not_read_yet():
    run = Later()
    made = Labelled(labelled(), run=run)
    job = run.ids.pop()
    job.deliver(job.compute())
    paint(made.labels)
    made.apply(commit_of(made, 4))
    assert said_areas(made.labels) == {4: 12}
    made.areas()
    job = run.ids.pop()
    job.deliver(job.compute())
    assert said_areas(made.labels) == made.counted()


def test_decisions_of_a_review_are_features():
    made = Labelled(labelled())
    made.apply(commit_of(made, 4))
    made.target.decided({3: "accepted"})
    assert made.labels.features["review"].tolist()[1] == "accepted"
    made.target.decided({})
    assert made.labels.features["review"].isna().all()


def test_classes_come_from_the_features_and_follow_the_person():
    made = Labelled(labelled(), features={"index": [2], "class": ["cell"]})
    assert made.table.class_of(2) == "cell"
    made.labels.features = made.labels.features.assign(**{"class": ["dirt"]})
    assert made.table.class_of(2) == "dirt"


def test_colours_by_class_follow_edits_and_targets():
    made = Labelled(labelled())
    own = made.labels.colormap
    made.target.color_by_class = True
    made.apply(object_edits.set_class([2], "cell", made.table))
    assert not np.allclose(made.labels.get_color(2), made.labels.get_color(3))
    first = made.labels
    made.target.use(made.viewer.add_labels(labelled()))
    assert first.colormap is own
    assert made.labels.colormap is not own
    made.target.close()


def test_an_id_that_was_deleted_is_not_given_again_but_one_that_was_undone_is():
    made = Labelled(labelled())
    edit = commit_of(made, 4)
    made.apply(edit)
    made.undo(edit)
    frame = made.frame((0, None, None))
    assert made.target.next_id(frame) == 4
    made.apply(object_edits.delete(made.labels, [3], made.table))
    assert made.target.next_id(frame) == 4


class Counting:
    """An array that counts the pixels that are read."""

    def __init__(self, data):
        self.data, self.read = data, 0
        self.shape, self.dtype, self.ndim = data.shape, data.dtype, data.ndim

    def __getitem__(self, key):
        self.read += self.data[key].size
        return self.data[key]


@pytest.mark.parametrize("shape", [(3000, 3000), (40, 200, 200)])
def test_looking_for_an_id_follows_the_object_and_small_frames(shape):
    data = Counting(np.zeros(shape, np.int32))
    ids = Ids(data, largest=5)
    index = (0,) * (len(shape) - 2) + (None, None)
    box = frame_slices(index, (slice(7, 17), slice(30, 50)))
    data.data[box] = 8
    assert ids.next(index, [box]) == 9
    assert data.read in (200, 200 * 200)


def test_arrays_in_memory_are_looked_through_once_after_they_were_drawn_anew():
    data = np.zeros((40, 200, 200), np.int32)
    ids = Ids(data, largest=0)
    data[30] = 4
    assert ids.next((0, None, None)) == 1
    ids.doubt()
    assert ids.next((0, None, None)) == 5


@pytest.mark.parametrize(("dtype", "wider"), [(np.uint8, np.uint16), (np.int16, np.int32)])
def test_widening(dtype, wider):
    data = labelled().astype(dtype)
    made = Labelled(data, scale=(3, 2, 1), features={"index": [2], "note": ["a"]}, name="cells")
    made.labels.metadata["mine"] = 1
    made.image.scale = (3, 2, 1)
    made.apply(commit_of(made, np.iinfo(dtype).max))
    old = made.labels
    with pytest.raises(ValueError, match="widen_labels"):
        made.target.next_id(made.frame((0, None, None)))
    assert made.target.widen() == (old, made.labels)
    new = made.labels
    assert new is not old
    np.testing.assert_array_equal(new.data, old.data)
    assert (new.data.dtype, old.data.dtype) == (wider, dtype)
    layers = list(made.viewer.layers)
    assert layers.index(new) == layers.index(old) + 1
    assert (old.visible, new.visible) == (False, True)
    np.testing.assert_array_equal(new.scale, old.scale)
    assert new.features.equals(old.features)
    assert new.metadata == {"mine": 1}
    assert made.areas() == made.counted()
    assert len(made.table) == 1
    assert made.target.next_id(made.frame((0, None, None))) == np.iinfo(dtype).max + 1


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (zarr.zeros((12, 16), dtype=np.uint8), "isn't in memory"),
        (np.zeros((12, 16), np.uint64), "no wider dtype"),
    ],
)
def test_labels_that_cannot_be_widened(data, text):
    made = Labelled(data)
    with pytest.raises(TargetError, match=text):
        made.target.widen()
    assert len(made.viewer.layers) == 2


def test_without_labels_there_is_nothing_to_widen():
    with pytest.raises(TargetError, match="no labels yet"):
        Labelled().target.widen()


def test_layers_that_are_gone_are_let_go_of():
    made = Labelled(labelled())
    first = ref(made.labels)
    made.target.use(made.viewer.add_labels(labelled()))
    made.viewer.layers.remove(first())
    gc.collect()
    assert first() is None


def test_frames_of_huge_labels_are_read_when_they_are_looked_at(monkeypatch):
    monkeypatch.setattr(reading, "WHOLE", 100)
    made = Labelled(zarr.array(labelled()))
    assert sorted(made.areas()) == [2, 3]
    assert made.areas()[3] == 12
    made.viewer.dims.set_point(0, 1)
    assert made.areas() == made.counted()
    assert made.target.next_id(made.frame((1, None, None))) == 4


def act(session, action):
    """One of the things that a person does."""
    table, labels = session.objects, session.labels
    if action in ("left", "right"):
        commit(session, IN_LEFT if action == "left" else IN_RIGHT)
    elif action in ("paint", "erase") and labels is not None:
        labels.paint(IN_RIGHT, 7 if action == "paint" else 0)
    elif action == "delete" and table.ids:
        session.delete(table.ids[0])
    elif action == "merge" and len(table.ids) > 1:
        session.merge(table.ids[:2])
    elif action == "class" and table.ids:
        session.set_class(table.ids[-1:], "cell")
    elif action in ("undo", "redo"):
        getattr(session, action)()
    elif action.startswith("napari") and labels is not None:
        getattr(labels, action.removeprefix("napari "))()


ACTIONS = (
    "left", "right", "paint", "erase", "delete", "merge", "class", "undo", "redo", "napari undo",
    "napari redo",
)  # fmt: skip


def test_a_stroke_that_napari_undid_by_itself_is_followed():
    session = start()
    for action in ("left", "right", "paint", "napari undo", "undo"):
        act(session, action)

    assert [row.id for row in session.objects.rows()] == [1]
    np.testing.assert_array_equal(np.unique(session.labels.data), [0, 1])


def test_a_stroke_that_napari_did_again_by_itself_is_followed():
    session = start()
    for action in ("left", "right", "paint", "undo"):
        act(session, action)
    painted = session.labels.data.copy()
    session.labels.redo()
    assert session.undo()

    np.testing.assert_array_equal(session.labels.data, painted)
    assert [row.id for row in session.objects.rows()] == [1, 2]


@settings(max_examples=15)
@given(st.lists(st.sampled_from(ACTIONS), max_size=10))
@example(["right", "paint", "napari undo", "undo"])
@example(["paint", "undo", "napari redo", "undo", "undo"])
@example(["undo", "undo", "napari redo", "redo", "redo"])
@example(["right", "class", "napari undo", "undo", "napari redo"])
def test_the_table_is_in_step_with_the_pixels_whatever_is_done(actions):
    session = start()
    for action in ["left", *actions]:
        act(session, action)
        pixels = session.labels.data
        numbers, counts = np.unique(pixels[pixels != 0], return_counts=True)
        rows = session.objects.rows()
        assert [(row.id, row.area) for row in rows] == list(zip(numbers, counts, strict=True))


def test_adding_a_layer_leaves_what_is_selected_and_tells_nobody():
    viewer = ViewerModel()
    layers = [viewer.add_image(np.zeros((9, 9))) for _ in range(3)]
    told = []
    viewer.layers.selection.events.active.connect(told.append)
    viewer.layers.selection.active = layers[0]
    told.clear()
    with keeping_selection(viewer):
        viewer.add_labels(np.zeros((9, 9), int))
    assert viewer.layers.selection.active == layers[0]
    viewer.layers.selection = layers[1:]
    told.clear()
    with keeping_selection(viewer):
        viewer.add_labels(np.zeros((9, 9), int))
    assert set(viewer.layers.selection) == set(layers[1:])
    viewer.layers.selection.clear()
    told.clear()
    with keeping_selection(viewer):
        viewer.add_labels(np.zeros((9, 9), int))
    assert set(viewer.layers.selection) == set()
    assert told == []
