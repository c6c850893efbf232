"""Going through a stack fast: frames that were passed are never queued, encoded ones are there."""

from __future__ import annotations

from napari.components import ViewerModel

from exact_family import exact_segmenter
from moving_stack import moving
from napari_cutout.layers import Session


class Lanes:
    """A runner as windows have one: a job of each kind runs, and the latest of others waits."""

    def __init__(self):
        self.running, self.waiting, self.done = {}, {}, []

    def __call__(self, job):
        if job.kind in self.running:
            if job.kind in self.waiting:
                self.waiting[job.kind].drop()
            self.waiting[job.kind] = job
        else:
            self.running[job.kind] = job

    def finish(self, kind):
        """End what runs, and begin what waits."""
        job = self.running.pop(kind)
        if kind in self.waiting:
            self.running[kind] = self.waiting.pop(kind)
        self.done.append(job.kind)
        job.deliver(job.compute())

    def finish_all(self, kind):
        while kind in self.running:
            self.finish(kind)


def session_on(run, count=30):
    viewer = ViewerModel()
    viewer.dims.ndisplay = 2
    image = viewer.add_image(moving(count, (40, 90)))
    session = Session(viewer, image, exact_segmenter(), None, run)
    viewer.dims.set_current_step(0, 0)
    return session


def go_through(session, frames):
    for at in frames:
        session.viewer.dims.set_current_step(0, at)
        session.encode()


def test_of_passed_frames_only_the_first_and_the_last_are_encoded():
    run = Lanes()
    session = session_on(run)
    go_through(session, range(30))
    run.finish_all("encode")
    assert session.model.family.calls["encode"] == 2
    session.add_point((8, 10))
    session.update()
    run.finish_all("predict")
    assert session.answers_shown[0].source.index[0] == 29


def test_a_frame_that_was_passed_can_be_asked_for_again():
    run = Lanes()
    session = session_on(run)
    go_through(session, range(10))
    run.finish_all("encode")
    go_through(session, [4])
    assert "encode" in run.running
    run.finish_all("encode")
    assert session.model.family.calls["encode"] == 3


def test_moving_on_ends_what_was_to_be_encoded_ahead():
    run = Lanes()
    session = session_on(run)
    session.encode()
    run.finish_all("encode")
    session.prefetch()
    session.viewer.dims.set_current_step(0, 20)
    run.finish_all("prefetch")
    # The neighbour that was being encoded ends; no other begins.
    assert session.model.family.calls["encode"] == 2


def test_coming_back_encodes_nothing():
    run = Lanes()
    session = session_on(run)
    for at in range(5):
        go_through(session, [at])
        run.finish_all("encode")
    before = session.model.family.calls["encode"]
    go_through(session, reversed(range(5)))
    assert "encode" not in run.running
    assert session.model.family.calls["encode"] == before
