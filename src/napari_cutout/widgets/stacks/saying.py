"""Stops, corrections and divisions, as far as the widget has to do with them. See by_hand.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.reading import read_frame
from napari_cutout.layers.target.targets import find_frame
from napari_cutout.widgets.in_window import find_docked
from napari_cutout.widgets.objects import Objects
from napari_cutout.widgets.stacks.dividing import Dividing
from napari_cutout.widgets.stacks.following import FollowingStacks

if TYPE_CHECKING:
    import napari
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session

NONE_SELECTED = "No object is selected: click its row in Objects, or choose its label."

_IDS_MISSING = "give the ids of the mother and of both daughters, or press Click daughters"


class StacksByHand(FollowingStacks):
    """The widget as far as a person tells propagation something."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(viewer, parent)
        self._dividing = Dividing(viewer, self)

    def ids(self, which: str) -> tuple[int, ...] | None:
        """The objects that are meant.

        Parameters
        ----------
        which
            A name of :data:`.WHICH`.

        Returns
        -------
        tuple of int or None
            None for what is previewed, or the selected label.

        Raises
        ------
        SessionError
            If there are none.
        """
        if which == "this":
            return None
        if which == "rows":
            found = self._rows()
            if not found:
                raise SessionError(
                    "no rows are selected in Objects; select some, or all with Ctrl+A"
                )
            return found
        return _ids_in_frame(self._session) if self._session is not None else ()

    def _connect_by_hand(self) -> None:
        hand = self.by_hand
        hand.stop.clicked.connect(self._stop_here)
        hand.correct.clicked.connect(self._correct)
        hand.click.clicked.connect(self._click_daughters)
        hand.divide.clicked.connect(self._divide)
        hand.marked.asked.connect(self._go_to)
        hand.marked.remove_asked.connect(self._remove)
        self._dividing.said.connect(self.show_status)
        self._dividing.clicked.connect(self._on_daughters)
        self._dividing.ended.connect(self._on_ended)

    def _follow(self, session: Session | None) -> None:
        self._dividing.end()
        super()._follow(session)

    def _rows(self) -> tuple[int, ...]:
        table = find_docked(self._viewer, Objects)
        return () if table is None else table.view.ids

    def _selected(self) -> tuple[int, ...]:
        """The rows selected in Objects; without that the selected label, if it is an object's."""
        session = self._session
        labels = None if session is None else session.labels
        rows = self._rows()
        if rows or session is None or labels is None:
            return rows
        number, places = int(labels.selected_label), session.objects.places
        is_there = number in places or (number > 0 and places.known != "all")
        return (number,) if is_there else ()

    def _stop_here(self) -> None:
        stacks, numbers = self.stacks, self._selected()
        if stacks is None or not numbers:
            self.show_status(NONE_SELECTED)
            return
        for number in numbers:
            marked = (number, self.happening.here) in stacks.stops
            self.do("remove_stop" if marked else "add_stop", number)

    def _correct(self) -> None:
        numbers = self._selected()
        if not numbers:
            self.show_status(NONE_SELECTED)
            return
        if self._call(self._session, "reopen", numbers[0]):
            self.show_status(f"Object {numbers[0]}: correct it with clicks, commit, propagate on.")

    def _click_daughters(self, on: bool) -> None:
        if not on or self._session is None:
            self._dividing.end()
            return
        hand = self.by_hand
        mother = hand.mother.value() or next(iter(self._selected()), 0)
        if not mother:
            hand.click.setChecked(False)
            self.show_status(f"{NONE_SELECTED} It is the mother.")
            return
        hand.show_ids(mother)
        self._dividing.begin(self._session, mother)

    def _on_daughters(self, daughters: tuple[int, ...]) -> None:
        self.by_hand.show_ids(self.by_hand.mother.value(), daughters)
        if len(daughters) == 2:
            self._divide()

    def _on_ended(self) -> None:
        self.by_hand.click.setChecked(False)
        if self.stacks is not None and not self.stacks.is_closed:
            self.show_status(self.stacks.status)

    def _divide(self) -> None:
        hand = self.by_hand
        if not all((hand.mother.value(), *hand.daughters)):
            self._report(SessionError(_IDS_MISSING))
        elif self.do("mark_division", hand.mother.value(), hand.daughters):
            hand.show_ids(0)

    def _remove(self, what: str, number: int, frame: tuple[int, ...]) -> None:
        if what.endswith("stops"):
            self.do("remove_stop", number, frame)
        else:
            self.do("remove_division", number)

    def _go_to(self, frame: tuple[int, ...]) -> None:
        self.do("go_to", frame)


def _ids_in_frame(session: Session) -> tuple[int, ...]:
    """All objects that the labels have in the shown frame. O(frame)."""
    labels = session.labels
    if labels is None:
        raise SessionError("there are no labels yet; commit an object first")
    frame = find_frame(labels, session.image, session.frame, session.viewer.dims)
    numbers = tuple(sorted(read_frame(pixels_of(labels), frame.index)))
    if not numbers:
        raise SessionError("the labels have no object in the shown frame; go to one that has some")
    return numbers
