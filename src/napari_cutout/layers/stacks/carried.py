"""What the labels of a session say of objects in a frame: carried there, or a person's own.

Layers are read here, where the viewer lives; the masks that carrying begins with are read in
read_steps.py, in any thread. How carried masks are written is in carry_writer.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.layers.stacks.boxes import around, cut
from napari_cutout.layers.target.writing import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_cutout.annotate import FrameIndex, ObjectRecord
    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.boxes import Box
    from napari_cutout.layers.stacks.run_writer import RunWriter
    from napari_cutout.layers.target.targets import TargetFrame

MODE = "propagate"
"""What the log says of objects that were carried."""


@dataclass(frozen=True, eq=False)
class Annotated:
    """Objects as the labels have them.

    Parameters
    ----------
    session
        Whose labels.
    writer
        Knows where frames lie in them.
    """

    session: Session
    writer: RunWriter

    def is_persons(self, number: int, frame: FrameIndex, target: TargetFrame) -> bool:
        """Whether an object has something in a frame that wasn't carried there: it stays.

        Parameters
        ----------
        number
            Its id.
        frame, target
            The frame in the image, and in the labels.
        """
        records = self.records(number, frame)
        if any(not is_carried(one) for one in records):
            return True
        box = self.box(number, frame, target)
        if box is None:
            return False
        pixels = read(self.writer.labels, frame_slices(target.index, box)) == number
        return bool(pixels.any()) and not is_as_carried(records, cut(pixels, box, target))

    def records(self, number: int, frame: FrameIndex) -> Sequence[ObjectRecord]:
        """The records of an object in a frame of the image."""
        return self.session._target.objects.records_of(number, frame)

    def box(self, number: int, frame: FrameIndex, target: TargetFrame) -> Box | None:
        """A box of the labels' frame that holds an object; None when it isn't there."""
        within = self.session._target.objects.places.within(number, target.index)
        return box_of(within, self.records(number, frame), target)


def is_carried(record: ObjectRecord) -> bool:
    """Whether an object came into its frame by being carried."""
    return record.found is not None and record.found.mode == MODE


def is_as_carried(records: Sequence[ObjectRecord], mask: Crop) -> bool:
    """Whether an object was carried into a frame, and nobody changed it there since.

    Parameters
    ----------
    records
        Of the object in that frame.
    mask
        What it has there.
    """
    if not records or not is_carried(records[-1]):
        return False
    return mask[1] == records[-1].origin and np.array_equal(mask[0], records[-1].mask)


def box_of(within: Box | None, records: Iterable[ObjectRecord], target: TargetFrame) -> Box | None:
    """A box of the labels' frame that holds an object; None when it isn't there.

    Parameters
    ----------
    within
        What is known of its pixels.
    records
        Of the object in that frame.
    target
        The frame.
    """
    boxes = [] if within is None else [within]
    for record in records:
        rows, cols = (
            part for part in target.crop(record.mask, record.origin)[1] if isinstance(part, slice)
        )
        if rows.start < rows.stop and cols.start < cols.stop:
            boxes.append((rows, cols))
    return around(boxes)
