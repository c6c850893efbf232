"""Any sequence of edits, strokes, undos and changes of target: the log comes to the same labels."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from napari.components import ViewerModel

from exact_family import exact_segmenter
from napari_cutout.annotate.replay import header_of, replay, sections
from napari_cutout.formats.logs.log_reader import read_entries
from napari_cutout.layers import Session, SessionError, TargetError
from napari_cutout.layers.steps import EditStep

SHAPE = (2, 24, 30)
DISCS = [(6, 6, 4), (6, 18, 5), (17, 10, 5), (12, 24, 4)]
ids = st.integers(1, 6)


def image():
    rows, cols = np.mgrid[: SHAPE[1], : SHAPE[2]]
    frame = np.zeros(SHAPE[1:], np.uint8)
    for row, col, radius in DISCS:
        frame[(rows - row) ** 2 + (cols - col) ** 2 < radius**2] = 255
    return np.stack([frame, frame.T[: SHAPE[1], : SHAPE[1]].repeat(2, 1)[:, : SHAPE[2]]])


class AnySequence(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.viewer = ViewerModel()
        self.session = Session(self.viewer, self.viewer.add_image(image()), exact_segmenter())
        self.starts = {}

    def teardown(self):
        if hasattr(self, "session"):
            self.session.close()

    def has_labels(self):
        return self.session.labels is not None

    def attempt(self, action, *arguments):
        try:
            action(*arguments)
        except (SessionError, TargetError):
            return

    @rule(disc=st.sampled_from(DISCS), again=st.booleans())
    def commit(self, disc, again):
        self.session.same_object = again
        self.session.add_point(disc[:2])
        self.attempt(self.session.commit)

    @rule(policy=st.sampled_from(["new_on_top", "keep_existing", "only_background"]))
    def overlap(self, policy):
        self.session.policy = policy

    @rule(number=ids)
    @precondition(has_labels)
    def delete(self, number):
        self.attempt(self.session.delete, [number])

    @rule(numbers=st.lists(ids, min_size=2, max_size=3, unique=True))
    @precondition(has_labels)
    def merge(self, numbers):
        self.attempt(self.session.merge, numbers)

    @rule(number=ids, disc=st.sampled_from(DISCS))
    @precondition(has_labels)
    def split(self, number, disc):
        row, col, _ = disc
        self.attempt(self.session.split, number, (row - 1, col - 1), (row + 1, col + 1))

    @rule(number=ids, name=st.sampled_from(["", "cell", "debris"]))
    @precondition(has_labels)
    def classify(self, number, name):
        self.attempt(self.session.set_class, [number], name)

    @rule(
        row=st.integers(0, 23),
        col=st.integers(0, 29),
        value=st.integers(0, 4),
        dimensions=st.sampled_from([2, 3]),
        kind=st.sampled_from(["dab", "drag", "fill", "pixels"]),
    )
    @precondition(has_labels)
    def paint(self, row, col, value, dimensions, kind):
        labels = self.session.labels
        labels.n_edit_dimensions, labels.brush_size = dimensions, 5
        at = self.viewer.dims.current_step[0]
        if kind == "pixels":
            place = np.array([0, 1]), np.array([row, 0]), np.array([col, 29])
            labels.data_setitem(place, value)
        elif kind == "fill":
            labels.fill((at, row, col), value)
        else:
            with labels.block_history():
                for shift in range(4 if kind == "drag" else 1):
                    labels.paint((at, min(row + shift, 23), col), value)

    @rule(count=st.integers(1, 4))
    def undo(self, count):
        for _ in range(count):
            self.session.undo()

    @rule()
    def redo(self):
        self.session.redo()

    @rule()
    @precondition(lambda self: isinstance(self.session._undo._history.last_done, EditStep))
    def undo_by_napari(self):
        step = self.session._undo._history.last_done
        if step.by_napari:
            step.labels.undo()
            assert self.session.objects is not None

    @rule(at=st.integers(0, 1))
    def other_frame(self, at):
        self.viewer.dims.set_current_step(0, at)

    @rule(dtype=st.sampled_from([np.uint8, np.int32]))
    def other_target(self, dtype):
        self.session.labels = self.viewer.add_labels(np.zeros(SHAPE, dtype))

    @rule(place=st.integers(0, 3))
    @precondition(has_labels)
    def earlier_target(self, place):
        from napari.layers import Labels

        ours = [one for one in self.viewer.layers if isinstance(one, Labels) and one.ndim == 3]
        ours = [one for one in ours if one.data.shape == SHAPE]
        self.session.labels = ours[place % len(ours)]

    @rule(value=st.integers(0, 3))
    @precondition(has_labels)
    def replace_data(self, value):
        labels = self.session.labels
        start = np.full(SHAPE, value, labels.data.dtype)
        labels.data = start.copy()
        self.starts[labels] = start

    @invariant()
    def the_log_comes_to_what_the_layers_hold(self):
        if not hasattr(self, "session"):
            return
        for layer in self.viewer.layers:
            lines = layer.metadata.get("napari-cutout")
            if not lines:
                continue
            section = sections(read_entries(lines))[-1]
            start = self.starts.get(layer, np.zeros(SHAPE, layer.data.dtype))
            if header_of(section).start.kind == "empty":
                start = None
            found = replay(section, start)
            np.testing.assert_array_equal(found.labels, layer.data)
            if layer == self.session.labels:
                table = self.session.objects
                logged = Counter((one.id, one.frame, one.box) for one in found.objects)
                assert logged == Counter((one.id, one.frame, one.box) for one in table)
                known = {k: name for k, name in table.classes.items() if k in found.classes}
                assert known == found.classes


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
