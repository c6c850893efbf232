"""A program whose sessions are killed at any moment, for test_kills.py.

It imports all that takes long, and then forks a child for each line that it reads: what to do, the
folder, how many steps, and when the child is killed: so many seconds after so many of them (0:
never). What the child says goes to stdout, and in the end ``dead``.
"""

from __future__ import annotations

import os
import signal
import sys
import zlib
from functools import partial
from pathlib import Path

import numpy as np
from napari.components import ViewerModel

sys.path.insert(0, str(Path(__file__).parent))

from exact_family import exact_segmenter
from napari_cutout.layers import Session

COUNT = 200
COLUMNS, STEP, SIDE = 20, 8, 5
NAME = "squares"
TOUCHED = np.s_[0:1, 0:1]
"""What a brush adds to a preview: a pixel between the squares."""


def corner(number):
    """The first pixel of a square."""
    return 2 + STEP * (number // COLUMNS), 2 + STEP * (number % COLUMNS)


def image():
    pixels = np.zeros((COUNT // COLUMNS * STEP + 2, COLUMNS * STEP + 2), np.uint8)
    for number in range(COUNT):
        row, col = corner(number)
        pixels[row : row + SIDE, col : col + SIDE] = 255
    return pixels


def expected(count):
    """The labels after so many commits."""
    labels = np.zeros(image().shape, np.int32)
    for number in range(count):
        row, col = corner(number)
        labels[row : row + SIDE, col : col + SIDE] = number + 1
    return labels


def say(*words):
    """One write, so that a line is whole or not there."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Steps:
    """Counts the steps of a child, and tells its parent when to think of killing it."""

    def __init__(self, last):
        self.last = self._left = last

    def done(self, *words):
        say("done", *words)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getppid(), signal.SIGUSR1)


def start(folder):
    viewer = ViewerModel()
    layer = viewer.add_image(image(), name=NAME)
    return Session(viewer, layer, exact_segmenter(), autosave=folder)


def commit(session, number):
    row, col = corner(number)
    session.add_point((row + 2, col + 2))
    session.commit()


def mixed_steps(folder, count, steps):
    """The same steps each time: commits, strokes, undos and redos. Says what each comes to."""
    session = start(folder)
    rng = np.random.default_rng(7)
    for step in range(count):
        kind = rng.choice(["commit", "commit", "commit", "stroke", "undo", "redo"])
        if kind == "commit" or session.labels is None:
            commit(session, int(rng.integers(COUNT)) if step else 0)
        elif kind == "stroke":
            session.labels.brush_size = 4
            with session.labels.block_history():
                for col in range(5):
                    place = rng.integers(session.labels.data.shape[0]), 7 * col
                    session.labels.paint(place, int(rng.integers(3)))
        else:
            getattr(session, kind)()
        steps.done(step + 1, zlib.crc32(session.labels.data), len(session.objects))
    if steps.last:
        signal.pause()
    session.close()


def commits(folder, count, steps):
    """Goes on where the last one was killed, until so many squares are committed."""
    session = start(folder)
    recovery = session.find_recovery()
    known = 0
    if recovery is not None:
        labels = session.restore(recovery)
        known = 0 if labels is None else int(labels.data.max())
        right = labels is None or np.array_equal(labels.data, expected(known))
        say("restored", known, right, len(recovery.notes))
        session.clear()
    for number in range(known, count):
        commit(session, number)
        steps.done(number + 1)
    session.close()
    say("finished")


def touch_up(folder, count, steps):
    """Commits so many squares, and takes a brush to the preview of the next one."""
    session = start(folder)
    for number in range(count):
        commit(session, number)
    row, col = corner(count)
    session.add_point((row + 2, col + 2))
    session.update()
    session.touch_up("paint")
    session.preview.brush_size = 1
    with session.preview.block_history():
        session.preview.paint(session.preview.world_to_data([part.start for part in TOUCHED]), 1)
    session.flush()
    steps.done()
    signal.pause()


def main():
    say("ready")
    for line in sys.stdin:
        what, folder, count, last, seconds = line.split()
        # Both are waited for with the child's number known.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        child = os.fork()
        if not child:
            run = {"mixed": mixed_steps, "commits": commits, "touch_up": touch_up}[what]
            run(Path(folder), int(count), Steps(int(last)))
            os._exit(0)
        arm = partial(signal.setitimer, signal.ITIMER_REAL, float(seconds))
        signal.signal(signal.SIGUSR1, lambda *_, arm=arm: arm())
        signal.signal(signal.SIGALRM, lambda *_, child=child: os.kill(child, signal.SIGKILL))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
        os.waitpid(child, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        say("dead")


if __name__ == "__main__":
    main()
