"""The images of a folder as a table for Qt: their names, how many objects, and what else there is.

Objects are counted for the rows that are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer, Signal

from napari_cutout.widgets.listing import Listing

if TYPE_CHECKING:
    from napari_cutout.layers.files.browsing import Browser

SOON = 30
"""Milliseconds in which rows that come into view are gathered."""

_COUNTING = "…"


class ImageTable(Listing):
    """A row for each listed image of a browser.

    Signals
    -------
    uncounted
        Places of images that are in view, and whose objects aren't counted yet.
    """

    TITLES = ("Image", "Objects", "State")

    uncounted = Signal(object)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._uncounted: dict[int, None] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._ask)

    @property
    def is_waiting(self) -> bool:
        """Whether it is about to ask for counts."""
        return self._soon.isActive()

    def show_listed(self, listed: Browser | None) -> None:
        """List another folder, or none."""
        self._uncounted = {}
        super().show_listed(listed)

    def row_of(self, place: int | None) -> int | None:
        """The row of an image; None where it isn't listed."""
        listed = () if self._listed is None else self._listed.listed
        return listed.index(place) if place in listed else None

    def place_of(self, row: int) -> int:
        """The image of a row."""
        return int(self._listed.listed[row])

    def _ask(self) -> None:
        places, self._uncounted = tuple(self._uncounted), {}
        self.uncounted.emit(places)

    def _length(self, listed: Browser) -> int:
        return len(listed.listed)

    def _text(self, listed: Browser, row: int, column: int) -> str:
        place = listed.listed[row]
        if column == 0:
            return listed.folder[place].name
        return self._counted(listed, place) if column == 1 else _state(listed, place)

    def _tip(self, listed: Browser, row: int) -> str:
        place = listed.listed[row]
        return listed.problems.get(place, str(listed.folder[place].path))

    def _is_shown(self, listed: Browser, row: int) -> bool:
        return listed.listed[row] == listed.place

    def _counted(self, listed: Browser, place: int) -> str:
        if place in listed.problems:
            return ""
        if place in listed.counts:
            count = listed.counts[place]
            return "" if count is None else f"{count:,}"
        if place not in self._uncounted:
            self._uncounted[place] = None
            self._soon.start()
        return _COUNTING


def _state(browser: Browser, place: int) -> str:
    """In words, each with its sign, and never by colour."""
    is_shown = place == browser.place
    words = {
        "▶ shown": is_shown,
        "✎ edited": place in browser.edited,
        "✗ can't be read": place in browser.problems,
    }
    return ", ".join(word for word, holds in words.items() if holds)
