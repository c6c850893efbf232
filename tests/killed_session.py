"""A program whose sessions are killed at any moment, for test_kills.py.

It imports all that takes long, and then forks a child for each line that it reads: what to do, the
folder, and after how many seconds the child is killed (0: never). What the child says goes to
stdout, and in the end ``dead``.
"""

from __future__ import annotations

import os
import signal
import sys
import zlib
from pathlib import Path

import numpy as np
from napari.components import ViewerModel

sys.path.insert(0, str(Path(__file__).parent))

from exact_family import exact_segmenter
from napari_cutout.layers import Session
from napari_cutout.layers.journal import Journal
from napari_cutout.layers.recovery import find

COUNT = 200
COLUMNS, STEP, SIDE = 20, 8, 5
NAME = "squares"


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


def start():
    viewer = ViewerModel()
    return Session(viewer, viewer.add_image(image(), name=NAME), exact_segmenter())


def commit(session, number):
    row, col = corner(number)
    session.add_point((row + 2, col + 2))
    session.commit()


def mixed_steps(folder):
    """The same steps each time: commits, strokes, undos and redos. Says what each comes to."""
    session = start()
    journal = Journal(session, folder)
    rng = np.random.default_rng(7)
    for step in range(COUNT):
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
        say("done", step + 1, zlib.crc32(session.labels.data), len(session._target.objects))
    journal.close()


def commits(folder):
    """Goes on where the last one was killed, until all squares are committed."""
    session = start()
    journal = Journal(session, folder)
    recovery = find(session.image, folder)
    known = 0
    if recovery is not None:
        labels = recovery.restore(session)
        journal.resume(recovery)
        known = 0 if labels is None else int(labels.data.max())
        right = labels is None or np.array_equal(labels.data, expected(known))
        say("restored", known, right, len(recovery.notes))
        session.clear()
    for number in range(known, COUNT):
        commit(session, number)
        say("done", number + 1)
    journal.close()
    say("finished")


def main():
    say("ready")
    for line in sys.stdin:
        what, folder, seconds = line.split()
        child = os.fork()
        if not child:
            {"mixed": mixed_steps, "commits": commits}[what](Path(folder))
            os._exit(0)
        signal.signal(signal.SIGALRM, lambda *_, child=child: os.kill(child, signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, float(seconds))
        os.waitpid(child, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        say("dead")


if __name__ == "__main__":
    main()
