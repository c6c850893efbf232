"""The steps of planning and of training. Arrays and files only: they are made in any thread.

Who asks for them is in running.py.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from napari_cutout.layers.learning.examples import Gathered, Looked, gather
from napari_cutout.layers.learning.files import data_folder, remember, trained_models
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning import TuningPlan, fine_tune, plan_tuning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from threading import Event

    from napari_cutout.layers.learning.task import Task
    from napari_cutout.train.tuning import TuningProgress


@dataclass(frozen=True, eq=False)
class Planned:
    """What is going to be done.

    Parameters
    ----------
    plan
        As the library says it.
    gathered
        What there is to learn from.
    seconds
        That planning took.
    """

    plan: TuningPlan
    gathered: Gathered
    seconds: float = 0.0


def plan_steps(task: Task, stop: Event) -> Iterator[Looked | Gathered | Planned]:
    """Look through the examples, and plan unless that was done.

    Raises
    ------
    SessionError, TuningError, TrainError, FormatError, TargetError, WeightsError
        If it can't be learned like that, with what to do.
    """
    options, began = task.options, monotonic()
    try:
        for step in gather(task.readers, options.validation_share, options.seed):
            if isinstance(step, Looked) or task.is_planned:
                yield step
            else:
                parts = step.split
                found = plan_tuning(
                    task.parent,
                    parts.train,
                    options,
                    validation=parts.validation,
                    device=task.device,
                )
                yield Planned(found, step, monotonic() - began)
            if stop.is_set():
                return
    except MemoryError as error:
        raise _no_memory() from error


def training_steps(
    task: Task, stop: Event
) -> Iterator[Looked | Gathered | Planned | TuningProgress]:
    """Look through the examples, plan, and train. Ended early, the best so far is in the file."""
    assert task.out is not None, "it is to be saved"
    parts = None
    for step in plan_steps(task, stop):
        yield step
        if isinstance(step, Planned):
            parts = step.gathered.split
        elif isinstance(step, Gathered):
            parts = step.split
    if parts is None or stop.is_set():
        return
    was = modified(task.out)
    if task.out.parent == data_folder():
        # Others are not ours to make: a drive that was unplugged would come back as a folder.
        task.out.parent.mkdir(parents=True, exist_ok=True)
    steps = fine_tune(
        task.parent,
        parts.train,
        task.out,
        task.options,
        validation=parts.validation,
        device=task.device,
    )
    try:
        for progress in steps:
            if progress.stage == "done":
                _remember(task.out, None)
            elif progress.best_iou is not None:
                _remember(task.out, was)
            yield progress
            if stop.is_set():
                return
    except MemoryError as error:
        raise _no_memory() from error
    finally:
        end = getattr(steps, "close", None)
        if end is not None:
            end()
        # Also where nobody waits for the end: the window was closed.
        _remember(task.out, was)


def _remember(path: Path, was: int | None) -> None:
    """Know the file as a trained model, once it was written; ``was`` is when it was before."""
    if modified(path) not in (None, was) and path not in trained_models()[:1]:
        remember(path)


def modified(path: Path) -> int | None:
    """When a file was written last; None where there is none."""
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return None


def _no_memory() -> TuningError:
    return TuningError(
        "there isn't memory enough for this; train the decoder only, learn from fewer frames, or "
        "close what else is open"
    )
