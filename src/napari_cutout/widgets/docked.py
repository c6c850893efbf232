"""A widget in napari's dock: when it is over, however it ends, it lets go of the viewer once.

What it lets go of is its own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_cutout.widgets.canvas_context import CanvasContext

if TYPE_CHECKING:
    import napari
    from qtpy.QtGui import QCloseEvent, QShowEvent


class Docked(QWidget):
    """The base of our dock widgets.

    It is over when it is closed, when napari takes it out of its dock, which only takes its parent
    away, and when the window closes, of which napari tells nobody.
    """

    _viewer: napari.viewer.Viewer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._window: QMainWindow | None = None
        self._context: CanvasContext | None = None
        self._was_docked = self._is_closing = self._is_shut = False

    @property
    def is_shut(self) -> bool:
        """Whether it let go of the viewer."""
        return self._is_shut

    def shut(self) -> None:
        """Let go of the viewer. The person's layers stay."""
        if self._is_shut:
            return
        self._is_shut = True
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None
        self._let_go()
        if self._context is not None:
            self._context.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go."""
        self.shut()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Let go when napari takes the widget out of its dock."""
        if event.type() == QEvent.Type.ParentChange:
            if self.parent() is not None:
                self._was_docked = True
            elif self._was_docked:
                self._was_docked = False
                self.shut()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Watch the window that it is in."""
        super().showEvent(event)
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QMainWindow):
            parent = parent.parentWidget()
        if parent is not None and self._window is None and not self._is_shut:
            self._window = parent
            parent.installEventFilter(self)
            if self._context is not None:
                self._context.look_in(parent)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let go when the window has closed: until then someone may still say no."""
        if event.type() == QEvent.Type.Close:
            if not self._may_close():
                event.ignore()
                return True
            self._is_closing = True
        elif event.type() == QEvent.Type.Show:
            self._is_closing = False
        elif event.type() == QEvent.Type.Hide and self._is_closing and not event.spontaneous():
            self.shut()
        return super().eventFilter(watched, event)

    def _work_in(self, viewer: napari.viewer.Viewer) -> None:
        """Take the viewer whose layers come and go here."""
        self._viewer = viewer
        self._context = CanvasContext(viewer)
        if self._window is not None:
            self._context.look_in(self._window)

    def _may_close(self) -> bool:
        """Whether the window may close now; called before anything of it is gone."""
        return True

    def _let_go(self) -> None:
        """Called once."""
