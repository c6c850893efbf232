"""What fine-tuning is going to do, as a person reads it before it starts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TuningPlan:
    """What is going to be done, and what it is going to cost.

    Parameters
    ----------
    what
        ``"decoder"``, ``"lora"`` or ``"all"``.
    reason
        Why, a sentence.
    trainable, parameters
        Weights that are going to change, and all that the model has.
    steps
        Optimiser steps at most.
    frames, objects
        Learned from.
    validation_frames
        Judged on; 0 for none.
    seconds
        Estimated, to the last step; stopping early takes less.
    bytes
        Of memory, estimated, beyond what the model itself takes.
    notes
        What is worth knowing of these data, a sentence each.
    """

    what: str
    reason: str
    trainable: int
    parameters: int
    steps: int
    frames: int
    objects: int
    validation_frames: int
    seconds: float
    bytes: int
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The plan in words."""
        kept = (
            f"judged on {self.validation_frames} other{'s'[: self.validation_frames - 1]}"
            if self.validation_frames
            else "judged on none"
        )
        return " ".join(
            [
                self.reason,
                f"{_count(self.trainable)} of {_count(self.parameters)} weights learn from "
                f"{_plural(self.objects, 'object')} in {_plural(self.frames, 'frame')}, {kept}: "
                f"at most {_plural(self.steps, 'step')}, about {_duration(self.seconds)} and "
                f"{_memory(self.bytes)} of memory.",
                *self.notes,
            ]
        )


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _count(number: int) -> str:
    return f"{number / 1e6:.1f} million" if number >= 1e5 else str(number)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _memory(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{max(1, round(size / 1e6))} MB"
