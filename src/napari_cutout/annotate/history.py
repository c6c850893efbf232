"""An undo and redo chain of steps of any kind. What a step does when undone is its owner's affair.

The chain moves a step to its other side only when the owner says that it was carried out, so that
a step that fails stays where it was.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Step = TypeVar("Step")

LIMIT = 1000


class History(Generic[Step]):
    """Steps that were done, and steps that were undone and can be done again.

    Parameters
    ----------
    limit
        The number of steps kept; the oldest ones go first.

    Examples
    --------
    >>> history = History()
    >>> history.push("a point")
    >>> history.last_done
    'a point'
    >>> history.mark_undone()
    >>> history.last_done, history.last_undone
    (None, 'a point')
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._done: deque[Step] = deque(maxlen=limit)
        self._undone: deque[Step] = deque(maxlen=limit)

    @property
    def done(self) -> tuple[Step, ...]:
        """The steps that can be undone, oldest first."""
        return tuple(self._done)

    @property
    def undone(self) -> tuple[Step, ...]:
        """The steps that can be done again, the next one last."""
        return tuple(self._undone)

    @property
    def last_done(self) -> Step | None:
        """The step that undo is about."""
        return self._done[-1] if self._done else None

    @property
    def last_undone(self) -> Step | None:
        """The step that redo is about."""
        return self._undone[-1] if self._undone else None

    def push(self, step: Step) -> None:
        """Add a step that was just done; what was undone before can't be done again."""
        self._done.append(step)
        self._undone.clear()

    def mark_undone(self) -> None:
        """Say that the last step was undone."""
        self._undone.append(self._done.pop())

    def mark_done(self) -> None:
        """Say that the last undone step was done again."""
        self._done.append(self._undone.pop())

    def keep(self, wanted: Callable[[Step], bool]) -> None:
        """Forget all steps but the wanted ones."""
        for steps in (self._done, self._undone):
            kept = [step for step in steps if wanted(step)]
            steps.clear()
            steps.extend(kept)

    def clear(self) -> None:
        """Forget all steps."""
        self._done.clear()
        self._undone.clear()
