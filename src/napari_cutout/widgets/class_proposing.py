"""Proposing classes for objects: a button, how sure a proposal must be, and accepting those.

What is proposed is the matter of layers/classes; here it is asked for in a thread, and shown.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QSpinBox, QWidget

from napari_cutout.layers.classes import Classes
from napari_cutout.widgets.controls import Button, number_width, progress_bar, small_label
from napari_cutout.widgets.job_thread import JobThread
from napari_cutout.widgets.layouts import column, row

if TYPE_CHECKING:
    from napari_cutout.layers import Session
    from napari_cutout.layers.classes import Proposal

_SURE = 80


class ClassProposing(QWidget):
    """The controls, and the :class:`.Classes` of the session that is followed.

    Signals
    -------
    changed
        There are other proposals.
    said
        What is going on, in words.
    failed
        An exception about what was given.
    """

    changed = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes: Classes | None = None
        self._thread = JobThread(self)
        self.propose = Button(
            "&Propose classes", "Learn the classes of the objects that have one, for the rest"
        )
        self.least = QSpinBox()
        self.accept = Button(
            "&Accept", "Give the objects the classes that are proposed at least so surely"
        )
        self.dismiss = Button("Dismiss", "Take the proposals away")
        self.progress = progress_bar("How many of the objects were looked at")
        self.cancel = Button("Cancel", "Stop looking at the objects; nothing is proposed")
        self.summary = small_label()
        self._set_up()
        self._lay_out()
        self._show()

    @property
    def is_running(self) -> bool:
        """Whether objects are being looked at."""
        return self._thread.is_busy

    @property
    def proposals(self) -> dict[int, Proposal]:
        """By id, the surest first."""
        return {} if self.classes is None else self.classes.proposals

    def follow(self, session: Session | None) -> None:
        """Propose for the objects of another session, or of none."""
        self._thread.stop()
        old, self.classes = self.classes, None
        if old is not None and not old.is_closed:
            for emitter, slot in self._slots(old):
                emitter.disconnect(slot)
            old.close()
        if session is not None and not session.is_closed:
            self.classes = Classes(session, self._thread)
            for emitter, slot in self._slots(self.classes):
                emitter.connect(slot)
        self._show()

    def show_objects(self, count: int) -> None:
        """Show what can be done with so many objects in all."""
        self.propose.setEnabled(count > 1 and not self.is_running)

    def _slots(self, classes: Classes) -> list[tuple[object, object]]:
        events = classes.events
        return [
            (events.progress, self._show),
            (events.proposed, self._on_proposed),
            (events.status, self._say),
        ]

    def _set_up(self) -> None:
        self.least.setRange(0, 100)
        self.least.setValue(_SURE)
        self.least.setPrefix("≥ ")
        self.least.setSuffix(" %")
        number_width(self.least, "≥ 10000 %")
        self.least.setToolTip("How sure a proposal must be to be accepted")
        self.least.setAccessibleName("Least confidence")
        self.summary.setToolTip("The proposals that are so sure, by class")
        self._thread.failed.connect(self.failed)
        self._thread.ended.connect(self._show)
        self.propose.clicked.connect(self._propose)
        self.accept.clicked.connect(self._accept)
        self.dismiss.clicked.connect(self._dismiss)
        self.cancel.clicked.connect(self._cancel)
        self.least.valueChanged.connect(self._show)

    def _lay_out(self) -> None:
        line = row(self.summary, self.dismiss)
        line.setStretch(0, 1)
        accepting = row(self.propose, None, self.least, self.accept)
        column(self, accepting, row(self.progress, self.cancel), line)

    def _show(self, _event: object = None) -> None:
        classes = self.classes
        proposals = self.proposals
        sure = {} if classes is None else classes.above(self.least.value() / 100)
        self.accept.setEnabled(bool(sure))
        self.least.setEnabled(bool(proposals))
        self.summary.setText(_told(Counter(one.name for one in sure.values()), len(proposals)))
        for shown in (self.summary, self.dismiss):
            shown.setVisible(bool(proposals))
        running = self.is_running
        self.progress.setVisible(running)
        self.cancel.setVisible(running)
        done, total = (0, 0) if classes is None else classes.progress
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        objects = 0 if classes is None else len(classes.session.objects.ids)
        self.show_objects(objects)

    def _on_proposed(self, _event: object = None) -> None:
        self._show()
        self.changed.emit()

    def _say(self, _event: object = None) -> None:
        if self.classes is not None:
            self.said.emit(self.classes.status)

    def _propose(self) -> None:
        self._call("propose")

    def _accept(self) -> None:
        if self.classes is not None:
            least = self.least.value() / 100
            self._call("accept", tuple(self.classes.above(least)))

    def _dismiss(self) -> None:
        self._call("dismiss")

    def _cancel(self) -> None:
        self._call("cancel")

    def _call(self, action: str, *arguments: object) -> None:
        if self.classes is None:
            return
        try:
            getattr(self.classes, action)(*arguments)
        except (ValueError, RuntimeError) as error:
            self.failed.emit(error)
        self._show()


def _told(sure: Counter[str], count: int) -> str:
    if not sure:
        return f"{count} proposed, none of them so surely."
    names = ", ".join(f"{number} {name}" for name, number in sorted(sure.items()))
    return f"{sure.total()} of {count} proposed so surely: {names}."
