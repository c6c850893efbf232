"""Frames in which two objects move, and a runner of long jobs that takes its time."""

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
        job, error = self.job, None
        try:
            for step in self.steps:
                job.take(step)
        except ValueError as raised:
            error = raised
        job.end(error)


def moving(count=4, shape=(40, 60)):
    """``(count, rows, cols)``: two bright rectangles that move one column a frame."""
    frames = np.zeros((count, *shape), np.uint8)
    for k in range(count):
        frames[k, 5:12, 6 + k : 20 + k] = 255
        frames[k, 20:30, 30 + k : 45 + k] = 255
    return frames
