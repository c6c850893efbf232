"""Sessions that are killed at any moment: what is restored is what they had done."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel

import killed_session
from exact_family import exact_segmenter
from napari_cutout.formats.logs.prompt_log import read_log
from napari_cutout.layers import Session
from napari_cutout.layers.journal.recovery import find

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")

PROGRAM = Path(killed_session.__file__)


class Program:
    """The program whose sessions are killed."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        assert self._process.stdout.readline() == "ready\n"

    def run(self, what, folder, count, last=0, seconds=0.0):
        """What a child said that was to do some steps, and was killed some time after a few."""
        print(what, folder, count, last, f"{seconds:.6f}", file=self._process.stdin, flush=True)
        said = []
        for line in iter(self._process.stdout.readline, "dead\n"):
            assert line, "the program itself ended"
            said.append(line.split())
        return said

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@pytest.fixture(scope="module")
def program():
    running = Program()
    yield running
    running.close()


slow = pytest.mark.slow


@pytest.fixture(params=[40, pytest.param(200, marks=slow)], ids=["few", "many"])
def count(request):
    """How many steps there are."""
    return request.param


def restored(folder):
    """What is restored: a hash of the labels, and the number of objects."""
    viewer = ViewerModel()
    image = viewer.add_image(killed_session.image(), name=killed_session.NAME)
    recovery = find(image, folder)
    if recovery is None or recovery.restore(viewer) is None:
        return zlib.crc32(np.zeros(killed_session.image().shape, np.int32)), 0
    (labels,) = recovery.targets.values()
    return zlib.crc32(np.ascontiguousarray(labels.data)), len(recovery.keys)


def test_what_is_restored_is_what_was_done(program, tmp_path, count):
    """All steps but the one under way, and at most the one before it, each of them whole."""
    (tmp_path / "whole").mkdir()
    said = program.run("mixed", tmp_path / "whole", count)
    nothing = zlib.crc32(np.zeros(killed_session.image().shape, np.int32))
    steps = [(nothing, 0), *((int(crc), int(objects)) for _, _, crc, objects in said)]
    assert len(steps) == count + 1
    rng = np.random.default_rng()
    for trial in range(count // 10):
        folder = tmp_path / str(trial)
        folder.mkdir()
        last, seconds = rng.integers(1, count), rng.uniform(1e-4, 0.1)
        done = len(program.run("mixed", folder, count, last, seconds))
        possible = steps[max(done - 1, 0) : done + 2]
        assert restored(folder) in possible, f"killed {seconds} s after step {last}"


def test_commits_survive_any_number_of_kills(program, tmp_path, count):
    """Each life goes on where the last one ended, in the same log."""
    rng = np.random.default_rng()
    done = lives = 0
    finished = False
    while not finished:
        last, seconds = rng.integers(1, max(count // 4, 12)), rng.uniform(1e-4, 0.1)
        lives += 1
        for word, *values in program.run("commits", tmp_path, count, last, seconds):
            if word == "restored":
                known, right, _ = values
                assert right == "True"
                assert int(known) in (done - 1, done, done + 1)
                done = int(known)
            elif word == "done":
                done = int(values[0])
            else:
                finished = True
    assert (done, lives > 1) == (count, True)
    # One that was killed while it wrote prompts may have left a file of another ending.
    (path,) = tmp_path.glob("*.jsonl")
    log = read_log(path)
    assert log.is_closed
    assert sum(entry.kind == "edit" for entry in log.entries) == count


def test_a_preview_that_was_touched_up_survives(program, tmp_path):
    """It shows again when its prompts are answered, and is committed as it was."""
    program.run("touch_up", tmp_path, 3, 1, 1e-4)
    viewer = ViewerModel()
    image = viewer.add_image(killed_session.image(), name=killed_session.NAME)
    session = Session(viewer, image, exact_segmenter(), autosave=tmp_path)
    session.restore(session.find_recovery())
    assert session.commit() == 4
    expected = killed_session.expected(4)
    expected[killed_session.TOUCHED] = 4
    np.testing.assert_array_equal(session.labels.data, expected)
    session.close()
