"""Calling something in the next turn of the event loop, before anything is painted.

A QTimer of no milliseconds is late: Qt paints first, and the painting of a window takes longer
than most of what the widgets do.
"""

from __future__ import annotations

from qtpy.QtCore import QObject, Qt, Signal


class Soon(QObject):
    """A call that is made once, however often it was asked for. It speaks as a QTimer does.

    Signals
    -------
    timeout
        It is time.
    """

    timeout = Signal()
    _queued = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_due = False
        self._queued.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Call as soon as what is going on has ended."""
        if not self._is_due:
            self._is_due = True
            self._queued.emit()

    def stop(self) -> None:
        """Don't call."""
        self._is_due = False

    def isActive(self) -> bool:
        """Whether the call is going to be made."""
        return self._is_due

    def _call(self) -> None:
        if self._is_due:
            self._is_due = False
            self.timeout.emit()
