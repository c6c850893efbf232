"""Telling a person who goes through files what is being done, what happened, and what can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Telling:
    """What is told, and to whom.

    Parameters
    ----------
    news
        The event that says that something else is shown.
    report
        Takes what can't be done. None: it is raised.

    Attributes
    ----------
    events
        The one of ``news``, ``progress``, ``status``, ``busy`` and ``closed``.
    """

    def __init__(self, news: str, report: Callable[[Exception], None] | None) -> None:
        from napari.utils.events import EmitterGroup

        names = (news, "progress", "status", "busy", "closed")
        self.events: Any = EmitterGroup(source=self, **dict.fromkeys(names))
        self._report = report
        self._busy = self._status = ""

    @property
    def status(self) -> str:
        """What happened last, and what to do next."""
        return self._status

    @property
    def busy(self) -> str:
        """What is being done; empty when nothing is."""
        return self._busy

    def _fail(self, error: Exception) -> None:
        self._set_busy("")
        self._say(str(error))
        if self._report is None:
            raise error
        self._report(error)

    def _say(self, text: str) -> None:
        self._status = text
        self.events.status()

    def _set_busy(self, text: str) -> None:
        self._busy = text
        self.events.busy()
