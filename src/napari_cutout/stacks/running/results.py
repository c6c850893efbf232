"""What came of a frame. How it is found is in finding.py, how it is kept in stacks/output."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.segment.automatic.objects import FoundObject

State = Literal["found", "failed"]
UnitState = Literal["found", "failed", "was there"]


@dataclass(frozen=True)
class FrameResult:
    """All that was found in a frame, or why nothing could be.

    Parameters
    ----------
    index
        Which frame: a number for each looped axis.
    objects
        The best first.
    state
        ``"failed"`` for a frame that can't be read or used.
    reason
        Why it failed; of one that was found, what is odd about it. Else empty.
    identity
        Of the frame as it was read, see :meth:`.Stack.frame_identity`.
    seconds
        Spent on each part: ``read``, ``encode``, ``find``. It isn't kept on disk, as it is
        another one each time.
    """

    index: tuple[int, ...]
    objects: tuple[FoundObject, ...] = ()
    state: State = "found"
    reason: str = ""
    identity: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class UnitReport:
    """What was done about a frame, without its objects: small enough to be sent around.

    Parameters
    ----------
    index
        Which frame.
    state
        ``"was there"`` for one whose record was there, so that nothing was done.
    objects
        How many were found; of a frame that was there, too.
    reason
        As in :class:`FrameResult`.
    seconds
        The same, and ``write``.
    """

    index: tuple[int, ...]
    state: UnitState
    objects: int = 0
    reason: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)
