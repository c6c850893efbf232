"""Any sequence of runs, edits, undo and redo: labels, objects and log stay in step.

The plain model is the list of label arrays, one after each step that can be undone.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from napari.components import ViewerModel

from exact_family import exact_segmenter
from moving_stack import moving
from napari_cutout.annotate.extents import extents_of
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import Session, SessionError, TargetError
from napari_cutout.layers.stacks.stacks import Stacks
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.stacks.errors import StackError

COUNT = 4
QUICK = GridOptions(points_per_side=6, stability_score_thresh=0.0)
FRAMES = st.sampled_from(["", "t=1:", "t=:3", "t=::2", "t=2"])


class AnyWork(RuleBasedStateMachine):
    @initialize(policy=st.sampled_from(["new_on_top", "keep_existing"]))
    def begin(self, policy):
        viewer = ViewerModel()
        viewer.dims.ndisplay = 2
        image = viewer.add_image(moving(COUNT), axis_labels=["t", "y", "x"])
        self.session = Session(viewer, image, exact_segmenter(), policy=policy)
        viewer.dims.set_current_step(0, 0)
        self.stacks = Stacks(self.session, self.run)
        self.stacks.options = QUICK
        self.steps_left = None
        self.chain, self.place = [self.labels()], 0

    def run(self, job):
        """Go through a job, or end it after some steps."""
        try:
            for step in job.steps():
                job.take(step)
                if self.steps_left is not None:
                    self.steps_left -= 1
                    if self.steps_left <= 0:
                        job.cancel()
        except (ValueError, RuntimeError) as error:
            job.end(error)
            raise
        job.end(None)

    def teardown(self):
        if hasattr(self, "session"):
            self.session.close()

    def labels(self):
        layer = self.session.labels
        shape = (COUNT, 40, 60)
        return np.zeros(shape, np.int32) if layer is None else np.array(layer.data)

    def keep(self):
        """Keep what is there as a step, where there was one."""
        count = len(self.session._undo._history.done)
        if count != self.place:
            assert count == self.place + 1
            self.place = count
            self.chain = [*self.chain[:count], self.labels()]
        else:
            np.testing.assert_array_equal(self.labels(), self.chain[self.place])

    @rule(frames=FRAMES, link=st.booleans(), steps=st.none() | st.integers(1, 8))
    def find(self, frames, link, steps):
        self.stacks.frames, self.steps_left = frames, steps
        self.stacks.find_everywhere(link=link)
        self.keep()

    @rule(frames=FRAMES, steps=st.none() | st.integers(1, 8))
    @precondition(lambda self: self.session.labels is not None)
    def link(self, frames, steps):
        self.stacks.frames, self.steps_left = frames, steps
        self.stacks.link()
        self.keep()

    @rule(frames=FRAMES, steps=st.none() | st.integers(1, 4))
    @precondition(lambda self: self.session.labels is not None)
    def join(self, frames, steps):
        self.stacks.frames, self.steps_left = frames, steps
        self.stacks.join()
        self.keep()

    @rule(
        frames=FRAMES,
        data=st.data(),
        direction=st.sampled_from(["forward", "backward", "both"]),
        steps=st.none() | st.integers(1, 6),
    )
    @precondition(lambda self: self.labels().any())
    def propagate(self, frames, data, direction, steps):
        known = np.unique(self.labels())[1:].tolist()
        ids = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
        self.stacks.frames, self.steps_left = frames, steps
        try:
            self.stacks.propagate(ids, direction)
        except (SessionError, StackError):
            assert not self.stacks.is_running
        self.keep()

    @rule(at=st.integers(0, COUNT - 1), data=st.data())
    @precondition(lambda self: self.labels().any())
    def stop_one(self, at, data):
        known = np.unique(self.labels())[1:].tolist()
        self.stacks.add_stop(data.draw(st.sampled_from(known)), (at,))

    @rule(at=st.integers(0, COUNT - 1), which=st.sampled_from([(8, 12), (25, 36)]))
    def commit(self, at, which):
        self.stacks.go_to((at,))
        self.session.add_point(which)
        self.keep()
        with suppress(SessionError, TargetError):
            self.session.commit()
        self.keep()

    @rule(data=st.data())
    @precondition(lambda self: self.labels().any())
    def delete(self, data):
        self.session.delete(data.draw(st.sampled_from(np.unique(self.labels())[1:].tolist())))
        self.keep()

    @rule(at=st.integers(0, COUNT - 1), row=st.integers(0, 37), value=st.integers(0, 3))
    @precondition(lambda self: self.session.labels is not None)
    def paint(self, at, row, value):
        rows, cols = np.indices((3, 20)).reshape(2, -1)
        places = np.full(60, at), rows + row, cols + 8
        if (self.session.labels.data[places] == value).all():
            return
        self.session.labels.data_setitem(places, value)
        self.keep()

    @rule()
    def undo(self):
        self.session.undo()
        self.place = max(self.place - 1, 0)

    @rule()
    def redo(self):
        self.session.redo()
        self.place = min(self.place + 1, len(self.chain) - 1)

    @invariant()
    def labels_and_objects_are_as_the_model_says(self):
        if not hasattr(self, "session"):
            return
        now = self.chain[self.place]
        np.testing.assert_array_equal(self.labels(), now)
        places = self.session.objects.places
        known = {
            (number, frame[0]): extent.area
            for number in places
            for frame, extent in places.of(number).items()
        }
        assert known == {
            (number, at): extent.area
            for at in range(COUNT)
            for number, extent in extents_of(now[at]).items()
        }

    @invariant()
    def the_log_comes_to_the_same(self):
        if not hasattr(self, "session") or not self.session.log:
            return
        (section,) = sections(self.session.log)
        replayed = replay(section)
        np.testing.assert_array_equal(replayed.labels, self.labels())
        assert sorted((one.id, one.frame[0], one.area) for one in replayed.objects) == sorted(
            (one.id, one.frame[0], one.area) for one in self.session.objects
        )


TestAnyWork = AnyWork.TestCase
TestAnyWork.settings = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
