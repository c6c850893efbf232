"""Everything that is killed at any moment: its commits are whole or not there, and come back.

Run as a program, this file does some steps in a child for each line that it reads (what to do, the
folder, and when the child is killed: so many seconds after it said that it is ready), and says
``dead`` after each.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from napari.components import ViewerModel

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

import killed_session
from exact_family import exact_segmenter
from napari_cutout.layers import Session
from napari_cutout.layers.everything.everything import Everything
from napari_cutout.segment.automatic.grid.options import GridOptions

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")

OPTIONS = GridOptions(points_per_side=16, points_per_batch=32, stability_score_thresh=0.0)
COMMITTED = 3
"""Objects that were cut out by hand before."""

TRIALS = 6

FINER = GridOptions(points_per_side=40, points_per_batch=64, stability_score_thresh=0.0)
"""What finds the rest."""


def found(session, options=OPTIONS):
    everything = Everything(session)
    everything.options = options
    everything.find()
    return everything


def by_hand(session):
    for number in range(COMMITTED):
        killed_session.commit(session, number)


def find_only(session, ready):
    """Objects are found, and some of them dropped; nothing is committed."""
    by_hand(session)
    everything = found(session)
    everything.set_filters(max_area=20)
    session.flush()
    ready()


def commit(session, ready):
    """What was found is committed, and killed while or after that is done."""
    by_hand(session)
    session.flush()
    everything = found(session)
    ready()
    everything.commit()


def commit_flushed(session, ready):
    """What was found is committed, and that is on disk."""
    by_hand(session)
    found(session).commit()
    session.flush()
    ready()


def commit_undone(session, ready):
    """What was found is committed, and that is undone."""
    by_hand(session)
    found(session).commit()
    session.undo()
    session.flush()
    ready()


def go_on(session, ready):
    """After a crash, the rest is found and committed, beside what is there."""
    session.restore(session.find_recovery())
    everything = found(session, FINER)
    everything.commit()
    session.flush()
    ready()


STEPS = {step.__name__: step for step in (find_only, commit, commit_flushed, commit_undone, go_on)}


def main():
    killed_session.say("ready")
    for line in sys.stdin:
        what, folder, seconds = line.split()
        said, say = os.pipe()
        child = os.fork()
        if not child:
            session = killed_session.start(Path(folder))
            STEPS[what](session, lambda say=say: os.write(say, b"1"))
            signal.pause()
        os.close(say)
        assert os.read(said, 1), "the child ended by itself"
        Event().wait(float(seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(said)
        killed_session.say("dead")


@pytest.fixture(scope="module")
def kill():
    """Do some steps in a process that is killed."""
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert process.stdout.readline() == "ready\n"

    def run(what, folder, seconds=0.0):
        print(what, folder, f"{seconds:.6f}", file=process.stdin, flush=True)
        assert process.stdout.readline() == "dead\n"

    yield run
    process.stdin.close()
    process.stdout.close()
    process.wait()


@pytest.fixture
def again():
    """Another session on the image, with a log in the folder; it is closed in the end."""
    begun = []

    def begin(folder):
        viewer = ViewerModel()
        layer = viewer.add_image(killed_session.image(), name=killed_session.NAME)
        begun.append(Session(viewer, layer, exact_segmenter(), autosave=folder))
        return begun[-1]

    yield begin
    for session in begun:
        session.close()


@pytest.fixture(scope="module")
def whole():
    """What nobody killed: the labels before and after the commit, and its objects."""
    viewer = ViewerModel()
    layer = viewer.add_image(killed_session.image(), name=killed_session.NAME)
    session = Session(viewer, layer, exact_segmenter(), autosave=False)
    by_hand(session)
    before = session.labels.data.copy()
    everything = found(session)
    assert everything.count > 40
    everything.commit()
    after, objects = session.labels.data.copy(), facts(session)
    session.close()
    return before, after, objects


def facts(session):
    return [
        (one.id, one.box, one.score, one.prompts, one.model, one.found) for one in session.objects
    ]


def restored(session):
    """What the labels are after going on; without a log there are none."""
    recovery = session.find_recovery()
    assert recovery.notes == []
    session.restore(recovery)
    return session.labels.data


def test_what_was_found_and_not_committed_is_not_written(kill, again, whole, tmp_path):
    before, _, objects = whole
    kill("find_only", tmp_path)
    session = again(tmp_path)

    np.testing.assert_array_equal(restored(session), before)
    assert facts(session) == objects[:COMMITTED]
    assert [layer.name for layer in session.viewer.layers if "found" in layer.name] == []


def test_a_commit_comes_back_with_all_that_is_known_of_its_objects(kill, again, whole, tmp_path):
    _, after, objects = whole
    kill("commit_flushed", tmp_path)
    session = again(tmp_path)

    np.testing.assert_array_equal(restored(session), after)
    assert facts(session) == objects
    assert objects[-1][-1].mode == "grid"


def test_a_commit_that_was_undone_stays_undone(kill, again, whole, tmp_path):
    before, _, objects = whole
    kill("commit_undone", tmp_path)
    session = again(tmp_path)

    np.testing.assert_array_equal(restored(session), before)
    assert facts(session) == objects[:COMMITTED]


def test_a_commit_is_whole_or_not_there(kill, again, whole, tmp_path):
    """Killed at any moment while it is written: never are some of its objects there."""
    before, after, _ = whole
    rng = np.random.default_rng()
    for trial in range(TRIALS):
        folder = tmp_path / str(trial)
        folder.mkdir()
        seconds = rng.uniform(0, 0.3)
        kill("commit", folder, seconds)
        labels = restored(again(folder))
        is_one = [np.array_equal(labels, possible) for possible in (before, after)]
        assert sum(is_one) == 1, f"killed after {seconds} s"


def test_what_is_committed_after_a_crash_survives_the_next(kill, again, whole, tmp_path):
    """The rest has ids of its own, and what was there before stays as it was."""
    _, after, objects = whole
    kill("commit_flushed", tmp_path)
    kill("go_on", tmp_path)
    session = again(tmp_path)
    labels = restored(session)

    np.testing.assert_array_equal(labels[after > 0], after[after > 0])
    assert facts(session)[: len(objects)] == objects
    rest = [one.id for one in session.objects][len(objects) :]
    assert rest == list(range(after.max() + 1, killed_session.COUNT + 1))
    assert (labels > 0).sum() == (killed_session.image() > 0).sum()


if __name__ == "__main__":
    main()
