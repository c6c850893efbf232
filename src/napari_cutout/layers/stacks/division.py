"""A division as a person marks it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Division:
    """An object that is two others from a frame on.

    Parameters
    ----------
    index
        The first frame with the daughters.
    daughters
        Their ids.
    """

    index: tuple[int, ...]
    daughters: tuple[int, int]
