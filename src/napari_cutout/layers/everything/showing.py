"""What was found, as it is shown: labels, outlines, in each frame what was found there.

Choosing among it is in choosing.py; finding it, and what becomes of it, in everything.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from napari_cutout.layers.errors import ViewError
from napari_cutout.layers.everything.choosing import EverythingChosen
from napari_cutout.layers.everything.drawing import KINDS
from napari_cutout.layers.everything.outlines import FoundOutlines
from napari_cutout.layers.everything.preparing import ShowAs
from napari_cutout.layers.everything.view import FoundLabels
from napari_cutout.layers.long_jobs import run_through

if TYPE_CHECKING:
    from napari.layers import Layer
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.everything.drawing import Kind
    from napari_cutout.layers.everything.found_set import FoundSet
    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.session import Session


class EverythingShown(EverythingChosen):
    """As far as what was found is shown. See :class:`.Everything`."""

    def __init__(self, session: Session, pause: LongRunner | None = None) -> None:
        super().__init__(session)
        self._elsewhere: dict[FrameIndex, FoundSet] = {}
        viewer, image = session.viewer, session.image
        announce = session.found_layers.add
        self._outlines = FoundOutlines(viewer, image, pause or run_through, announce)
        self._shown: dict[Kind, FoundLabels | FoundOutlines] = {
            "kept": FoundLabels(viewer, image, "kept", announce),
            "left out": FoundLabels(viewer, image, "left out", announce),
            "rims": self._outlines,
        }
        viewer.layers.events.removed.connect(self._on_removed)
        session.events.dirty.connect(self._on_view)

    @property
    def show_as(self) -> ShowAs:
        """How what was found is shown, see :data:`ShowAs`."""
        return self._choice.show_as

    @show_as.setter
    def show_as(self, show_as: ShowAs) -> None:
        if show_as not in get_args(ShowAs):
            raise ValueError(f"objects are shown as one of {get_args(ShowAs)}, not {show_as!r}")
        self._choice.show_as = show_as
        self._show_layers()
        self.events.options()

    @property
    def shows_left_out(self) -> bool:
        """Whether objects that aren't kept are outlined in grey."""
        return self._choice.shows_left_out

    @shows_left_out.setter
    def shows_left_out(self, on: bool) -> None:
        self._choice.shows_left_out = bool(on)
        self._show_layer("left out")
        self.events.options()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that show what was found."""
        return tuple(layer for shown in self._shown.values() for layer in shown.layers)

    def clear(self) -> None:
        """Forget what was found, in all frames."""
        self._elsewhere.clear()
        self._show_found(None)

    def close(self) -> None:
        """Take away what is shown."""
        self.is_closed = True
        self.session.viewer.layers.events.removed.disconnect(self._on_removed)
        self.session.events.dirty.disconnect(self._on_view)
        self._elsewhere.clear()
        self._outlines.close()
        for shown in self._shown.values():
            shown.hide()
        self._found = None
        self.events.closed()
        self.events.disconnect()

    def _show_found(self, found: FoundSet | None, *, more_comes: bool = False) -> None:
        """Show another set; where none, and more comes, the layers stay for it, unseen."""
        self._take_found(found)
        self._show_layers(more_comes=more_comes)
        self.events.found()

    def _take_found(self, found: FoundSet | None) -> None:
        """Choose among another set, whose layers are shown by what comes next."""
        self._found = found
        if found is not None:
            found.filter(self._choice.filters)

    def _on_view(self) -> None:
        """Another frame may be shown: what was found there is shown and chosen among now."""
        if not self._elsewhere:
            return
        try:
            there = self._elsewhere.pop(self.session.frame, None)
        except ViewError:
            return
        if there is None:
            return
        if self._found is not None:
            self._elsewhere[self._found.frame] = self._found
        self._show_found(there)

    def _show_layers(self, *, more_comes: bool = False) -> None:
        for kind in KINDS:
            self._show_layer(kind, more_comes=more_comes)

    def _show_layer(self, kind: Kind, *, more_comes: bool = False) -> None:
        shown = self._shown[kind]
        is_wanted = kind in self._choice.kinds
        if self._found is not None and is_wanted:
            shown.show(self._found, more_comes=more_comes)
        elif more_comes and is_wanted:
            shown.blank()
        else:
            shown.hide()

    def _follow(self, changed: NDArray[Any]) -> None:
        if not len(changed):
            return
        for shown in self._shown.values():
            shown.follow()

    def _on_removed(self, event: Any) -> None:
        for shown in self._shown.values():
            shown.forget(event.value)
