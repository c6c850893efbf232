"""The dock widget "Objects": it shows the objects of a session and calls it. It decides nothing.

The session is that of the dock widget "Cut Out" of the same window. How it is laid out is in
objects_panel.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)
from qtpy.QtWidgets import QFileDialog

from napari_cutout.layers.weak import weak_call
from napari_cutout.widgets.object_splitting import Splitting
from napari_cutout.widgets.objects_panel import ObjectsPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from napari.layers import Labels
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session
    from napari_cutout.layers.measured import Measuring


class Objects(ObjectsPanel):
    """Look through, correct, name, review and measure the objects that were cut out.

    Parameters
    ----------
    viewer
        As napari hands it to plugins.
    parent
        Its parent.
    """

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: Labels | None = None
        self._is_showing = False
        self._splitting = Splitting(self)
        self._connect_controls()
        self._begin(viewer)

    @property
    def session(self) -> Session | None:
        """The session that is shown, and whose methods are called; None without one."""
        return self._session

    @property
    def is_busy(self) -> bool:
        """Whether something is measured or proposed, or still to be shown."""
        work = self.measuring.is_running or self.proposing.is_running
        return work or self._later.isActive()

    def _connect_controls(self) -> None:
        self.view.asked.connect(self._go_to)
        self.view.selected.connect(self._on_selected)
        self.view.delete_asked.connect(self._delete)
        self.table.renamed.connect(self._rename)
        self.delete.clicked.connect(self._delete)
        self.merge.clicked.connect(self._merge)
        self.correct.clicked.connect(self._correct)
        self.split.clicked.connect(self._split)
        self.set_class.clicked.connect(self._set_class)
        self.class_name.lineEdit().returnPressed.connect(self._set_class)
        self.color_by_class.clicked.connect(self._color_by_class)
        self.measure.clicked.connect(self._measure)
        self.measuring.done.connect(self._on_measured)
        self.measuring.failed.connect(self._report)
        self.measuring.said.connect(self.show_status)
        self.measuring.changed.connect(self._show_later)
        self.proposing.changed.connect(self._show_later)
        self.proposing.said.connect(self.show_status)
        self.proposing.failed.connect(self._report)
        self.review.order.activated.connect(self._order)
        self._splitting.said.connect(self.show_status)
        self._splitting.clicked.connect(self._split_at)
        self._splitting.ended.connect(self._on_split_ended)
        for action, button in self.review.actions.items():
            button.clicked.connect(self._doer(action))

    def _doer(self, action: str) -> Callable[..., None]:
        """A slot; Qt would keep a widget alive that is in a closure."""
        do = weak_call(self.do)
        return lambda *_: do(action)

    def _follow(self, session: Session | None) -> None:
        """Listen to another session, or to none."""
        self._splitting.end()
        self.measuring.stop()
        self.proposing.follow(session)
        super()._follow(session)
        self._follow_labels(None if session is None else session.labels)

    def _heard(self, session: Session) -> Iterable[tuple[Any, Callable[..., None]]]:
        events = session.events
        told = (events.objects, events.labels, events.options, events.closed)
        return [
            *((emitter, self._show_later) for emitter in told),
            (events.status, self._on_status),
        ]

    def _follow_labels(self, labels: Labels | None) -> None:
        # Layers of a plugin's viewer are handed out anew each time, and equal.
        if labels == self._labels:
            return
        self._splitting.end()
        old, self._labels = self._labels, labels
        if old is not None:
            old.events.selected_label.disconnect(self._on_label)
        if labels is not None:
            labels.events.selected_label.connect(self._on_label)

    def _show_all(self) -> None:
        cut_out, session = self._look_up()
        self._is_showing = True
        try:
            if session is None:
                self.show_missing(is_open=cut_out is not None)
            else:
                self._follow_labels(session.labels)
                self.show_session(session)
        finally:
            self._is_showing = False
        if not self.view.ids:
            self._on_label()

    def _on_status(self, _event: object = None) -> None:
        if self._session is not None and not self._splitting.is_on:
            self.show_status(self._session.status)

    def _on_label(self, _event: object = None) -> None:
        """Another label was chosen in napari, or by going somewhere."""
        labels = self._labels
        if labels is None or labels.selected_label in self.view.ids:
            return
        if self.table.place_of(labels.selected_label) is not None:
            self.view.select([labels.selected_label], show=True)

    def _on_selected(self) -> None:
        if self._is_showing:
            return
        numbers = self.view.ids
        self.show_selection(len(numbers))
        if len(numbers) == 1 and self._labels is not None:
            self._labels.selected_label = numbers[0]

    def _go_to(self, number: int) -> None:
        self.do("go_to", number)

    def _delete(self) -> None:
        if self.view.ids:
            self.do("delete", self.view.ids)

    def _merge(self) -> None:
        self.do("merge", self.view.ids)

    def _correct(self) -> None:
        for number in self.view.ids[:1]:
            if self.do("go_to", number):
                self.do("reopen", number)

    def _rename(self, number: int, name: str) -> None:
        self.do("set_class", number, name)

    def _set_class(self) -> None:
        if self.view.ids:
            self.do("set_class", self.view.ids, self.class_name.currentText().strip())

    def _color_by_class(self, on: bool) -> None:
        if self._session is not None:
            self._session.color_by_class = on

    def _order(self) -> None:
        self.do("review_by", self.review.order.currentData())

    def _split(self, on: bool) -> None:
        if not on:
            self._splitting.give_up()
            return
        numbers = self.view.ids
        if len(numbers) == 1 and self.do("go_to", numbers[0]):
            self._splitting.begin(self._session, numbers[0])
        self.split.setChecked(self._splitting.is_on)

    def _split_at(self, number: int, first: Any, second: Any) -> None:
        self.do("split", number, first, second)

    def _on_split_ended(self) -> None:
        self.split.setChecked(False)
        self.show_selection(len(self.view.ids))

    def _measure(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Write the measurements", "objects.csv", "Tables (*.csv)"
        )
        if not name or self._session is None:
            return
        path = Path(name)
        try:
            work = self._session.measuring(path if path.suffix else path.with_suffix(".csv"))
        except (ValueError, RuntimeError) as error:
            self._report(error)
            return
        self.measuring.begin(work)

    def _on_measured(self, work: Measuring) -> None:
        self.do("take_measured", work)
