"""A run through the frames of a stack, as a value that is taken from job to job: a pause ends one.

Who begins it, and what is told of it, is in running.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

    from napari_cutout.layers.long_jobs import LongJob
    from napari_cutout.layers.stacks.choosing import Task
    from napari_cutout.layers.stacks.run_writer import RunWriter

    Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class At:
    """How far a run is: its steps have this first, and what was made in a frame besides.

    Parameters
    ----------
    done, total
        Frames.
    index
        The frame that it is about; None while the run is made ready.
    """

    done: int
    total: int
    index: Index | None = None


@dataclass(frozen=True, eq=False)
class Equipped(At):
    """The model is loaded, and how intensities are mapped is known."""

    found: Any = None


@dataclass(eq=False)
class Run:
    """A run that is under way. Nothing in it keeps its :class:`.Stacks` alive.

    Parameters
    ----------
    task
        What it does.
    steps
        Makes its steps, in any thread; it isn't asked on while the run is paused.
    take
        Called with the stacks and each step, where the viewer lives.
    finish
        Called with the stacks and whether it ended early; says what it came to.
    writer
        Writes into labels; None for a run that doesn't.
    then
        Called with the stacks when it ended as it should, to go on with something else.
    keeps_states
        Whether nothing happens in frames, so that what is said of them stays.
    """

    task: Task
    steps: Iterator[At]
    take: Callable[[Any, Any], None]
    finish: Callable[[Any, bool], str]
    writer: RunWriter | None = None
    then: Callable[[Any], None] | None = None
    keeps_states: bool = False
    job: LongJob | None = None
    at: At = At(0, 0)
    began: float = 0.0
    before: int = 0
    is_paused: bool = False
    is_over: bool = False
    error: Exception | None = None


def steps_of(run: Run, stop: Event) -> Iterator[At]:
    """The steps of a run until it ends, is cancelled, has failed, or is to wait."""
    while not stop.is_set() and not run.is_paused and run.error is None:
        try:
            at = next(run.steps)
        except StopIteration:
            run.is_over = True
            return
        yield at
    if stop.is_set() or run.error is not None:
        close(run.steps)
    if run.error is not None:
        raise run.error


def close(steps: Iterator[At]) -> None:
    """End what makes steps: it lets go of its threads and files."""
    end = getattr(steps, "close", None)
    if end is not None:
        end()
