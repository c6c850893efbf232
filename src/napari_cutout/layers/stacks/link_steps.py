"""The steps of linking the labels of frames: read one after another, linked, and given their ids.

Arrays only: this runs in any thread. What is to be written is looked at again when it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_cutout.annotate.extents import extents_of
from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.layers.stacks.linked_ids import linked_ids
from napari_cutout.layers.stacks.run import At

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.stacks.linking.tracks import TrackIds

    Index = tuple[int, ...]


class Links(Protocol):
    """What links frames that are given one after another."""

    def add(self, labels: NDArray[Any]) -> None:
        """Take the next frame, ``(rows, cols)``."""

    def add_missing(self) -> None:
        """Take a frame of which nothing is known."""

    def finish(self) -> TrackIds:
        """The tracks of all of them."""


@dataclass(frozen=True, eq=False)
class LinkTask:
    """What is to be linked.

    Parameters
    ----------
    data
        Of the labels at full resolution.
    frames
        Frames of the stack, in order.
    places
        The same in the labels.
    links
        Makes what links them.
    largest
        The largest id of the labels.
    missing
        Frames of which nothing is known: objects are linked across them.
    """

    data: Any
    frames: Sequence[Index]
    places: Sequence[FrameIndex]
    links: Callable[[], Links]
    largest: int
    missing: Collection[Index] = ()


@dataclass(frozen=True, eq=False)
class Linked(At):
    """What linking came to: tracks, the label of each, and the largest label."""

    tracks: Any = None
    of_track: Any = None
    largest: int = 0


@dataclass(frozen=True, eq=False)
class Recolored(At):
    """The objects of a frame that get other ids.

    Parameters
    ----------
    place
        The frame in the labels.
    pieces
        Of each its box in the labels, its mask there, its label, and the new one, 0 for none.
    count
        Objects of the frame.
    """

    place: FrameIndex = ()
    pieces: Sequence[tuple[tuple[int | slice, ...], NDArray[np.bool_], int, int]] = ()
    count: int = 0


def link_steps(task: LinkTask) -> Iterator[At]:
    """Read and link all frames, then give each its ids: each frame counts twice."""
    links, total = task.links(), 2 * len(task.frames)
    for done, index in enumerate(task.frames, 1):
        if index in task.missing:
            links.add_missing()
        else:
            links.add(_read(task, done - 1))
        yield At(done, total, index)
    tracks = links.finish()
    found = linked_ids(tracks, task.largest)
    yield Linked(len(task.frames), total, None, tracks, found.of_track, found.largest)
    for frame, index in enumerate(task.frames):
        changed = found.changed(frame)
        yield Recolored(
            len(task.frames) + frame + 1,
            total,
            index,
            task.places[frame],
            _pieces(task, frame, changed) if changed else (),
            len(tracks.ids(frame)),
        )


def _read(task: LinkTask, frame: int) -> NDArray[Any]:
    return np.asarray(task.data[frame_slices(task.places[frame])])


def _pieces(
    task: LinkTask, frame: int, changed: dict[int, int]
) -> list[tuple[tuple[int | slice, ...], NDArray[np.bool_], int, int]]:
    """O(pixels of the frame), and boxes of the objects that change."""
    labels, place = _read(task, frame), task.places[frame]
    found = []
    for number, extent in extents_of(labels).items():
        if number in changed:
            mask = labels[extent.box] == number
            found.append((frame_slices(place, extent.box), mask, number, changed[number]))
    return found
