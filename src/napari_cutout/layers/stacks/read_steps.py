"""The steps of reading which masks of objects weren't carried: carrying begins with those.

Arrays only: this runs in any thread, on what was known of the objects when it was begun. What the
person changes meanwhile is found by :meth:`.Known.changed`, and read again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.places import Places
from napari_cutout.layers.stacks.boxes import around, cut, inside
from napari_cutout.layers.stacks.carried import box_of, is_as_carried
from napari_cutout.layers.stacks.run import At
from napari_cutout.layers.target.targets import frame_at
from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.propagating.values import Start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from napari.layers import Image, Labels

    from napari_cutout.annotate import FrameIndex, ObjectRecord
    from napari_cutout.annotate.extents import Extent
    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.image.coordinates import Matrix
    from napari_cutout.layers.stacks.boxes import Box
    from napari_cutout.layers.stacks.known_objects import Known
    from napari_cutout.layers.target.targets import TargetFrame

    Index = tuple[int, ...]
    Starts = Mapping[Index, Sequence[Start]]
    Looked = tuple[int, Box, Sequence[ObjectRecord]]


@dataclass(frozen=True, eq=False)
class ReadTask:
    """Whose masks are read, and where.

    Parameters
    ----------
    known
        What is known of the objects.
    labels, image, data, matrix
        The labels, the image, the labels' pixels, and from the one's data to the other's.
    places
        The frames that are looked at, as the image has them.
    check
        Called with all masks in the end; raises an error where they can't be carried.
    kept
        Masks of other objects, which were read before.
    """

    known: Known
    labels: Labels
    image: Image
    data: Any
    matrix: Matrix
    places: Mapping[Index, FrameIndex]
    check: Callable[[Starts], None]
    kept: Starts = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class MasksRead(At):
    """All masks were read: those that weren't carried, by frame."""

    starts: Starts = field(default_factory=dict)


def read_steps(task: ReadTask) -> Iterator[At]:
    """Read the masks of objects, each frame once. Closing it ends it."""
    targets = {
        index: frame_at(task.labels, task.image, frame, task.matrix)
        for index, frame in task.places.items()
    }
    wanted = _wanted(task.known, task.places, targets)
    found: dict[Index, list[Start]] = {index: list(some) for index, some in task.kept.items()}
    total = len(wanted)
    for done, (index, objects) in enumerate(sorted(wanted.items()), 1):
        for number, mask in _masks(task.data, targets[index], objects):
            start = Start(number, Rle.encode(mask[0]), mask[1])
            found.setdefault(index, []).append(start)
        yield At(done, total, index)
    task.check(found)
    yield MasksRead(total, total, None, found)


def _wanted(
    known: Known, places: Mapping[Index, FrameIndex], targets: Mapping[Index, TargetFrame]
) -> dict[Index, list[tuple[int, Box, list[ObjectRecord]]]]:
    """What is to be looked at in each frame: the object, its box there, and its records."""
    lying, of_place = _places(known), {target.index: index for index, target in targets.items()}
    is_flat = all(place[-2:] == (None, None) for place in of_place)
    wanted: dict[Index, list[tuple[int, Box, list[ObjectRecord]]]] = defaultdict(list)
    for number in known.extents:
        records: dict[FrameIndex, list[ObjectRecord]] = defaultdict(list)
        for record in known.records[number]:
            records[record.frame].append(record)
        where: Iterable[Index] = targets
        if is_flat and number in known.whole:
            # O(frames of the object) where those are known, and lie along the last two axes.
            where = [of_place[place] for place in known.extents[number] if place in of_place]
        for index in where:
            target, here = targets[index], records.get(places[index], [])
            box = box_of(lying.within(number, target.index), here, target)
            if box is not None:
                wanted[index].append((number, box, here))
    return wanted


def _places(known: Known) -> Places:
    """Where the objects lay, for any axes that frames lie along."""
    frames: dict[FrameIndex, dict[int, Extent]] = defaultdict(dict)
    for number, extents in known.extents.items():
        for frame, extent in extents.items():
            frames[frame][number] = extent
    places = Places(lambda _: None)
    places.found(frames)
    return places


def _masks(
    data: Any, target: TargetFrame, objects: Sequence[tuple[int, Box, list[ObjectRecord]]]
) -> Iterator[tuple[int, Crop]]:
    """The masks of a frame that weren't carried there."""
    whole = around([box for _, box, _ in objects])
    assert whole is not None, "each has a box"
    pixels = np.asarray(data[frame_slices(target.index, whole)])
    for number, box, records in objects:
        there = pixels[inside(box, whole)] == number
        if there.any():
            mask = cut(there, box, target)
            if not is_as_carried(records, mask):
                yield number, mask
