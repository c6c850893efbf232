"""Sequences whose truth is known, and what goes wrong in labels, put in by chance.

Nothing is linked here, and no image is made. Sequences of which nothing else is there are made in
moving_blobs.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.tracks.track import Track

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    Labels = NDArray[np.integer[Any]]

FEWEST_PIXELS = 16
"""Smaller objects are not cut in two."""

_SHARE_OF_TRACKS = 0.2
_SHARE_OF_OBJECTS = 0.05
_CUTS = (0.3, 0.7)


@dataclass(frozen=True, eq=False)
class TrueSequence:
    """Labelled frames in which the same object always has the same id.

    Parameters
    ----------
    frames
        ``(rows, cols)`` integers each, 0 is background.
    parents
        The id of the mother of each daughter.
    """

    frames: tuple[Labels, ...]
    parents: Mapping[int, int] = field(default_factory=dict)

    def present(self) -> dict[int, list[int]]:
        """In which frames each object is."""
        frames: dict[int, list[int]] = {}
        for number, labels in enumerate(self.frames):
            for one in np.unique(labels[labels != 0]).tolist():
                frames.setdefault(one, []).append(number)
        return frames

    def tracks(self) -> tuple[Track, ...]:
        """The objects as tracks; one whose mother isn't seen has no parent."""
        present = self.present()
        parents = {one: self.parents.get(one, 0) for one in present}
        return tuple(
            Track(one, seen[0], seen[-1], parents[one] if parents[one] in present else 0)
            for one, seen in sorted(present.items())
        )


def with_divisions(
    truth: TrueSequence, seed: int = 0, share: float = _SHARE_OF_TRACKS
) -> TrueSequence:
    """Let objects divide: from a frame on each is two halves, cut across its longer axis.

    They stay on their sides: the axis is that of the first of these frames.

    Parameters
    ----------
    truth
        The sequence.
    seed
        Of what is chosen.
    share
        Of the objects that are seen often enough for mother and daughters to be seen twice.
    """
    chance = np.random.default_rng(seed)
    frames = _copied(truth)
    parents, free = dict(truth.parents), _free(truth)
    mothers = set(parents.values())
    for one, seen in truth.present().items():
        if len(seen) < 4 or one in mothers or chance.random() >= share:
            continue
        begin = int(chance.integers(2, len(seen) - 1))
        axis = None
        for number in seen[begin:]:
            pixels = np.nonzero(frames[number] == one)
            half, axis = _cut(pixels, 0.5, axis)
            for side, name in ((half, free), (~half, free + 1)):
                frames[number][pixels[0][side], pixels[1][side]] = name
        parents |= {free: one, free + 1: one}
        free += 2
    return TrueSequence(tuple(frames), parents)


def with_dropouts(
    truth: TrueSequence, seed: int = 0, share: float = _SHARE_OF_OBJECTS
) -> TrueSequence:
    """Let masks be missing, never twice in a row, nor where an object appears or ends.

    Parameters
    ----------
    truth
        The sequence.
    seed
        Of what is chosen.
    share
        Of the objects of all frames that could be.
    """
    frames, last = _copied(truth), (0, -2)
    for one, number, _ in _met(truth, seed, share):
        if last != (one, number - 1):
            frames[number][frames[number] == one] = 0
            last = one, number
    return TrueSequence(tuple(frames), truth.parents)


def with_splits(
    truth: TrueSequence, seed: int = 0, share: float = _SHARE_OF_OBJECTS
) -> TrueSequence:
    """Let masks be cut in two in one frame: the larger piece is the object, the other one nothing.

    Parameters
    ----------
    truth
        The sequence.
    seed
        Of what is chosen.
    share
        Of the objects of all frames that could be; where an object appears or ends it isn't cut.
    """
    frames, free = _copied(truth), _free(truth)
    for one, number, chance in _met(truth, seed, share):
        pixels = np.nonzero(frames[number] == one)
        if len(pixels[0]) < FEWEST_PIXELS:
            continue
        half, _ = _cut(pixels, float(chance.uniform(*_CUTS)))
        smaller = half if np.count_nonzero(half) * 2 < len(half) else ~half
        frames[number][pixels[0][smaller], pixels[1][smaller]] = free
        free += 1
    return TrueSequence(tuple(frames), truth.parents)


SIMULATIONS: Mapping[str, Callable[[TrueSequence, int], TrueSequence]] = {
    "as they are": lambda truth, seed: truth,
    "divisions": with_divisions,
    "dropouts": with_dropouts,
    "splits": with_splits,
}
"""What is put into sequences, by name."""


def _cut(
    pixels: tuple[NDArray[np.int64], ...], share: float, axis: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which pixels lie in the first part along an axis, the longer one if none is given, and it."""
    places = np.stack(pixels, axis=1).astype(np.float64)
    places -= places.mean(axis=0)
    if axis is None:
        axis = np.linalg.eigh(places.T @ places)[1][:, -1]
    order = np.argsort(places @ axis, kind="stable")
    first = np.zeros(len(places), bool)
    first[order[: max(1, int(len(order) * share))]] = True
    return first, axis


def _copied(truth: TrueSequence) -> list[Labels]:
    """The frames, to be changed."""
    return [np.array(labels) for labels in truth.frames]


def _met(
    truth: TrueSequence, seed: int, share: float
) -> Iterator[tuple[int, int, np.random.Generator]]:
    """Objects, the frames in which chance meets them, and it; never their first or last frames."""
    chance = np.random.default_rng(seed)
    for one, seen in truth.present().items():
        for number in seen[1:-1]:
            if chance.random() < share:
                yield one, number, chance


def _free(truth: TrueSequence) -> int:
    return 1 + max(int(labels.max(initial=0)) for labels in truth.frames)
