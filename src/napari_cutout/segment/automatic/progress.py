"""What finding everything reports between its steps, and how the reports add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.segment.automatic.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_cutout.segment.automatic.objects import FoundObject


@dataclass(frozen=True)
class Progress:
    """One step of finding everything.

    Parameters
    ----------
    done, total
        Steps done and in all; of equal cost, about.
    objects
        What this step settled: it won't be reported again, nor changed.
    tentative
        All that was found besides, so far. Later steps may drop or better it, and report it
        again; it counts if nothing more is asked for. May make them when they are looked at.
    """

    done: int
    total: int
    objects: tuple[FoundObject, ...] = ()
    tentative: Sequence[FoundObject] = ()


class Gathered:
    """Adds up reports, so that what was found is there whenever one stops asking for more.

    Parameters
    ----------
    shape
        ``(rows, cols)`` of the frame.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape = shape
        self._settled: list[FoundObject] = []
        self._tentative: Sequence[FoundObject] = ()

    def add(self, progress: Progress) -> None:
        """Take the next report."""
        self._settled.extend(progress.objects)
        self._tentative = progress.tentative

    @property
    def objects(self) -> Objects:
        """All that was found so far, the best first."""
        return best_first((*self._settled, *self._tentative), self._shape)


def gather(steps: Iterable[Progress], shape: tuple[int, int]) -> Objects:
    """All that the steps find, the best first.

    Parameters
    ----------
    steps
        Of :func:`.find_everything`.
    shape
        ``(rows, cols)`` of the frame.
    """
    gathered = Gathered(shape)
    for progress in steps:
        gathered.add(progress)
    return gathered.objects


def best_first(found: Iterable[FoundObject], shape: tuple[int, int]) -> Objects:
    """Objects in order of their scores; equal ones stay as they are."""
    return Objects(tuple(sorted(found, key=lambda one: -one.score)), shape)
