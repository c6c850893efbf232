"""Final ids for the frames of an output: their records are linked in order, then labels written.

How objects are linked is in stacks/linking. Both passes take a frame at a time. The second may be
killed: how far it came is written down now and then, and it goes on from there.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_cutout.formats.tracks.track import Track
from napari_cutout.stacks.frames.selection import Chosen
from napari_cutout.stacks.output.link_note import LinkNote, read
from napari_cutout.stacks.output.place import LINKED
from napari_cutout.stacks.running.pipeline import Part, overlapped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.tracks import TrackIds
    from napari_cutout.stacks.output.place import OutputPlace
    from napari_cutout.stacks.output.ways import Along

    Index = tuple[int, ...]
    Labels = NDArray[np.integer[Any]]

_THREADS = 2
_AHEAD = 6
_BETWEEN = 64
"""Frames that are written between two notes of how far it is."""


class Linking(Protocol):
    """What links frames that are given in order, as :class:`.Linker`."""

    def add(self, labels: Labels) -> None:
        """Take the next frame."""

    def add_missing(self) -> None:
        """Take the next frame as one of which nothing is known."""

    def finish(self) -> TrackIds:
        """What became of them."""


@dataclass(frozen=True)
class Series:
    """Frames that were linked with each other.

    Parameters
    ----------
    frames
        In their order: all planes of a volume, then those of the next.
    tracks
        Whose ids the labels have. Positions are those among the frames, or among the volumes.
    planes
        Frames of each volume, where whole volumes were linked; None where planes were.
    """

    frames: Sequence[Index]
    tracks: tuple[Track, ...]
    planes: int | None = None


@dataclass(frozen=True)
class LinkStep:
    """A frame that was gone through; each is twice, to be linked and to be written.

    Parameters
    ----------
    index
        Which.
    done, total
        Of these steps.
    """

    index: tuple[int, ...]
    done: int
    total: int


def series_of(frames: Chosen, along: Along) -> list[Sequence[Index]]:
    """The series of frames along some axes: one for each place on the other axes."""
    together = (along.axis, along.depth)
    apart = [
        [places] if at in together else [range(place, place + 1) for place in places]
        for at, places in enumerate(frames.ranges)
    ]
    series: list[Sequence[Index]] = [Chosen(parts) for parts in product(*apart)]
    if along.depth is not None and along.depth < along.axis:
        # Volume by volume, though planes come first in the stack.
        return [sorted(some, key=lambda index: index[along.axis]) for some in series]
    return series


def linking(
    place: OutputPlace, frames: Chosen, along: Along, how: str, begin: Callable[[], Linking]
) -> Generator[LinkStep, None, tuple[Series, ...]]:
    """Link frames along an axis, or two, and give their labels the ids of the tracks.

    Every series has ids of its own. A frame that has no record, as it failed, is missing in its
    series. What was linked in the same way before, and hasn't changed since, is left as it is.

    Parameters
    ----------
    place
        Where records and labels are.
    frames
        Which.
    along
        Which of the looped axes.
    how
        Stands for the options.
    begin
        Gives what links a series.

    Yields
    ------
    LinkStep
        After each frame; what was written stays when no more is asked for, and the same again
        goes on.

    Returns
    -------
    tuple of Series

    Raises
    ------
    OutputError
        If labels can't be written.
    """
    known = read(place)
    if known is not None:
        # Frames that aren't linked now have no part in the ids of those that are.
        before = Chosen([range(*part) for part in known["frames"]])
        yield from _unlinked(place, [index for index in before if index not in frames])
    note = LinkNote.of(place, frames, along, how)
    planes = None if along.depth is None else len(frames.ranges[along.depth])
    total, done, last = 2 * len(frames), 0, 0
    found: list[Series] = []
    for number, series in enumerate(series_of(frames, along)):
        tracks = note.tracks(number) if number < note.series else None
        if tracks is None:
            linked = yield from _linked(place, series, begin(), done, total)
            tracks = tuple(_later(one, last) for one in linked.tracks)
            note.put_tracks(number, tracks)
            start = note.written if number == note.series else 0
            write = _Writing(place, series, linked, last)
            for at in write.frames(start):
                if (at + 1) % _BETWEEN == 0:
                    note.write(written=at + 1)
                yield LinkStep(series[at], done + len(series) + at + 1, total)
            note.write(series=number + 1, written=0)
        found.append(Series(series, tracks, planes))
        last = max((one.id for one in tracks), default=last)
        done += 2 * len(series)
    return tuple(found)


def unlinking(place: OutputPlace) -> Generator[LinkStep, None, None]:
    """Give the labels of frames that were linked the ids of each frame alone again.

    Raises
    ------
    OutputError
        If labels can't be written.
    """
    path = place.hidden / LINKED
    if path.exists():
        known = read(place) or {"frames": [[0, length, 1] for length in place.shape]}
        yield from _unlinked(place, Chosen([range(*part) for part in known["frames"]]))
        path.unlink(missing_ok=True)
        shutil.rmtree(path.with_name("tracks"), ignore_errors=True)


def _unlinked(place: OutputPlace, frames: Sequence[Index]) -> Generator[LinkStep, None, None]:
    def write(index: Index) -> None:
        labels = _own_labels(place, index)
        if labels is not None:
            place.write_labels(index, labels)

    with closing(overlapped(frames, [Part(write, _THREADS)], _AHEAD)) as steps:
        for done, (index, _) in enumerate(steps, 1):
            yield LinkStep(index, done, len(frames))


def _linked(
    place: OutputPlace, series: Sequence[Index], linker: Linking, done: int, total: int
) -> Generator[LinkStep, None, TrackIds]:
    parts = [Part(lambda index: _own_labels(place, index), _THREADS)]
    with closing(overlapped(series, parts, _AHEAD)) as steps:
        for index, labels in steps:
            if labels is None:
                linker.add_missing()
            else:
                linker.add(labels)
            done += 1
            yield LinkStep(index, done, total)
    return linker.finish()


@dataclass(frozen=True)
class _Writing:
    """Final ids for the frames of a series, which go on after the ``last`` of those before."""

    place: OutputPlace
    series: Sequence[Index]
    linked: TrackIds
    last: int

    def frames(self, start: int) -> Generator[int, None, None]:
        """Write frames from a position on; each position once its frame is on the disk."""
        parts = [Part(self._relabelled, _THREADS), Part(self._write)]
        places = range(start, len(self.series))
        with closing(overlapped(places, parts, _AHEAD)) as steps:
            for at, _ in steps:
                yield at

    def _relabelled(self, at: int) -> tuple[int, Labels | None]:
        labels = _own_labels(self.place, self.series[at])
        if labels is None:
            return at, None
        final = np.zeros(int(labels.max(initial=0)) + 1, np.uint32)
        for own, track in self.linked.ids(at).items():
            final[own] = track + self.last if track else 0
        return at, final[labels]

    def _write(self, known: tuple[int, Labels | None]) -> None:
        at, labels = known
        if labels is not None:
            self.place.write_labels(self.series[at], labels)


def _own_labels(place: OutputPlace, index: Index) -> Labels | None:
    result = place.read(index)
    return None if result is None or result.state == "failed" else place.drawn(result)


def _later(track: Track, last: int) -> Track:
    parent = track.parent + last if track.parent else 0
    return Track(track.id + last, track.first, track.last, parent)
