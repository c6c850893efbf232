"""Frames in which two objects move, labels of a division, and a runner that takes its time."""

from __future__ import annotations

import numpy as np


class Later:
    """A runner that does nothing until it is told to, a step at a time."""

    def __init__(self):
        self.job = None

    def __call__(self, job):
        self.job, self.steps = job, job.steps()

    def step(self, count=1):
        for _ in range(count):
            self.job.take(next(self.steps))

    def finish(self):
        """End the job, however it ends; whether another one follows it."""
        job, error = self.job, None
        try:
            for step in self.steps:
                job.take(step)
        except (ValueError, RuntimeError) as raised:
            error = raised
        job.end(error)
        return self.job is not job

    def finish_all(self):
        """End the job, and all that follow it."""
        while self.finish():
            pass

    def make(self, count):
        """Make so many steps, of the job and of those that follow; fewer where it is over."""
        for _ in range(count):
            step = next(self.steps, None)
            if step is not None:
                self.job.take(step)
            elif not self.finish():
                return


def moving(count=4, shape=(40, 60)):
    """``(count, rows, cols)``: two bright rectangles that move one column a frame."""
    frames = np.zeros((count, *shape), np.uint8)
    for k in range(count):
        frames[k, 5:12, 6 + k : 20 + k] = 255
        frames[k, 20:30, 30 + k : 45 + k] = 255
    return frames


def dividing():
    """One object that becomes two in the third frame."""
    labels = np.zeros((4, 40, 60), np.int32)
    labels[:2, 10:20, 20:32] = 1
    labels[2:, 10:20, 16:24] = 2
    labels[2:, 10:20, 27:35] = 3
    return labels
