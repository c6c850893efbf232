"""What two sweeps make of one frame: which of two answers counts, and who gets shared pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.propagating.judging import ended
from napari_cutout.stacks.propagating.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from napari_cutout.stacks.propagating.plan import Course
    from napari_cutout.stacks.propagating.travellers import Swept
    from napari_cutout.stacks.propagating.values import CarriedObject

IS_THERE = ("carried", "corrected")

LEAST_LEFT = 0.1
"""The share of a mask that is left to it at least where others have a better claim; what has less
is no object any more, but the rim of one that isn't it."""


class Meeting:
    """What both directions say of the frames, and which of it counts.

    Between two given masks an object comes from the nearer one at first; when both ways are gone,
    from either up to where they agree best.

    Parameters
    ----------
    courses
        Of all objects.
    forward, backward
        Places that are told of in either direction.
    """

    def __init__(
        self, courses: Sequence[Course], forward: Sequence[int], backward: Sequence[int]
    ) -> None:
        self._both = set(forward) & set(backward)
        self._gaps = [(course.id, gap) for course in courses for gap in course.between()]
        self._last = {
            (number, place): gap[(len(gap) - 1) // 2] for number, gap in self._gaps for place in gap
        }
        self._ways: dict[int, dict[int, dict[int, CarriedObject]]] = {1: {}, -1: {}}
        self._trusts: dict[int, dict[int, dict[int, float]]] = {1: {}, -1: {}}
        self._told: dict[int, tuple[CarriedObject, ...]] = {}

    def after(self, swept: Swept, step: int) -> tuple[CarriedObject, ...]:
        """The objects of a frame, now that a sweep was there.

        Parameters
        ----------
        swept
            What it says.
        step
            Of the sweep.
        """
        place = swept.place
        if place not in self._both:
            return without_overlaps(swept.objects.values(), swept.trusts)
        self._ways[step][place] = swept.objects
        self._trusts[step][place] = swept.trusts
        self._told[place] = self._objects(place)
        return self._told[place]

    def settled(self) -> Iterator[tuple[int, tuple[CarriedObject, ...]]]:
        """The frames between given masks of which something else counts in the end."""
        for number, gap in self._gaps:
            ways = [
                {place: said[place][number] for place in gap if number in said.get(place, {})}
                for said in (self._ways[1], self._ways[-1])
            ]
            last = meeting_place(gap, *ways)
            self._last.update(((number, place), last) for place in gap)
        for place in sorted(self._told):
            objects = self._objects(place)
            if objects != self._told[place]:
                self._told[place] = objects
                yield place, objects

    def _objects(self, place: int) -> tuple[CarriedObject, ...]:
        forward, backward = (self._ways[step].get(place, {}) for step in (1, -1))
        found, trusts = [], {}
        for number in forward.keys() | backward.keys():
            last = self._last.get((number, place), place)
            one = chosen(place, last, forward.get(number), backward.get(number))
            if one is not None:
                found.append(one)
                step = 1 if one is forward.get(number) else -1
                trusts[number] = self._trusts[step][place].get(number, 0.0)
        return without_overlaps(found, trusts)


def meeting_place(
    gap: range,
    forward: Mapping[int, CarriedObject],
    backward: Mapping[int, CarriedObject],
) -> int:
    """Up to which place an object between two given masks comes from the earlier one.

    Where the answers from both ends agree best, rather in the middle than near an end: what was
    carried less far is better. Where they agree nowhere, the middle.

    Parameters
    ----------
    gap
        The places between.
    forward, backward
        The object by place, as it was carried from either end.

    Returns
    -------
    int
        The last place of the forward answers.
    """
    middle = (gap[0] + gap[-1]) / 2
    best, most = int(middle), 0.0
    for place in sorted(gap, key=lambda place: (abs(place - middle), place)):
        one, other = forward.get(place), backward.get(place)
        if one is None or other is None or not (is_there(one) and is_there(other)):
            continue
        nearness = 1 - abs(place - middle) / len(gap)
        agreement = piece_of(one).iou(piece_of(other)) * nearness
        if agreement > most:
            best, most = place, agreement
    return best


def chosen(
    place: int, last: int, forward: CarriedObject | None, backward: CarriedObject | None
) -> CarriedObject | None:
    """The answer that counts at a place: from its own end, or the other where that has none."""
    ours, other = (forward, backward) if place <= last else (backward, forward)
    if ours is None or (not is_there(ours) and other is not None and is_there(other)):
        return other
    return ours


def is_there(one: CarriedObject) -> bool:
    """Whether it has a mask."""
    return one.state in IS_THERE


def piece_of(one: CarriedObject) -> Piece:
    """Its mask."""
    return Piece(one.mask.decode(), one.origin)


def without_overlaps(
    objects: Iterable[CarriedObject], trusts: Mapping[int, float]
) -> tuple[CarriedObject, ...]:
    """Objects of a frame that share no pixel, by rising id.

    A person's masks come first, then those that come from one by the surest way, then lower ids.
    Of a carried one of which little is left, nothing is.

    Parameters
    ----------
    objects
        That may overlap.
    trusts
        By id, see :class:`.Traveller`; 0 where there is none.
    """
    found: dict[int, CarriedObject] = {}
    before: list[Piece] = []

    def turn(one: CarriedObject) -> tuple[bool, float, int]:
        return one.state != "corrected", -trusts.get(one.id, 0.0), one.id

    for one in sorted(objects, key=turn):
        found[one.id] = one
        if not is_there(one):
            continue
        piece = piece_of(one)
        rest = _without(piece, before)
        is_rim = rest is not None and rest.area < LEAST_LEFT * piece.area
        if rest is None or (is_rim and one.state == "carried"):
            reason = f"other objects have {'all' if rest is None else 'most'} of its pixels"
            found[one.id] = ended(one.id, piece, one.score, "stopped", reason)
            continue
        before.append(rest)
        if rest is not piece:
            found[one.id] = replace(one, mask=Rle.encode(rest.mask), origin=rest.origin)
    return tuple(found[number] for number in sorted(found))


def _without(piece: Piece, others: Iterable[Piece]) -> Piece | None:
    row0, col0, row1, col1 = piece.box
    taken = np.zeros(piece.mask.shape, bool)
    for other in others:
        top, left, bottom, right = other.box
        if top <= row1 and row0 <= bottom and left <= col1 and col0 <= right:
            taken |= other.drawn(piece.window)
    if not (taken & piece.mask).any():
        return piece
    return Piece.of(piece.mask & ~taken, piece.origin)
