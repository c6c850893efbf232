"""Adding the layers of a session of "Cut Out", one in each turn of the event loop.

napari takes long to add one: the window would stand still. Which session there is, is decided in
opening.py.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_cutout.widgets.timed import Timed

if TYPE_CHECKING:
    from collections.abc import Generator

    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session


class Laying(Timed):
    """The widget as far as its session gets its layers. See :class:`.CutOut`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._is_adding = False
        self._tool = "points"
        self._pick_up = self._timer(0, self._pick_up_tool)
        self._laying = self._timer(0, self._lay_next)

    @property
    def _is_laying(self) -> bool:
        """Whether layers are still to come."""
        return self._pick_up.isActive() or self._laying.isActive()

    def _begin_laying(self) -> None:
        """Add the layers in the next turns."""
        # Not now: napari may be adding the image, and is going to select it.
        self._pick_up.start()

    def _finish_laying(self) -> None:
        """Add at once what was left for later turns."""
        if self._pick_up.isActive():
            self._pick_up.stop()
            self._pick_up_tool()
        while self._laying.isActive():
            self._laying.stop()
            self._lay_next()

    def _stop_laying(self) -> None:
        """Add no more."""
        self._pick_up.stop()
        self._laying.stop()

    def _pick_up_tool(self) -> None:
        """Add the layer of the tool that is in hand, and take it to that."""
        if self._session is not None:
            with self._adding():
                self._session.use(self._tool)
            self._laying.start()

    def _lay_next(self) -> None:
        session = self._session
        if session is None:
            return
        with self._adding():
            is_left = session.lay_next()
        if is_left:
            self._laying.start()

    @contextmanager
    def _adding(self) -> Generator[None, None, None]:
        """While it is open, layers that come are the session's own."""
        before, self._is_adding = self._is_adding, True
        try:
            yield
        finally:
            self._is_adding = before
