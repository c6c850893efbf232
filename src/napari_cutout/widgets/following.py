"""How "Cut Out" follows its session: what happened there is shown here, and asked for in time.

Everything that is shown is put together at most once for each turn of the event loop.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_cutout.layers import ViewError
from napari_cutout.sam.errors import DeviceError
from napari_cutout.widgets.active_mode import ActiveMode
from napari_cutout.widgets.opening import Opening
from napari_cutout.widgets.picturing import Picturing

if TYPE_CHECKING:
    import napari
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session

DEBOUNCE = 50
"""Milliseconds that a frame must stay on screen before it is encoded."""

TELLING = 200
"""Milliseconds in which the status line changes once: painting it must not keep a mask waiting."""

BEFORE_COMMIT = 60
"""Milliseconds after an answer before what its commit needs is made ready: it is painted first."""

IDLE = 300
"""Milliseconds without an event before what may be wanted next is encoded."""


class Following(Opening):
    """The widget as far as it shows its session. See :class:`.CutOut`."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(viewer, parent)
        self._seconds: float | None = None
        self._is_loading = self._was_loaded = False
        self._doing = ""
        self._has_brush = False
        self._frame: object = None
        self._pictures = Picturing(self._candidates, self._runner)
        self._runner.busy.connect(self._show_busy)
        self._runner.encoded.connect(self._on_encoded)
        self._runner.failed.connect(self._report)
        self._mode = ActiveMode(viewer, self._show_tool)
        # napari hasn't done its bookkeeping when a layer tells of a new prompt.
        self._soon = self._before_painting(self._update_shown_frame)
        self._rest = self._timer(DEBOUNCE, self._update_live)
        self._later = self._timer(0, self._show_all)
        self._telling = self._timer(TELLING, self._tell)
        self._ready = self._timer(BEFORE_COMMIT, self._make_ready, is_work=False)
        self._ahead = self._timer(IDLE, self._prefetch, is_work=False)

    @property
    def is_busy(self) -> bool:
        """Whether anything is being computed, or about to be."""
        return self.mask_options.is_waiting or super().is_busy

    def do(self, action: str, *arguments: object) -> None:
        """Call the session."""
        raise NotImplementedError

    def _let_go(self) -> None:
        self._mode.close()
        super()._let_go()

    def _follow(self, session: Session) -> None:
        events = session.events
        events.dirty.connect(self._on_dirty)
        events.status.connect(self._show_what_goes_on)
        events.answer.connect(self._on_answer)
        for emitter in (events.polarity, events.options, events.objects):
            emitter.connect(self._show_later)
        events.labels.connect(self.reset_choices)
        events.closed.connect(self._on_closed)

    def _opened(self) -> None:
        self._frame = None
        self._show_all()
        self._on_dirty()

    def _on_dirty(self) -> None:
        self._soon.start()

    def _update_shown_frame(self) -> None:
        """Answer a prompt at once; a frame that came into view has to stay there for a moment."""
        session = self._session
        if session is None:
            return
        if session.has_prompts and self._shown_frame(session) == self._frame:
            self._update_live()
        else:
            self._rest.start()

    def _update_live(self) -> None:
        session = self._session
        if session is None:
            return
        self._frame = self._shown_frame(session)
        if self.live.isChecked():
            self.do("update" if session.has_prompts else "encode")

    def _shown_frame(self, session: Session) -> object:
        try:
            return session.frame
        except ViewError:
            return None

    def _prefetch(self) -> None:
        """Nothing happened for a while: encode what may be wanted next."""
        session = self._session
        if session is None or not self.live.isChecked() or self.is_busy:
            return
        with suppress(ValueError, RuntimeError):
            session.prefetch()

    def _make_ready(self) -> None:
        if self._session is not None:
            self._session.make_ready()

    def _on_answer(self) -> None:
        # The mask is painted first.
        self._ready.start()
        self._ahead.start()
        self._later.start()

    def _show_later(self) -> None:
        self._later.start()

    def _show_all(self) -> None:
        session = self._session
        self._later.stop()
        self.show_session(session)
        self._put_brush_down(session)
        self._show_tool()
        self._pictures.show(session)
        self._show_facts()

    def _put_brush_down(self, session: Session | None) -> None:
        """Without a preview a brush has nothing to touch up: back to the tool before it."""
        if session is None or session.answers_shown or not self._has_brush:
            return
        self._has_brush = False
        if self._is_on_preview(session):
            session.use(self._tool)

    def _is_on_preview(self, session: Session) -> bool:
        active = self._viewer.layers.selection.active
        return active is not None and session.preview is not None and active == session.preview

    def _show_tool(self) -> None:
        session = self._session
        if session is None or session.is_closed:
            self.show_tool(None, None)
            return
        tool, brush = session.tool, session.brush
        in_labels = brush is not None and not self._is_on_preview(session)
        self._tool = tool or self._tool
        # An invisible layer has no brush any more; it was in hand when the preview went.
        stays = tool is None and self._has_brush
        self._has_brush = not in_labels and (brush is not None or stays)
        self.show_tool(tool, brush, in_labels)

    def show_status(self, text: str) -> None:
        """Say what is going on and what to do next, and not what was to be said before."""
        self._telling.stop()
        super().show_status(text)

    def _show_what_goes_on(self) -> None:
        if not self._telling.isActive():
            self._telling.start()

    def _tell(self) -> None:
        if self._session is not None:
            self.show_status(self._session.status)

    def _show_busy(self, text: str) -> None:
        session = self._session
        if text and text != self._doing:
            self._is_loading = session is not None and session.segmenter is None
        self._doing = text
        self._foot.show_busy(text)

    def _on_encoded(self, seconds: float) -> None:
        self._seconds, self._was_loaded = seconds, self._is_loading
        self.seeing.store.measure(self._runner)
        self._ahead.start()
        self._later.start()

    def _show_facts(self) -> None:
        session = self._session
        if session is None:
            self._foot.facts.setText("")
            return
        model = session.model
        name = Path(model).name if isinstance(model, Path) else getattr(model, "name", model)
        device = self._device(session)
        self._foot.show_facts(str(name), device, self._seconds, self._was_loaded)

    def _device(self, session: Session) -> str:
        """Where the model computes, in words; empty while it isn't loaded."""
        if session.segmenter is None:
            return ""
        from napari_cutout.sam.device import resolve_device

        try:
            chosen = resolve_device(self.preferences.device)
        except DeviceError:
            return ""
        return session.segmenter.device or str(chosen)
