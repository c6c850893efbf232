"""Long work that a runner is handed: steps that touch arrays only, and what takes them.

A step is made in any thread and taken where the viewer lives. Threads belong to the runner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any, TypeAlias

from napari_cutout.layers.weak import weak_call


@dataclass(frozen=True, eq=False)
class LongJob:
    """Work in steps.

    Parameters
    ----------
    text
        What is being done, in words.
    steps
        Makes the steps, touching arrays only; it looks at ``cancelled`` between two, and ends
        with what it has.
    take
        Takes each step; must run where the viewer lives.
    end
        Called there in the end, with the exception of ``steps``, or None.
    cancelled
        Set from any thread, to end it.
    """

    text: str
    steps: Callable[[], Iterator[Any]]
    take: Callable[[Any], None]
    end: Callable[[Exception | None], None]
    cancelled: Event = field(default_factory=Event)

    @classmethod
    def held_by_none(
        cls,
        text: str,
        steps: Callable[[Event], Iterator[Any]],
        take: Callable[[Event, Any], None],
        end: Callable[[Event, Exception | None], None],
    ) -> LongJob:
        """A job that keeps nobody alive, nor does its thread: methods are called while they live.

        Parameters
        ----------
        text
            As above.
        steps, take, end
            As above, with the event that ends the job before what they are called with.
        """
        stop = Event()
        told = partial(weak_call(take), stop), partial(weak_call(end), stop)
        return cls(text, partial(steps, stop), *told, stop)

    def cancel(self) -> None:
        """Ask for no more steps than the one that is being made."""
        self.cancelled.set()


LongRunner: TypeAlias = Callable[[LongJob], None]


def run_through(job: LongJob) -> None:
    """Run a job in the caller's thread; an exception goes to the caller."""
    try:
        for step in job.steps():
            job.take(step)
    except Exception as error:
        job.end(error)
        raise
    job.end(None)
