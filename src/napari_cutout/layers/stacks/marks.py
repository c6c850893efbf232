"""What a person marks of objects that are carried: where one stops, and where one divides."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.stacks.division import Division
from napari_cutout.layers.stacks.linking import StacksLinking
from napari_cutout.stacks.errors import frame_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.session import Session

    Index = tuple[int, ...]


class StacksMarked(StacksLinking):
    """As far as stops and divisions are marked. See :class:`.Stacks`."""

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session, run)
        self._stops: frozenset[tuple[int, Index]] = frozenset()
        self._divisions: dict[int, Division] = {}

    @property
    def stops(self) -> frozenset[tuple[int, Index]]:
        """Objects that aren't carried into a frame, nor beyond: ``(id, index)``."""
        return self._stops

    @property
    def divisions(self) -> Mapping[int, Division]:
        """Objects that divide, by their ids."""
        return MappingProxyType(self._divisions)

    def add_stop(self, number: int, frame: Index | None = None) -> None:
        """Say that an object isn't in a frame any more: it isn't carried there, nor beyond.

        Parameters
        ----------
        number
            Its id.
        frame
            A number for each looped axis. Default: the frame that is shown.

        Raises
        ------
        SessionError
            If there is no such frame, or no such object.
        """
        index = self._frame_meant(frame)
        self._check_there([number])
        self._stops |= {(int(number), index)}
        self._say(f"Object {number} stops in {frame_in_words(index, self.axes)}.")
        self.events.options()

    def remove_stop(self, number: int, frame: Index | None = None) -> None:
        """Take a stop back, see :meth:`add_stop`; one that isn't there changes nothing."""
        stop = int(number), self._frame_meant(frame)
        if stop in self._stops:
            self._stops -= {stop}
            where = frame_in_words(stop[1], self.axes)
            self._say(f"Object {number} stops in {where} no more.")
        self.events.options()

    def mark_division(
        self, mother: int, daughters: Sequence[int], frame: Index | None = None
    ) -> None:
        """Say that an object is two others from a frame on.

        The mother isn't carried into it, nor the daughters before it; both are carried with her.

        Parameters
        ----------
        mother
            Her id.
        daughters
            Two ids, of objects that are in the labels by now.
        frame
            A number for each looped axis. Default: the frame that is shown.

        Raises
        ------
        SessionError
            If they aren't three objects that are there, or one comes of two divisions.
        """
        index = self._frame_meant(frame)
        numbers = [int(number) for number in daughters]
        _check_three(int(mother), numbers)
        self._check_there([mother, *numbers])
        taken = {
            one
            for other, known in self._divisions.items()
            if other != int(mother)
            for one in known.daughters
        }
        again = sorted(taken & set(numbers))
        if again:
            raise SessionError(f"object {again[0]} comes of another division; take that away first")
        self._divisions[int(mother)] = Division(index, (numbers[0], numbers[1]))
        where = frame_in_words(index, self.axes)
        self._say(f"Object {mother} divides into {numbers[0]} and {numbers[1]} in {where}.")
        self.events.options()

    def remove_division(self, mother: int) -> None:
        """Take a division back; one that isn't there changes nothing."""
        if self._divisions.pop(int(mother), None) is not None:
            self._say(f"Object {mother} divides no more.")
        self.events.options()

    def _check_there(self, numbers: Sequence[int]) -> None:
        """Refuse ids that no object has, as far as that is known."""
        session = self.session
        places, labels = session.objects.places, session.labels
        missing = [int(number) for number in numbers if int(number) not in places]
        if not missing:
            return
        if labels is None:
            raise SessionError(
                f"there is no object {missing[0]}: nothing is labelled yet; cut it out first"
            )
        if places.known == "soon":
            raise SessionError(
                f"the objects of {labels.name!r} are still being read; try again in a moment"
            )
        # Of labels that are huge not all frames are read: it may be in one of the others.
        if places.known == "all" or missing[0] < 1:
            raise SessionError(
                f"there is no object {missing[0]} in {labels.name!r}; cut it out first, or give "
                "the id of one that is there"
            )

    def _frame_meant(self, frame: Index | None) -> Index:
        stack = self.stack
        if frame is None:
            return stack.index_of(self.session.frame)
        index = tuple(int(at) for at in frame)
        if len(index) != len(stack.shape) or not all(
            0 <= at < length for at, length in zip(index, stack.shape, strict=True)
        ):
            raise SessionError(f"{stack.name} has no frame {index}; its axes are {stack.shape}")
        return index


def _check_three(mother: int, daughters: Sequence[int]) -> None:
    if len(daughters) != 2 or daughters[0] == daughters[1]:
        given = " and ".join(map(str, daughters)) or "none"
        raise SessionError(f"object {mother} divides into two others, not into {given}")
    if mother in daughters:
        raise SessionError(
            f"object {mother} can't be its own daughter; give the daughters ids of their own"
        )
