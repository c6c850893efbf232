"""Classes that were proposed for objects, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Proposal:
    """A class that was proposed for an object.

    Parameters
    ----------
    name
        Of the class.
    confidence
        How probable it is, 0 to 1.
    """

    name: str
    confidence: float


@dataclass(frozen=True, eq=False)
class Proposals:
    """What was proposed, and from how much it was learned.

    Parameters
    ----------
    by_id
        For objects that had no class.
    counts
        How many examples there were of each class.
    accuracy
        The share of the examples that are named right by a model that wasn't shown them.
    """

    by_id: Mapping[int, Proposal]
    counts: Mapping[str, int]
    accuracy: float
