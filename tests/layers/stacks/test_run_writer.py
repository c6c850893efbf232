"""What a run writes is one step, whatever happens meanwhile; pixels are those of a plain model."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from napari.components import ViewerModel

from exact_family import exact_segmenter
from finding import found
from napari_cutout.annotate import IdsExhaustedError
from napari_cutout.annotate.extents import extents_of
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import Session, TargetError
from napari_cutout.layers.gathering import FoundBy, smaller_on_top
from napari_cutout.layers.stacks.run_writer import RunWriter

SHAPE = (4, 24, 30)
BY = FoundBy("grid", None, "exact", "abc")


def session_on(labels=None, shape=SHAPE):
    viewer = ViewerModel()
    viewer.dims.ndisplay = 2
    data = np.zeros(shape, np.uint8)
    data[..., 5:12, 6:20] = 255
    image = viewer.add_image(data)
    layer = None if labels is None else viewer.add_labels(labels)
    session = Session(viewer, image, exact_segmenter(), layer)
    viewer.dims.set_current_step(0, 0)
    return session


def boxes(*places, size=(3, 4)):
    return [found(place, size) for place in places]


def add(writer, at, objects):
    crops = smaller_on_top([(one.decode(), one.origin) for one in objects])
    return writer.add((at, None, None), objects, crops, BY)


def with_boxes(labels, at, ids, places, size=(3, 4)):
    expected = np.array(labels)
    for number, (row, col) in zip(ids, places, strict=True):
        expected[at, row : row + size[0], col : col + size[1]] = number
    return expected


def test_frames_are_one_step():
    session = session_on()
    writer = RunWriter(session, "Finding")
    assert add(writer, 0, boxes((1, 1), (9, 9))) == (1, 2)
    assert add(writer, 2, boxes((1, 2))) == (3,)
    expected = with_boxes(np.zeros(SHAPE), 0, (1, 2), [(1, 1), (9, 9)])
    expected = with_boxes(expected, 2, (3,), [(1, 2)])
    np.testing.assert_array_equal(session.labels.data, expected)
    assert [record.id for record in session.objects] == [1, 2, 3]
    assert session.undo()
    assert not session.labels.data.any()
    assert len(session.objects) == 0
    assert not session.can_undo
    session.redo()
    np.testing.assert_array_equal(session.labels.data, expected)
    assert [record.id for record in session.objects] == [1, 2, 3]


def test_the_features_follow():
    session = session_on()
    writer = RunWriter(session, "Finding")
    for at in range(4):
        add(writer, at, boxes((1, 1), (9, 9)))
    writer.tell()
    assert session.labels.features["index"].tolist() == list(range(1, 9))
    session.undo()
    assert len(session.labels.features) == 0


def test_an_edit_in_between_divides_it_in_two_steps():
    session = session_on()
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1)))
    session.delete(1)
    add(writer, 1, boxes((1, 1)))
    assert len(writer.steps) == 2
    session.undo()
    assert not session.labels.data.any()
    session.undo()
    assert np.count_nonzero(session.labels.data) == 12
    session.undo()
    assert not session.labels.data.any()


def test_prompts_in_between_do_not():
    session = session_on()
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1)))
    session.add_point((8, 8))
    add(writer, 1, boxes((1, 1)))
    assert len(writer.steps) == 1
    session.undo()
    assert len(session.prompts) == 0
    assert np.count_nonzero(session.labels.data) == 24
    session.undo()
    assert not session.labels.data.any()


def test_the_policy_is_honoured():
    session = session_on(np.full(SHAPE, 7, np.int32))
    session.policy = "keep_existing"
    assert add(RunWriter(session, "Finding"), 0, boxes((1, 1))) == ()
    session.policy = "new_on_top"
    assert add(RunWriter(session, "Finding"), 0, boxes((1, 1))) == (8,)
    session.undo()
    assert (session.labels.data == 7).all()


def test_ids_beyond_the_dtype_are_refused_and_the_rest_stays():
    labels = np.zeros(SHAPE, np.uint8)
    labels[3, 0, 0] = 253
    session = session_on(labels)
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1)))
    with pytest.raises(IdsExhaustedError, match="widen_labels"):
        add(writer, 1, boxes((1, 1), (9, 9)))
    assert np.unique(session.labels.data).tolist() == [0, 253, 254]


def test_another_target_ends_it():
    session = session_on()
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1)))
    session.labels = session.viewer.add_labels(np.zeros(SHAPE, np.int32))
    with pytest.raises(TargetError, match="aren't those of the session"):
        add(writer, 1, boxes((1, 1)))


def test_another_view_does_not():
    session = session_on()
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1)))
    session.viewer.dims.ndisplay = 3
    assert add(writer, 1, boxes((1, 1))) == (2,)
    session.viewer.dims.ndisplay = 2
    session.viewer.dims.order = (1, 0, 2)
    assert add(writer, 2, boxes((1, 1))) == (3,)


def in_zarr(shape):
    return zarr.create_array(
        zarr.storage.MemoryStore(), shape=shape, chunks=(1, 7, 9), dtype=np.int32, fill_value=0
    )


def test_labels_in_zarr_are_written_and_undone():
    session = session_on(in_zarr(SHAPE))
    writer = RunWriter(session, "Finding")
    places = [(1, 1), (5, 7), (9, 9), (15, 20)]
    ids = add(writer, 1, boxes(*places))
    expected = with_boxes(np.zeros(SHAPE), 1, ids, places)
    np.testing.assert_array_equal(np.asarray(session.labels.data), expected)
    session.undo()
    assert not np.asarray(session.labels.data).any()


def test_what_cannot_be_written_is_taken_back(monkeypatch):
    session = session_on(in_zarr(SHAPE))
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1)))
    monkeypatch.setattr("napari_cutout.layers.target.direct_writing.BLOCK", 8)
    data, writes = session.labels.data, []

    def full(self, key, value):
        writes.append(key)
        if len(writes) == 2:
            raise OSError("No space left on device")
        original(self, key, value)

    original = type(data).__setitem__
    monkeypatch.setattr(type(data), "__setitem__", full)
    before = np.array(data)
    with pytest.raises(TargetError, match="No space left"):
        add(writer, 1, boxes((1, 1), (15, 20)))
    np.testing.assert_array_equal(np.asarray(data), before)
    assert [record.id for record in session.objects] == [1]


def test_a_first_part_that_cannot_be_written_leaves_no_step(monkeypatch):
    session = session_on(np.zeros(SHAPE, np.int32))
    writer = RunWriter(session, "Finding")

    def full(*_):
        raise TargetError("No space left on device")

    monkeypatch.setattr("napari_cutout.layers.stacks.run_writer.write_directly", full)
    with pytest.raises(TargetError, match="No space left"):
        add(writer, 0, boxes((1, 1)))
    assert not writer.steps
    assert not session.can_undo
    monkeypatch.undo()
    assert add(writer, 0, boxes((1, 1))) == (1,)
    session.undo()
    assert not session.labels.data.any()


def test_lazy_labels_are_refused_before_anything():
    session = session_on()
    session.labels = session.viewer.add_labels(np.zeros(SHAPE, np.int32))
    session.labels.editable = False
    with pytest.raises(TargetError, match="not editable"):
        RunWriter(session, "Finding")


def test_no_room_is_taken_for_what_was_background():
    session = session_on()
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1), size=(20, 25)))
    (change,) = writer.steps[0].edit.changes
    assert change.before.strides == (0,)
    assert np.shares_memory(change.pixels, session.objects.records_of(1)[0].mask)


def test_the_log_has_each_frame_and_one_undo():
    session = session_on()
    writer = RunWriter(session, "Finding")
    add(writer, 0, boxes((1, 1), (9, 9)))
    add(writer, 1, boxes((1, 1)))
    assert [len(entry.added) for entry in session.log if entry.kind == "edit"] == [0, 2, 1]
    data = np.array(session.labels.data)
    (section,) = sections(session.log)
    replayed = replay(section)
    np.testing.assert_array_equal(replayed.labels, data)
    assert [one.id for one in replayed.objects] == [1, 2, 3]
    session.undo()
    (section,) = sections(session.log)
    assert section[-1].kind == "undo"
    assert len(section[-1].removed) == 3
    assert not replay(section).labels.any()
    session.redo()
    (section,) = sections(session.log)
    np.testing.assert_array_equal(replay(section).labels, data)
    assert len(replay(section).objects) == 3


def test_a_dask_array_is_written_where_it_can_be():
    labels = da.zeros(SHAPE, dtype=np.int32, chunks=(1, 24, 30))
    session = session_on(labels)
    add(RunWriter(session, "Finding"), 1, boxes((1, 1)))
    assert np.count_nonzero(np.asarray(session.labels.data)) == 12
    session.undo()
    assert not np.asarray(session.labels.data).any()


class AnyRun(RuleBasedStateMachine):
    """Runs, edits, strokes, undo and redo in any order."""

    @initialize(kind=st.sampled_from(["numpy", "zarr"]))
    def begin(self, kind):
        labels = np.zeros(SHAPE, np.int32) if kind == "numpy" else in_zarr(SHAPE)
        self.session = session_on(labels)
        self.is_numpy = kind == "numpy"
        self.writer = RunWriter(self.session, "Run")
        self.chain, self.place = [np.zeros(SHAPE, np.int32)], 0
        # What made each step, and what would go on in the last one.
        self.makers, self.maker = [None], object()

    def teardown(self):
        if hasattr(self, "session"):
            self.session.close()

    def push(self, labels, maker=None):
        self.chain = [*self.chain[: self.place + 1], labels]
        self.makers = [*self.makers[: self.place + 1], maker]
        self.place += 1

    @rule(
        at=st.integers(0, 3),
        places=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 25)), min_size=1, max_size=4),
        policy=st.sampled_from(["new_on_top", "keep_existing"]),
    )
    def find(self, at, places, policy):
        self.session.policy = policy
        expected = np.array(self.chain[self.place])
        objects = boxes(*places)
        ids = add(self.writer, at, objects)
        left = list(ids)
        for mask, (row, col) in smaller_on_top([(one.decode(), one.origin) for one in objects]):
            there = expected[at, row : row + mask.shape[0], col : col + mask.shape[1]]
            wanted = mask if policy == "new_on_top" else mask & (there == 0)
            if wanted.any():
                there[wanted] = left.pop(0)
        assert not left
        assert not set(ids) & set(np.unique(self.chain[self.place]))
        if not ids:
            return
        if self.makers[self.place] is self.maker and self.place == len(self.chain) - 1:
            self.chain[self.place] = expected
        else:
            self.maker = object()
            self.push(expected, self.maker)

    @rule()
    def another_run(self):
        self.writer.tell()
        self.writer, self.maker = RunWriter(self.session, "Run"), object()

    @rule(at=st.integers(0, 3), row=st.integers(0, 23), col=st.integers(0, 29))
    @precondition(lambda self: self.is_numpy)
    def paint(self, at, row, col):
        if self.chain[self.place][at, row, col] == 3:
            return
        self.session.labels.data_setitem((np.array([at]), np.array([row]), np.array([col])), 3)
        expected = self.chain[self.place].copy()
        expected[at, row, col] = 3
        self.push(expected)

    @rule(data=st.data())
    @precondition(lambda self: self.chain[self.place].any())
    def delete(self, data):
        number = data.draw(st.sampled_from(np.unique(self.chain[self.place])[1:].tolist()))
        self.session.delete(number)
        expected = np.array(self.chain[self.place])
        expected[expected == number] = 0
        self.push(expected)

    @rule()
    def undo(self):
        self.session.undo()
        self.place = max(self.place - 1, 0)

    @rule()
    def redo(self):
        self.session.redo()
        self.place = min(self.place + 1, len(self.chain) - 1)

    @rule(at=st.integers(0, 3), ndisplay=st.integers(2, 3))
    def look(self, at, ndisplay):
        self.session.viewer.dims.ndisplay = ndisplay
        self.session.viewer.dims.set_current_step(0, at)

    @invariant()
    def labels_and_objects_are_as_the_model_says(self):
        if not hasattr(self, "session"):
            return
        now = self.chain[self.place]
        np.testing.assert_array_equal(np.asarray(self.session.labels.data), now)
        known = {
            (number, frame[0]): extent.area
            for number in self.session.objects.places
            for frame, extent in self.session.objects.places.of(number).items()
        }
        assert known == {
            (number, at): extent.area
            for at in range(SHAPE[0])
            for number, extent in extents_of(now[at]).items()
        }


TestAnyRun = AnyRun.TestCase
TestAnyRun.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
