"""Objects carried through frames in one direction, frame by frame, all of them at once.

What two sweeps make of a frame is put together in meeting.py.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.propagating import judging
from napari_cutout.stacks.propagating.asking import ask, learn_habits, share_out
from napari_cutout.stacks.propagating.habits import Habit
from napari_cutout.stacks.propagating.looks import Look, learn_looks, look_like
from napari_cutout.stacks.propagating.motion import expect
from napari_cutout.stacks.propagating.travellers import Swept, Traveller
from napari_cutout.stacks.propagating.values import CarriedObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.stacks.propagating.options import PropagateOptions
    from napari_cutout.stacks.propagating.pieces import Piece
    from napari_cutout.stacks.propagating.plan import Course
    from napari_cutout.stacks.propagating.reading import Frames
    from napari_cutout.stacks.propagating.values import Index


class Sweep:
    """One direction.

    Parameters
    ----------
    frames
        Where embeddings come from.
    indices
        Of the frames, in the order of places.
    courses
        Of all objects.
    options
        How they are carried.
    step
        1 forward, -1 backward.

    Attributes
    ----------
    places
        That are told of, in the order in which they are gone through.
    """

    def __init__(
        self,
        frames: Frames,
        indices: Sequence[Index],
        courses: Sequence[Course],
        options: PropagateOptions,
        step: int,
    ) -> None:
        self._frames, self._indices, self._options, self.step = frames, indices, options, step
        self._given: dict[int, list[Course]] = defaultdict(list)
        self._until: dict[tuple[int, int], int] = {}
        places: set[int] = set()
        for course in courses:
            for place in course.given:
                self._given[place].append(course)
            # Given masks are told of once, going forward.
            places.update(course.given if step > 0 else ())
            for leg in course.legs(step, len(indices)):
                self._until[course.id, leg.start - step] = leg.stop
                places.update(leg)
        self.places = sorted(places, reverse=step < 0)
        self._starts = sorted(place for _, place in self._until)

    def run(self) -> Iterator[Swept]:
        """Go through the frames that an object reaches."""
        travellers: dict[int, Traveller] = {}
        visited = sorted({*self.places, *self._starts}, reverse=self.step < 0)
        wanted = set(self.places)
        for place, after in itertools.zip_longest(visited, visited[1:]):
            given = {course.id: course for course in self._given[place]}
            here = {i: t for i, t in travellers.items() if i not in given and t.until != place}
            swept, travellers = self._visited(place, here, [*given.values()], after)
            travellers |= self._set_out(place, given.values())
            if place in wanted and (swept.objects or swept.problem):
                yield swept

    def _set_out(self, place: int, given: Iterable[Course]) -> dict[int, Traveller]:
        """The objects that are carried from here."""
        going = [course for course in given if (course.id, place) in self._until]
        pieces = [course.given[place] for course in going]
        embedding = self._frames.embedding(self._indices[place]) if going else ""
        habits = [Habit()] * len(going)
        looks: list[Look | None] = [None] * len(going)
        if not isinstance(embedding, str):
            habits = learn_habits(self._frames.segmenter, embedding, pieces)
            if self._options.use_looks:
                looks = learn_looks(embedding, pieces)
        return {
            one.id: Traveller(
                one, piece, place, self._until[one.id, place], piece.area, habit, look
            )
            for one, piece, habit, look in zip(going, pieces, habits, looks, strict=True)
        }

    def _visited(
        self,
        place: int,
        here: Mapping[int, Traveller],
        given: Sequence[Course],
        after: int | None,
    ) -> tuple[Swept, dict[int, Traveller]]:
        objects = {course.id: as_given(course, place) for course in given}
        going: dict[int, Traveller] = {}
        for number, one in here.items():
            reason = self._end(one.course, place)
            if reason:
                objects[number] = judging.ended(number, one.piece, 1.0, "stopped", reason)
            else:
                going[number] = one
        if not going:
            return Swept(place, objects), {}
        embedding = self._frames.embedding(self._indices[place])
        if after is not None and any(one.until != after for one in going.values()):
            # While objects are looked for in this frame.
            self._frames.ahead(self._indices[after])
        if isinstance(embedding, str):
            return self._carried_over(place, going, objects, embedding)
        taken = [course.given[place] for course in given]
        found, going = self._carried(place, embedding, going, taken)
        trusts = {number: one.trust for number, one in going.items()}
        return Swept(place, objects | found, trusts=trusts), going

    def _end(self, course: Course, place: int) -> str:
        if course.end is not None and place == course.end[0]:
            return course.end[1]
        return "a stop was set here" if place in course.stops else ""

    def _carried_over(
        self,
        place: int,
        going: dict[int, Traveller],
        objects: dict[int, CarriedObject],
        problem: str,
    ) -> tuple[Swept, dict[int, Traveller]]:
        stay = {}
        most = int(self._options.largest_gap)
        for number, one in going.items():
            if abs(place - one.place) <= most:
                stay[number] = one
                continue
            reason = f"{most + 1} frames in a row can't be read: {problem}"
            if most == 0:
                reason = f"the frame can't be read: {problem}"
            objects[number] = judging.ended(number, one.piece, 0.0, "stopped", reason)
        return Swept(place, objects, problem), stay

    def _carried(
        self,
        place: int,
        embedding: Embedding,
        going: dict[int, Traveller],
        taken: Sequence[Piece],
    ) -> tuple[dict[int, CarriedObject], dict[int, Traveller]]:
        options, shape = self._options, self._frames.shape
        numbers = sorted(going)
        expected = self._expected(embedding, place, [going[number] for number in numbers])
        asked = [piece for piece in expected if piece is not None]
        pairs = zip(numbers, expected, strict=True)
        some = [going[number] for number, piece in pairs if piece is not None]
        habits = [one.habit for one in some]
        answers = ask(self._frames.segmenter, embedding, asked, habits, options.keep_shape)
        shared = share_out(answers, [one.trust for one in some], taken)
        fits = _fitting(embedding, shared, some)
        pieces = iter(zip(answers, shared, fits, strict=True))
        objects, on = {}, {}
        for number, there in zip(numbers, expected, strict=True):
            one = going[number]
            piece, score, doubtful = None, 0.0, ""
            if there is not None:
                answer, piece, is_like = next(pieces)
                score = answer.score * answer.agreement
            if piece is not None:
                doubtful = judging.doubtful(piece, one, score, is_like, options)
            reason = judging.doubt(piece, one, there, doubtful, options)
            if judging.is_out(piece, one.piece, one.largest, reason, shape):
                objects[number] = judging.ended(number, one.piece, score, "left", judging.OUT)
            elif reason or piece is None:
                objects[number] = judging.ended(number, one.piece, score, "stopped", reason)
            else:
                mask = Rle.encode(piece.mask)
                objects[number] = CarriedObject(number, mask, piece.origin, score, "carried")
                on[number] = one.seen(piece, place, score, bool(doubtful))
        return objects, on

    def _expected(
        self, embedding: Embedding, place: int, going: Sequence[Traveller]
    ) -> list[Piece | None]:
        """Where each is expected. They come from one frame, or several after one was unreadable."""
        if not self._options.use_motion:
            return [one.piece for one in going]
        by_place: dict[int, list[int]] = defaultdict(list)
        for number, one in enumerate(going):
            by_place[one.place].append(number)
        found: dict[int, Piece | None] = {}
        for last, members in by_place.items():
            before = self._frames.embedding(self._indices[last])
            some = [going[number] for number in members]
            steps = abs(place - last)
            shifts = [np.array(one.velocity) * steps for one in some]
            pieces = [one.piece for one in some]
            if isinstance(before, str):
                found.update(zip(members, pieces, strict=True))
            else:
                moved = expect(before, embedding, pieces, shifts)
                found.update(zip(members, moved, strict=True))
        return [found[number] for number in range(len(going))]


def _fitting(
    embedding: Embedding, pieces: Sequence[Piece | None], some: Sequence[Traveller]
) -> list[bool]:
    """Whether each mask looks like its object; True where there is none."""
    found = [number for number, piece in enumerate(pieces) if piece is not None]
    there = [piece for piece in pieces if piece is not None]
    fits = [True] * len(pieces)
    for number, is_like in zip(
        found, look_like(embedding, there, [some[number].look for number in found]), strict=True
    ):
        fits[number] = is_like
    return fits


def as_given(course: Course, place: int) -> CarriedObject:
    """A person's own mask."""
    piece = course.given[place]
    return CarriedObject(course.id, Rle.encode(piece.mask), piece.origin, 1.0, "corrected")
