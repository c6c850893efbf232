"""What the labels of a session say of objects that are carried: theirs, and the person's own masks.

Layers are read here, where the viewer lives. How carried masks are written is in carry_writer.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.target.writing import read
from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.propagating.values import Start

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex, ObjectRecord
    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.run_writer import RunWriter
    from napari_cutout.layers.target.targets import TargetFrame

    Index = tuple[int, ...]

MODE = "propagate"
"""What the log says of objects that were carried."""


@dataclass(frozen=True)
class Division:
    """An object that is two others from a frame on.

    Parameters
    ----------
    index
        The first frame with the daughters.
    daughters
        Their ids.
    """

    index: Index
    daughters: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Annotated:
    """Objects as the labels have them, for the frames that are gone through.

    Parameters
    ----------
    session
        Whose labels.
    writer
        Knows where frames lie in them.
    """

    session: Session
    writer: RunWriter

    def starts(
        self, ids: Iterable[int], frames: Mapping[Index, FrameIndex]
    ) -> dict[Index, list[Start]]:
        """The masks of objects that weren't carried, in the frames where they have any.

        Parameters
        ----------
        ids
            Of the objects.
        frames
            By the number on the looped axes, frames of the image.

        Raises
        ------
        TargetError
            If the objects of the labels are still being read.
        """
        places = self.session.objects.places
        numbers = list(ids)
        if places.known == "soon" and not all(map(places.is_whole, numbers)):
            raise TargetError(
                f"the objects of {self.writer.labels.name!r} are still being read; try again in a "
                "moment"
            )
        found: dict[Index, list[Start]] = {}
        targets = {index: self.writer.place(frame) for index, frame in frames.items()}
        of_place = {target.index: index for index, target in targets.items()}
        for number in numbers:
            for index in self._where(number, of_place):
                frame = frames[index]
                mask = self.mask(number, frame, targets[index])
                if mask is not None and not self._is_as_carried(number, frame, mask):
                    found.setdefault(index, []).append(Start(number, Rle.encode(mask[0]), mask[1]))
        return found

    def _where(self, number: int, of_place: Mapping[FrameIndex, Index]) -> Iterable[Index]:
        """The frames that an object may be in, by their places in the labels.

        O(frames of the object) where those are known, and lie along the labels' last two axes.
        """
        places = self.session.objects.places
        first = next(iter(of_place), ())
        if first[-2:] != (None, None) or not places.is_whole(number):
            return of_place.values()
        return [of_place[place] for place in places.of(number) if place in of_place]

    def is_persons(self, number: int, frame: FrameIndex) -> bool:
        """Whether an object has a record in a frame that says something else than carried."""
        return any(not is_carried(one) for one in self.records(number, frame))

    def records(self, number: int, frame: FrameIndex) -> Sequence[ObjectRecord]:
        """The records of an object in a frame of the image."""
        return self.session._target.objects.records_of(number, frame)

    def box(
        self, number: int, frame: FrameIndex, target: TargetFrame
    ) -> tuple[slice, slice] | None:
        """A box of the labels' frame that holds an object; None when it isn't there."""
        within = self.session._target.objects.places.within(number, target.index)
        boxes = [] if within is None else [within]
        for record in self.records(number, frame):
            rows, cols = (
                part
                for part in target.crop(record.mask, record.origin)[1]
                if isinstance(part, slice)
            )
            if rows.start < rows.stop and cols.start < cols.stop:
                boxes.append((rows, cols))
        return around(boxes)

    def mask(self, number: int, frame: FrameIndex, target: TargetFrame) -> Crop | None:
        """The pixels of an object in a frame of the image, in the box that they need."""
        box = self.box(number, frame, target)
        if box is None:
            return None
        pixels = read(self.writer.labels, frame_slices(target.index, box)) == number
        if not pixels.any():
            return None
        return cut(pixels, box, target)

    def _is_as_carried(self, number: int, frame: FrameIndex, mask: Crop) -> bool:
        """Whether an object was carried into a frame, and nobody changed it there since."""
        records = self.records(number, frame)
        if not records or not is_carried(records[-1]):
            return False
        known, origin = records[-1].mask, records[-1].origin
        return mask[1] == origin and np.array_equal(mask[0], known)


def is_carried(record: ObjectRecord) -> bool:
    """Whether an object came into its frame by being carried."""
    return record.found is not None and record.found.mode == MODE


def around(boxes: Sequence[tuple[slice, slice]]) -> tuple[slice, slice] | None:
    """The box around some; None without any."""
    if not boxes:
        return None
    rows, cols = (
        slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes))
        for axis in (0, 1)
    )
    return rows, cols


def cut(mask: NDArray[np.bool_], box: tuple[slice, slice], target: TargetFrame) -> Crop:
    """A mask in a box of the labels' frame, cut to what it needs, and placed in the image's."""
    rows, cols = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    origin = (
        box[0].start - target.offset[0] + int(rows[0]),
        box[1].start - target.offset[1] + int(cols[0]),
    )
    return mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].copy(), origin
