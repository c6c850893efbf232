"""What was found, as it is shown and chosen among: filters, single objects, labels and outlines.

Finding it, and what becomes of it, is in everything.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.layers.everything.drawing import KINDS
from napari_cutout.layers.everything.job import run_through
from napari_cutout.layers.everything.outlines import FoundOutlines
from napari_cutout.layers.everything.preparing import Choice, ShowAs
from napari_cutout.layers.everything.view import FoundLabels
from napari_cutout.layers.image.coordinates import from_world

if TYPE_CHECKING:
    from napari.layers import Layer
    from numpy.typing import ArrayLike, NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.everything.drawing import Kind
    from napari_cutout.layers.everything.found_set import FoundSet
    from napari_cutout.layers.everything.job import LongRunner
    from napari_cutout.layers.session import Session
    from napari_cutout.segment.automatic.filters import Filters
    from napari_cutout.segment.automatic.objects import FoundObject


class EverythingShown:
    """As far as what was found is shown. See :class:`.Everything`."""

    def __init__(self, session: Session, pause: LongRunner | None = None) -> None:
        from napari.utils.events import EmitterGroup

        names = ("progress", "found", "kept", "options", "status", "closed")
        self.events = EmitterGroup(source=self, **dict.fromkeys(names))
        self.session = session
        self.is_closed = False
        self._status = ""
        self._found: FoundSet | None = None
        self._elsewhere: dict[FrameIndex, FoundSet] = {}
        self._choice = Choice()
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
    def status(self) -> str:
        """What is going on, in words."""
        return self._status

    @property
    def found(self) -> FoundSet | None:
        """What was found, with its measurements; None for nothing."""
        return self._found

    @property
    def objects(self) -> tuple[FoundObject, ...]:
        """All objects that were found, the best first."""
        return () if self._found is None else self._found.objects.found

    @property
    def passing(self) -> tuple[FoundObject, ...]:
        """Those that are kept, the best first."""
        return () if self._found is None else self._found.passing

    @property
    def count(self) -> int:
        """How many were found."""
        return len(self.objects)

    @property
    def kept_count(self) -> int:
        """How many of them are kept."""
        return 0 if self._found is None else int(self._found.kept.sum())

    @property
    def filters(self) -> Filters:
        """What an object needs to be kept. Changing it asks no model."""
        return self._choice.filters

    @filters.setter
    def filters(self, filters: Filters) -> None:
        self._choice.filters = filters
        if self._found is not None:
            self._follow(self._found.filter(filters))
        self.events.kept()

    def set_filters(self, **values: Any) -> None:
        """Change some of :attr:`filters` by name.

        Raises
        ------
        OptionError
            If a value is out of its range.
        """
        self.filters = replace(self._choice.filters, **values)

    def drop(self, k: int) -> None:
        """Drop an object, whatever the filters say; ``k`` is its place in :attr:`objects`."""
        self._decide(k, keep=False)

    def keep(self, k: int) -> None:
        """Keep an object, whatever the filters say."""
        self._decide(k, keep=True)

    def toggle(self, k: int) -> None:
        """Drop an object that is kept, or keep one that isn't."""
        found = self._checked(k)
        self._decide(k, keep=not found.kept[k])

    def forget_decisions(self) -> None:
        """Let the filters decide about all objects again."""
        if self._found is not None:
            self._follow(self._found.forget_decisions())
        self.events.kept()

    def at(self, position: ArrayLike) -> int | None:
        """The object at a position of the viewer's world.

        Returns
        -------
        int or None
            Its place in :attr:`objects`: of several the smallest that is kept, else the smallest.
            None where there is none, or another frame is shown.
        """
        found = self._found
        if found is None:
            return None
        try:
            if self.session.frame != found.frame:
                return None
        except ViewError:
            return None
        data = from_world(self.session.image, self.session.viewer.dims, position)
        row, col = data[list(frame_axes(found.frame))]
        return found.at((float(row), float(col)))

    def describe(self, k: int) -> str:
        """An object in words: its score, stability, area, and whether it is kept."""
        found = self._checked(k)
        one = found.objects[k]
        word = "kept" if found.kept[k] else "left out"
        if k in found.decided:
            word += " by hand"
        return (
            f"Object {found.numbers[k]}: score {one.score:.2f}, stability {one.stability:.2f}, "
            f"{one.area} px, {word}."
        )

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

    def _decide(self, k: int, *, keep: bool) -> None:
        found = self._checked(k)
        self._follow(found.decide(k, keep))
        self._say(self.describe(k))
        self.events.kept()

    def _follow(self, changed: NDArray[Any]) -> None:
        if not len(changed):
            return
        for shown in self._shown.values():
            shown.follow()

    def _checked(self, k: int) -> FoundSet:
        if self._found is None or not 0 <= k < len(self._found):
            raise SessionError(f"{self.count} objects were found; object {k} isn't one of them")
        return self._found

    def _on_removed(self, event: Any) -> None:
        for shown in self._shown.values():
            shown.forget(event.value)

    def _check_open(self) -> None:
        if self.is_closed:
            raise SessionError("this is closed; make a new one")

    def _say(self, text: str) -> None:
        self._status = text
        self.events.status()


def counted(number: int) -> str:
    """So many objects, in words."""
    return "1 object" if number == 1 else f"{number} objects"
