"""Choosing among what was found: what is kept follows from filters, and from what a person decides.

How it is shown is in showing.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.layers.everything.preparing import Choice
from napari_cutout.layers.image.coordinates import from_world
from napari_cutout.layers.telling import Telling

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from napari_cutout.layers.everything.found_set import FoundSet
    from napari_cutout.layers.session import Session
    from napari_cutout.segment.automatic.filters import Filters
    from napari_cutout.segment.automatic.objects import FoundObject


class EverythingChosen(Telling):
    """As far as what was found is chosen among. See :class:`.Everything`."""

    def __init__(self, session: Session) -> None:
        super().__init__("found", "kept", "options")
        self.session = session
        self._found: FoundSet | None = None
        self._choice = Choice()

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

    def _decide(self, k: int, *, keep: bool) -> None:
        found = self._checked(k)
        self._follow(found.decide(k, keep))
        self._say(self.describe(k))
        self.events.kept()

    def _follow(self, changed: NDArray[Any]) -> None:
        """Show what is kept now; ``changed`` are the objects that weren't before, or were."""
        raise NotImplementedError

    def _checked(self, k: int) -> FoundSet:
        if self._found is None or not 0 <= k < len(self._found):
            raise SessionError(f"{self.count} objects were found; object {k} isn't one of them")
        return self._found


def counted(number: int) -> str:
    """So many objects, in words."""
    return "1 object" if number == 1 else f"{number} objects"
