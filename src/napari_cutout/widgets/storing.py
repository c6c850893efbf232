"""Keeping embeddings on disk: a switch, their size, and a button that clears them.

Files may be many and far away: they are looked at in a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QWidget

from napari_cutout.layers import Job
from napari_cutout.layers.weak import weak_call
from napari_cutout.segment.store import EmbeddingStore
from napari_cutout.widgets.controls import Button, check_box
from napari_cutout.widgets.workers import STORE

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.layers import Session
    from napari_cutout.widgets.workers import JobRunner

_NO_PLACE = "The image isn't a file; choose a folder for embeddings in napari's Preferences"


class Storing(QWidget):
    """The row of the store.

    Signals
    -------
    problem
        An exception about what can't be written or removed.

    Attributes
    ----------
    is_wanted
        Whether embeddings are kept wherever there is a place for them.
    """

    problem = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.keep = check_box("Keep", _NO_PLACE)
        self.size = QLabel()
        self.clear = Button("Clear", "Remove the embeddings of this image from the disk")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.keep)
        line.addWidget(self.size, 1)
        line.addWidget(self.clear)
        self.is_wanted = False
        self._path: Path | None = None
        self._store: EmbeddingStore | None = None
        self.show_place(None)

    def open(self, session: Session, path: Path | None) -> None:
        """Go on with another session, whose embeddings would be kept there; None: nowhere."""
        self.show_place(path)
        self._use(session, self.is_wanted)

    def choose(self, session: Session | None, on: bool) -> None:
        """Keep embeddings on disk wherever there is a place, from now on, or don't."""
        self.is_wanted = on
        if session is not None:
            self._use(session, on)

    def show_place(self, path: Path | None) -> None:
        """Show where embeddings would be kept; None: nowhere."""
        self._path, self._store = path, None
        self.keep.setEnabled(path is not None)
        self.keep.setChecked(False)
        self.keep.setToolTip(_NO_PLACE if path is None else f"Keep embeddings in {path}")
        self.size.setText("")
        self.size.setToolTip("What embeddings take on disk")
        self.clear.setEnabled(False)

    def _use(self, session: Session, on: bool) -> None:
        self._store = None
        if on and self._path is not None:
            self._store = EmbeddingStore(self._path, warn=self.problem.emit)
        if session.store is not self._store:
            session.store = self._store
        self.keep.setChecked(self._store is not None)

    def measure(self, run: JobRunner) -> None:
        """Show how much there is on disk now."""
        self._run(run, lambda store: store.size)

    def remove(self, run: JobRunner) -> None:
        """Clear it all, and show what is left."""

        def clear(store: EmbeddingStore) -> int:
            store.clear()
            return store.size

        self._run(run, clear)

    def _run(self, run: JobRunner, work: object) -> None:
        path, store = self._path, self._store
        if path is None:
            return
        show, tell = weak_call(self._show), weak_call(self._tell)

        def compute() -> int:
            return work(store or EmbeddingStore(path))

        job = Job(STORE, "", compute, lambda size: show(path, size), tell, lambda: None)
        run(job)

    def _tell(self, error: Exception) -> None:
        self.problem.emit(error)

    def _show(self, path: Path, size: int) -> None:
        if path == self._path:
            self.size.setText(f"{size / 1e6:.1f} MB" if size else "nothing")
            self.clear.setEnabled(size > 0)
