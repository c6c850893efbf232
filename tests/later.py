"""Runners that take their time: what they are given is done when the test says so."""

from __future__ import annotations


class Later:
    """A runner of jobs that does nothing until it is told."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job):
        self.jobs.append(job)

    def run(self, place=0):
        job = self.jobs.pop(place)
        job.deliver(job.compute())


class LaterSteps:
    """A runner of long jobs that does nothing until it is told to, a step at a time."""

    def __init__(self):
        self.job = None

    def __call__(self, job):
        self.job, self.steps = job, job.steps()

    def step(self, count=1):
        for _ in range(count):
            self.job.take(next(self.steps))

    def finish(self):
        """End the job, however it ends; whether another one follows it.

        A bug is raised: no runner hands it to the job.
        """
        job, error = self.job, None
        try:
            for step in self.steps:
                job.take(step)
        except Exception as raised:
            if not _is_told(raised):
                raise
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


def _is_told(error):
    """Whether an exception says what is wrong with what was given; there is no Qt here."""
    return type(error).__module__.startswith("napari_cutout.") or isinstance(
        error, OSError | MemoryError
    )
