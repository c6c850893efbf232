"""A computation that is done once, whoever asks first; the others wait for it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class Once(Generic[Result]):
    """Calls a function at most once, from any thread, and gives all who ask what it returned.

    Where it raised, it is called again for the next who asks.

    Parameters
    ----------
    compute
        The function. It is let go of when it has returned.
    """

    def __init__(self, compute: Callable[[], Result]) -> None:
        self._compute: Callable[[], Result] | None = compute
        self._result: Result | None = None
        self._lock = Lock()

    def __call__(self) -> Result:
        """The result, now or when it is there."""
        with self._lock:
            if self._compute is not None:
                self._result = self._compute()
                self._compute = None
            return self._result  # type: ignore[return-value]
