"""A dock widget that works with the session of "Cut Out" in the same window, whichever it has.

Which session that is, who is told of what happens in it, and calling. What such widgets look like
is in beside_panel.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_warning
from qtpy.QtCore import QEvent, QObject, QTimer

from napari_cutout.widgets.commands import find_cut_out
from napari_cutout.widgets.docked import Docked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import napari

    from napari_cutout.layers import Session
    from napari_cutout.widgets.cut_out import CutOut


class Beside(Docked):
    """The base of those widgets. Each says what it does with a session.

    What happens in one turn of the event loop is shown once, by :meth:`_show_all`.
    """

    _viewer: napari.Viewer
    _session: Session | None = None

    def _begin(self, viewer: napari.Viewer) -> None:
        """Called at the end of making the widget."""
        self._work_in(viewer)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._show_in_time)
        self._listen(True)
        self._show_all()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look again when docks come and go: nobody else tells of a "Cut Out" without an image."""
        if event.type() in (QEvent.Type.ChildAdded, QEvent.Type.ChildRemoved):
            self._show_later()
        return super().eventFilter(watched, event)

    def show_status(self, text: str) -> None:
        """Say something in the status line."""
        raise NotImplementedError

    def do(self, action: str, *arguments: object, **named: object) -> bool:
        """Call what is worked with; what is wrong with what was given becomes a notification.

        Parameters
        ----------
        action
            A method of the session, or of what the widget has of its own for it: its property says
            so. Without a session nothing happens.
        arguments, named
            Its arguments.

        Returns
        -------
        bool
            Whether it was done.
        """
        self._show_later()
        return self._call(self._worked_with, action, *arguments, **named)

    @property
    def _worked_with(self) -> object | None:
        """What is called, and has what is set; None without a session."""
        return self._session

    def _show_in_time(self) -> None:
        """Show all, once the session has its layers: asking for it would add them at once."""
        cut_out = find_cut_out(self._viewer)
        if cut_out is not None and cut_out.is_opening:
            self._later.start()
        else:
            self._show_all()

    def _show_all(self) -> None:
        """Look which session there is, and show it."""
        raise NotImplementedError

    def _follow(self, session: Session | None) -> None:
        """Work with another session, or with none."""
        old, self._session = self._session, session
        for one, on in ((old, False), (session, True)):
            if one is None or one.is_closed:
                continue
            for emitter, take in self._heard(one):
                (emitter.connect if on else emitter.disconnect)(take)

    def _heard(self, session: Session) -> Iterable[tuple[Any, Callable[..., None]]]:
        """The events of a session that are listened to, and what takes each."""
        events = session.events
        # The model is told of with the options, and when it was loaded, with the first answer.
        told = (events.options, events.answer, events.closed)
        return [(emitter, self._show_later) for emitter in told]

    def _look_up(self) -> tuple[CutOut | None, Session | None]:
        """The widget "Cut Out" and its session, which is followed from now on."""
        cut_out = find_cut_out(self._viewer)
        session = None if cut_out is None else cut_out.session
        if session is not None and session.is_closed:
            session = None
        if session is not self._session:
            self._follow(session)
        return cut_out, session

    def _call(
        self, target: object | None, action: str, *arguments: object, **named: object
    ) -> bool:
        """Call a method of something. Returns whether it was done; nothing is without a target."""
        if target is None:
            return False
        return self._tried(lambda: getattr(target, action)(*arguments, **named))

    def _set(self, name: str, value: object) -> None:
        """Set what is worked with, or say why not; then show what is set."""
        target = self._worked_with
        if target is not None:
            self._tried(lambda: setattr(target, name, value))
            self._show_later()

    def _tried(self, call: Callable[[], object]) -> bool:
        """Whether it was done; what is wrong with what was given becomes a notification."""
        try:
            call()
        except (ValueError, RuntimeError, OSError) as error:
            self._report(error)
            return False
        return True

    def _listen(self, on: bool) -> None:
        events = self._viewer.layers.events
        for emitter in (events.inserted, events.removed, events.renamed):
            (emitter.connect if on else emitter.disconnect)(self._show_later)

    def _let_go(self) -> None:
        self._later.stop()
        self._listen(False)
        self._follow(None)

    def _show_later(self, _event: object = None) -> None:
        if not self._is_shut:
            self._later.start()

    def _open_cut_out(self) -> None:
        self._viewer.window.add_plugin_dock_widget("napari-cutout", "Cut Out")
        self._show_later()

    def _report(self, error: Exception) -> None:
        self.show_status(str(error))
        show_warning(str(error))
