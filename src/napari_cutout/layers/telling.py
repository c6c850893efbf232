"""Telling whoever looks what happens, what is being done, and what can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Callable


class Telling:
    """What goes on for a while and tells of it: with a session, or through files.

    Parameters
    ----------
    news
        The events of what else there is to be told.

    Attributes
    ----------
    events
        Those of ``news``, ``progress``, ``status`` and ``closed``.
    is_closed
        Whether it is over.
    """

    def __init__(self, *news: str) -> None:
        from napari.utils.events import EmitterGroup

        names = (*news, "progress", "status", "closed")
        self.events: Any = EmitterGroup(source=self, **dict.fromkeys(names))
        self.is_closed = False
        self._status = ""

    @property
    def status(self) -> str:
        """What is going on or happened last, in words."""
        return self._status

    def _check_open(self) -> None:
        if self.is_closed:
            raise SessionError("this is closed; make a new one")

    def _say(self, text: str) -> None:
        self._status = text
        self.events.status()


class TellingOfFiles(Telling):
    """What tells a person who goes through files.

    Parameters
    ----------
    news
        The event that says that something else is shown.
    report
        Takes what can't be done. None: it is raised.

    Attributes
    ----------
    events
        Those of :class:`Telling`, and ``busy``.
    """

    def __init__(self, news: str, report: Callable[[Exception], None] | None) -> None:
        super().__init__(news, "busy")
        self._report = report
        self._busy = ""

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

    def _set_busy(self, text: str) -> None:
        self._busy = text
        self.events.busy()
