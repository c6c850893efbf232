"""What is carried, and what comes of it: objects in frames, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from napari_cutout.segment.rle import Rle

Index = tuple[int, ...]
"""A frame: a number for each looped axis of a stack."""

State = Literal["carried", "corrected", "stopped", "left"]

NOTHING = Rle((0, 0), "")
"""The mask of an object that isn't in a frame any more."""


@dataclass(frozen=True)
class Start:
    """An object as a person has it in a frame: where carrying begins, or is corrected.

    Parameters
    ----------
    id
        Of the object, the same in all frames; from 1 on.
    mask
        In its box.
    origin
        (row, col) of that box in the frame.
    """

    id: int
    mask: Rle
    origin: tuple[int, int]


@dataclass(frozen=True)
class Division:
    """An object that is two from a frame on, as a person marks it.

    Parameters
    ----------
    index
        The first frame with the daughters.
    daughters
        As they are in that frame, with ids of their own.
    """

    index: Index
    daughters: tuple[Start, Start]


@dataclass(frozen=True)
class CarriedObject:
    """An object in a frame.

    Parameters
    ----------
    id
        The object's.
    mask
        In its bounding box; ``(0, 0)`` where the object isn't in the frame.
    origin
        (row, col) of that box in the frame.
    score
        How sure it is, 0 to 1. 1 for a person's own masks.
    state
        ``"carried"``; ``"corrected"``: the mask is the person's; ``"stopped"``: here it isn't
        carried on; ``"left"``: it went out of the frame here.
    reason
        Why it was stopped or left, in words; empty otherwise.
    """

    id: int
    mask: Rle
    origin: tuple[int, int]
    score: float
    state: State
    reason: str = ""


@dataclass(frozen=True)
class Carried:
    """What a frame has after a step.

    Parameters
    ----------
    index
        The frame.
    done, total
        Steps; frames that are gone through in both directions count twice. Frames that no object
        reaches are not gone through, so that the last report may come sooner.
    objects
        All that are carried there, by rising id; they share no pixel. They take the place of what
        an earlier report said of the same frame.
    problem
        Why the frame can't be read; objects are carried over it. Empty where it can.
    """

    index: Index
    done: int
    total: int
    objects: tuple[CarriedObject, ...]
    problem: str = ""
