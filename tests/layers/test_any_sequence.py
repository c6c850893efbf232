"""Any sequence of prompts, commits, strokes, undos, redos, frames and deletions.

The plain model is the list of label arrays, one after each step that can be undone.
"""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from napari.components import ViewerModel

from exact_family import exact_segmenter
from napari_cutout.layers import Session, SessionError, TargetError

SHAPE = (2, 24, 30)
DISCS = [(6, 6, 4), (6, 18, 5), (17, 10, 5), (12, 24, 4)]


def image():
    rows, cols = np.mgrid[: SHAPE[1], : SHAPE[2]]
    frame = np.zeros(SHAPE[1:], np.uint8)
    for row, col, radius in DISCS:
        frame[(rows - row) ** 2 + (cols - col) ** 2 < radius**2] = 255
    return np.stack([frame, np.roll(frame, 2, axis=1)])


class AnySequence(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.viewer = ViewerModel()
        self.viewer.dims.ndisplay = 2
        labels = self.viewer.add_labels(np.zeros(SHAPE, np.int8), name="target")
        layer = self.viewer.add_image(image())
        self.session = Session(self.viewer, layer, exact_segmenter(), labels)
        self.viewer.dims.set_current_step(0, 0)
        self.chain, self.place = [np.zeros(SHAPE, np.int32)], 0

    def teardown(self):
        if hasattr(self, "session"):
            self.session.close()

    def push(self, labels):
        self.chain = [*self.chain[: self.place + 1], labels]
        self.place += 1

    @property
    def labels(self):
        return self.session.labels

    @property
    def now(self):
        return self.chain[self.place]

    @rule(disc=st.sampled_from(DISCS), positive=st.booleans())
    @precondition(lambda self: self.session.points_layer is not None)
    def click(self, disc, positive):
        self.session.add_point(disc[:2], positive)
        self.push(self.now)

    @rule(first=st.sampled_from(DISCS), second=st.sampled_from(DISCS))
    @precondition(lambda self: self.session.points_layer is not None)
    def cut_two_at_once(self, first, second):
        self.session.separate = True
        self.click(first, True)
        self.click(second, True)
        self.commit()

    @rule(disc=st.sampled_from(DISCS))
    @precondition(lambda self: self.session.points_layer is not None)
    def click_by_hand(self, disc):
        at = self.session.frame[0]
        self.session.points_layer.add([at, *disc[:2]])
        self.push(self.now)

    @rule(disc=st.sampled_from(DISCS))
    @precondition(lambda self: self.session.shapes_layer is not None)
    def draw_a_box(self, disc):
        row, col, radius = disc
        low, high = np.maximum([row - radius, col - radius], 0), [row + radius, col + radius]
        self.session.add_box([*low, *np.minimum(high, [23, 29])])
        self.push(self.now)

    @rule()
    def clear(self):
        if self.session.has_prompts:
            self.push(self.now)
        self.session.clear()

    @rule(separate=st.booleans())
    def one_object_per_prompt(self, separate):
        self.session.separate = separate

    @rule()
    def another_candidate(self):
        self.session.update()
        self.session.next_candidate()

    @rule()
    def look_at_it(self):
        self.session.update()

    @rule()
    def commit(self):
        before = np.array(self.labels.data)
        try:
            first = self.session.commit()
        except (SessionError, TargetError):
            np.testing.assert_array_equal(self.labels.data, before)
            return
        assert not (before >= first).any()
        records = [r for r in self.session.objects if r.id >= first]
        assert len({record.id for record in records}) == len(records) > 0
        expected = before.copy()
        for record in records:
            row, col = record.origin
            height, width = record.mask.shape
            frame = expected[record.frame[0]]
            frame[row : row + height, col : col + width][record.mask] = record.id
        self.push(expected)

    @rule(row=st.integers(0, 23), col=st.integers(0, 29), value=st.integers(0, 3))
    def paint(self, row, col, value):
        at = self.viewer.dims.current_step[0]
        if self.labels.data[at, row, col] == value:
            return
        self.labels.data_setitem((np.array([at]), np.array([row]), np.array([col])), value)
        expected = self.now.copy()
        expected[at, row, col] = value
        self.push(expected)

    @rule()
    def undo(self):
        self.session.undo()
        self.place = max(self.place - 1, 0)

    @rule()
    def redo(self):
        self.session.redo()
        self.place = min(self.place + 1, len(self.chain) - 1)

    @rule()
    @precondition(lambda self: self.labels.data.dtype.itemsize < 8)
    def widen(self):
        self.session.widen_labels()
        self.push(self.now)

    @rule(at=st.integers(0, 1))
    def look_at_another_frame(self, at):
        self.viewer.dims.set_current_step(0, at)

    @rule(which=st.sampled_from(["points_layer", "shapes_layer", "preview"]))
    def delete_a_layer(self, which):
        layer = getattr(self.session, which)
        if layer is not None:
            self.viewer.layers.remove(layer)

    @rule()
    def restore_layers(self):
        self.session.restore_layers()

    @invariant()
    def labels_are_as_the_model_says(self):
        if hasattr(self, "session"):
            np.testing.assert_array_equal(self.labels.data, self.now)
            targets = [layer for layer in self.viewer.layers if layer.name.startswith("target")]
            assert [layer for layer in targets if layer.visible] == [self.labels]


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
