"""Discs to learn from, and options with which a training takes a second or two."""

from __future__ import annotations

import numpy as np

QUICK = {
    "what": "decoder",
    "steps": 2,
    "objects_per_step": 2,
    "accumulate": 1,
    "remember": 0.0,
    "augment": False,
}


def disc_labels(rows=64, cols=96, first=1):
    """``(rows, cols)`` int32: discs of 9 pixels across, on a grid of 16 pixels."""
    labels = np.zeros((rows, cols), np.int32)
    row, col = np.mgrid[:rows, :cols]
    for number, (at_row, at_col) in enumerate(disc_centres(rows, cols), first):
        labels[(row - at_row) ** 2 + (col - at_col) ** 2 <= 20] = number
    return labels


def disc_centres(rows=64, cols=96):
    """(row, col) of the middle of each disc, in the order of their ids."""
    return [(row, col) for row in range(8, rows, 16) for col in range(8, cols, 16)]


def disc_image(labels):
    """uint8 of the labels' shape: bright where they are, with noise."""
    noise = np.random.default_rng(0).integers(0, 60, labels.shape)
    return ((labels > 0) * 120 + noise).astype(np.uint8)


class ByHand:
    """A runner that makes the steps of a job when it is told to."""

    def __init__(self):
        self.job = self.steps = None

    def __call__(self, job):
        self.job, self.steps = job, job.steps()

    def until(self, is_enough=lambda step: False):
        """Make steps until one is enough, or to the end; returns that step."""
        for step in self.steps:
            self.job.take(step)
            if is_enough(step):
                return step
        self.job.end(None)
        return None

    def fail_with(self, error):
        self.job.end(error)
