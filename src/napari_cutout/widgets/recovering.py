"""The offer to go on with what a session left that ended by accident.

What there is, and making it again, is the session's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from qtpy.QtCore import Signal

from napari_cutout.layers import Job
from napari_cutout.layers.weak import weak_call
from napari_cutout.widgets.offers import Offer
from napari_cutout.widgets.workers import RECOVERY

if TYPE_CHECKING:
    from napari_cutout.layers import Session
    from napari_cutout.layers.journal.recovery import Recovery
    from napari_cutout.widgets.workers import JobRunner


class RecoveryOffer(Offer):
    """The group "Not finished".

    Signals
    -------
    problem
        An exception about files that can't be read or written.
    restored
        The work is there again; what couldn't be read of it, in words.
    """

    problem = Signal(object)
    restored = Signal(str)

    def __init__(self) -> None:
        super().__init__(
            "Not finished",
            ("Go on", "Make its labels, objects and prompts again"),
            ("Dismiss", "Don't offer it again; the log of what was done stays"),
        )
        self._session: ref[Session] | None = None
        self._recovery: Recovery | None = None
        self._run: JobRunner | None = None
        self.accept.clicked.connect(self._on_accept)
        self.dismiss.clicked.connect(self._on_dismiss)

    def look(self, session: Session, run: JobRunner) -> None:
        """Look for what an earlier session left, in a thread: files may be far away."""
        self.forget()
        self._run, self._session = run, (seen := ref(session))
        take = weak_call(self._take)

        def find() -> Recovery | None:
            # A thread keeps no closed session alive.
            there = seen()
            return None if there is None else there.find_recovery()

        job = Job(
            RECOVERY,
            "",
            find,
            lambda found: take(seen, found),
            lambda _error: None,
            lambda: None,
        )
        run(job)

    def forget(self) -> None:
        """Offer nothing."""
        self._session = self._recovery = None
        self.hide()

    def _take(self, seen: ref[Session], found: Recovery | None) -> None:
        if seen is self._session and found is not None:
            self._recovery = found
            self.offer(found.text)

    def _on_accept(self) -> None:
        seen, run, recovery = self._session, self._run, self._recovery
        self.hide()
        if seen is None or run is None or recovery is None:
            return
        take, fail = weak_call(self._restore), weak_call(self._on_failed)
        run(
            Job(
                RECOVERY,
                "",
                recovery.prepare,
                lambda _: take(seen, recovery),
                fail,
                lambda: None,
            )
        )

    def _restore(self, seen: ref[Session], recovery: Recovery) -> None:
        """Show what was made again, unless another session is worked with by now."""
        session = seen()
        if seen is not self._session or session is None or session.is_closed:
            return
        self.forget()
        try:
            session.restore(recovery)
        except (ValueError, RuntimeError, OSError) as error:
            self.problem.emit(error)
        else:
            self.restored.emit(" ".join(recovery.notes))

    def _on_failed(self, error: Exception) -> None:
        self.forget()
        self.problem.emit(error)

    def _on_dismiss(self) -> None:
        recovery = self._recovery
        self.forget()
        if recovery is None:
            return
        try:
            recovery.dismiss()
        except (ValueError, OSError) as error:
            self.problem.emit(error)
