"""What a session asks a runner to do. Threads, debouncing and progress belong to the runner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

JobKind = Literal[
    "encode",
    "ahead",
    "predict",
    "hover",
    "ready",
    "ids",
    "doubt",
    "look",
    "prefetch",
    "outline",
    "brush",
]


@dataclass(frozen=True, eq=False)
class Job:
    """Work that needs no layer, and what to do with its result.

    Parameters
    ----------
    kind
        ``"encode"`` (reads the frame, loads the model when needed), ``"ahead"`` (predicts what is
        about to be asked), ``"predict"``, ``"hover"``, ``"ready"`` (makes what the first commit
        needs), ``"ids"`` (reads the labels that are there), ``"doubt"`` (asks how sure the model
        is of objects), ``"look"`` (reads what was answered again, whether it is still the same)
        and ``"prefetch"`` (encodes what may be wanted next), which run when nothing else does, or
        ``"outline"`` and ``"brush"`` (compute nothing: what is drawn when the mask is on the
        screen, and what is painted in when the view rests).
    text
        What is being done, in words.
    compute
        Touches arrays only; may run in any thread.
    deliver
        Takes the result; must run where the viewer lives. A stale result is dropped by it.
    fail
        Takes the exception of ``compute`` instead; must run where the viewer lives.
    drop
        Called instead when the job won't be run, because a later one took its place.
    """

    kind: JobKind
    text: str
    compute: Callable[[], Any]
    deliver: Callable[[Any], None]
    fail: Callable[[Exception], None]
    drop: Callable[[], None]


Runner: TypeAlias = Callable[[Job], None]


def run_at_once(job: Job) -> None:
    """Run a job in the caller's thread; an exception goes to the caller."""
    try:
        result = job.compute()
    except Exception as error:
        job.fail(error)
        raise
    job.deliver(result)
