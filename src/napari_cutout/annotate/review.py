"""Going through objects one by one and deciding on each. Which those are, the object table says.

Decisions are values; whoever calls makes undo steps of them with :attr:`Review.state`.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from napari_cutout.annotate.named import known_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.annotate.objects import ObjectRow, ObjectTable

    _Key = tuple[bool, float, int]

ReviewOrder = Literal["score", "doubt", "size", "id"]
"""What rises from object to object; doubt falls. Objects without a score, or without a doubt, come
after all that have one."""

Decision = Literal["accepted", "rejected", "corrected"]


@dataclass(frozen=True)
class ReviewState:
    """Where a review stands.

    Parameters
    ----------
    current
        The id that is looked at; None before the first and after the last.
    decisions
        What was decided on which ids.
    """

    current: int | None = None
    decisions: Mapping[int, Decision] = field(default_factory=lambda: MappingProxyType({}))


class Review:
    """A review of the objects of a table.

    Parameters
    ----------
    table
        It may change at any time: objects that come take their place in the order, and one that
        goes away while it is looked at gives way to the next. Another may be set.
    order
        See :data:`ReviewOrder`.

    Raises
    ------
    ValueError
        If the order is unknown.

    Examples
    --------
    >>> from napari_cutout.annotate import ObjectTable
    >>> Review(ObjectTable()).next() is None
    True
    """

    def __init__(self, table: ObjectTable, order: ReviewOrder = "score") -> None:
        self.table = table
        self._order = _check_order(order)
        self._state = ReviewState()
        self._passed: _Key | None = None
        self._doubts: Mapping[int, float] = MappingProxyType({})

    @property
    def doubts(self) -> Mapping[int, float]:
        """How unsure a model is of ids, 0 to 1; the current one stays when they are changed."""
        return self._doubts

    @doubts.setter
    def doubts(self, doubts: Mapping[int, float]) -> None:
        current = self.current
        self._doubts = MappingProxyType(dict(doubts))
        self._go(current)

    @property
    def order(self) -> ReviewOrder:
        """What rises from object to object; the current one stays when it is changed."""
        return self._order

    @order.setter
    def order(self, order: ReviewOrder) -> None:
        current = self.current
        self._order = _check_order(order)
        self._go(current)

    @property
    def ids(self) -> tuple[int, ...]:
        """All of them, in order."""
        return tuple(key[-1] for key in self._keys())

    @property
    def undecided(self) -> tuple[int, ...]:
        """Those that are still to be decided on, in order."""
        return tuple(number for number in self.ids if number not in self._state.decisions)

    @property
    def current(self) -> int | None:
        """The id that is looked at. Where it went away, the one that has its place now."""
        keys = self._keys()
        at = self._at(keys)
        return None if at is None else keys[at][-1]

    def next(self) -> int | None:
        """Go to the next, from none to the first; None after the last one."""
        keys = self._keys()
        at = self._at(keys)
        return self._pass(keys, 0 if at is None else at + 1)

    def previous(self) -> int | None:
        """Go to the one before, from none to the last; None before the first one."""
        keys = self._keys()
        at = self._at(keys)
        return self._pass(keys, len(keys) - 1 if at is None else at - 1)

    def go_to(self, number: int) -> int | None:
        """Look at an object; at none when it isn't there."""
        return self._go(number if self.table.row(number) is not None else None)

    def accept(self) -> int | None:
        """Say that the current object is right, and go to the next that isn't decided."""
        return self._decide("accepted")

    def reject(self) -> int | None:
        """Say that it is none, and go to the next that isn't decided. It stays in the labels."""
        return self._decide("rejected")

    def correct(self) -> int | None:
        """Say that it was corrected, and go to the next that isn't decided."""
        return self._decide("corrected")

    def decision(self, number: int) -> Decision | None:
        """What was decided on an id."""
        return self._state.decisions.get(number)

    @property
    def decisions(self) -> Mapping[int, Decision]:
        """What was decided on the ids that are there."""
        here = self.table.places
        return {number: word for number, word in self._state.decisions.items() if number in here}

    @property
    def state(self) -> ReviewState:
        """Where it stands, to be restored later."""
        return self._state

    def restore(self, state: ReviewState) -> None:
        """Stand where it stood before."""
        self._state = ReviewState(None, state.decisions)
        self._go(state.current)

    def _decide(self, decision: Decision) -> int | None:
        keys = self._keys()
        at = self._at(keys)
        if at is None:
            return self._go(next(iter(self.undecided), None))
        decisions = {**self._state.decisions, keys[at][-1]: decision}
        self._state = ReviewState(keys[at][-1], MappingProxyType(decisions))
        # Those that were skipped come round again after the last.
        onwards = (key[-1] for key in keys[at:] + keys[:at])
        return self._go(next((number for number in onwards if number not in decisions), None))

    def _pass(self, keys: list[_Key], at: int) -> int | None:
        return self._go(keys[at][-1] if 0 <= at < len(keys) else None)

    def _go(self, number: int | None) -> int | None:
        self._state = ReviewState(number, self._state.decisions)
        row = None if number is None else self.table.row(number)
        self._passed = None if row is None else self._key(row)
        return number

    def _at(self, keys: list[_Key]) -> int | None:
        """The place of the current object, or of what came up to where it was."""
        number = self._state.current
        row = None if number is None else self.table.row(number)
        key = self._passed if row is None else self._key(row)
        at = len(keys) if key is None or number is None else bisect_left(keys, key)
        return at if at < len(keys) else None

    def _keys(self) -> list[_Key]:
        return sorted(map(self._key, self.table.rows()))

    def _key(self, row: ObjectRow) -> _Key:
        if self._order == "id":
            return False, 0.0, row.id
        if self._order == "size":
            return False, float(row.area), row.id
        if self._order == "doubt":
            doubt = self._doubts.get(row.id)
            return doubt is None, -(doubt or 0.0), row.id
        return row.score is None, row.score or 0.0, row.id


def _check_order(order: str) -> ReviewOrder:
    return known_name(order, get_args(ReviewOrder), "review order")
