"""What all widgets beside "Cut Out" show: what is needed first, and what is going on.

No viewer here, and nothing is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_cutout.widgets.beside import Beside
from napari_cutout.widgets.controls import STYLE, Button, keep_lines, small_label
from napari_cutout.widgets.layouts import add, column
from napari_cutout.widgets.panel import Scrolled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qtpy.QtWidgets import QLayout

_NO_IMAGE = "Cut Out has no image yet: File > Open, or File > Open Sample > Cut Out."


class BesidePanel(Beside):
    """A notice, a button that opens "Cut Out", and a status line. A subclass adds the rest."""

    not_open = (
        "The image, the model and the labels are those of the widget Cut Out, which isn't open."
    )
    """What is said without "Cut Out"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = small_label()
        self.notice.setToolTip("What is needed first")
        self.open_cut_out = Button("Open Cut Ou&t", "Open the widget that objects are cut out with")
        self.open_cut_out.clicked.connect(self._open_cut_out)
        self._status = small_label()
        self._status.setToolTip("What is going on, and what happened")
        keep_lines(self._status, 3)

    @property
    def status(self) -> str:
        """What the status line says."""
        return self._status.text()

    def show_status(self, text: str) -> None:
        """Say what is going on and what to do next."""
        self._status.setText(text)

    def show_missing(self, *, is_open: bool) -> None:
        """There is no session: "Cut Out" isn't open, or has no image."""
        self.show_nothing(_NO_IMAGE if is_open else self.not_open)

    def show_nothing(self, why: str) -> None:
        """There is nothing to work on. A subclass takes away what it shows."""
        self.notice.setText(why)
        self.notice.show()
        self.open_cut_out.setVisible(why == self.not_open)

    def show_something(self) -> None:
        """There is something to work on."""
        self.notice.hide()
        self.open_cut_out.hide()

    def _lay_down(self, scrolled: Iterable[QWidget], fixed: Iterable[QWidget | QLayout]) -> None:
        """Lay out the notice and some parts, which are scrolled, above others and the status."""
        content = QWidget()
        inner = column(content, self.notice, self.open_cut_out, *scrolled, spacing=6)
        inner.setContentsMargins(2, 0, 2, 0)
        inner.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.addWidget(Scrolled(content), 1)
        for part in (*fixed, self._status):
            add(whole, part)
        self.setStyleSheet(STYLE)
