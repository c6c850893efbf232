"""A frame and the objects in it, laid out where the viewer lives, to be looked at in any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_slices
from napari_cutout.layers.image.coordinates import frame_shape
from napari_cutout.layers.image.frames import frame_source
from napari_cutout.layers.target.pyramids import pixels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari.layers import Labels

    from napari_cutout.annotate.extents import Extent
    from napari_cutout.layers.committing import Committing
    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.layers.target.targets import TargetFrame
    from napari_cutout.segment.refining import Placed


@dataclass(frozen=True, eq=False)
class FrameOfObjects:
    """A frame, and the objects that are looked at in it.

    Parameters
    ----------
    index
        Which one, in the image.
    prepare, keep
        What makes it ready in any thread, and what keeps it where the viewer lives; see
        :meth:`.Encoder.preparing`.
    labels
        The array of the labels, of any kind.
    target
        Where the frame lies in them.
    shape
        ``(rows, cols)`` of the image's frame.
    extents
        By id: where each object is in the labels' frame.
    """

    index: FrameIndex
    prepare: Callable[[], Made]
    keep: Callable[[Made], None]
    labels: Any
    target: TargetFrame
    shape: tuple[int, int]
    extents: Mapping[int, Extent]

    def mask(self, number: int) -> Placed | None:
        """The pixels of an object inside the image's frame, in any thread; None for none."""
        rows, cols = (
            slice(max(part.start, offset), min(part.stop, offset + length))
            for part, offset, length in zip(
                self.extents[number].box, self.target.offset, self.shape, strict=True
            )
        )
        if rows.start >= rows.stop or cols.start >= cols.stop:
            return None
        slices = frame_slices(self.target.index, (rows, cols))
        found = np.asarray(self.labels[slices]) == number
        down, right = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
        if not len(down):
            return None
        row = rows.start + int(down[0]) - self.target.offset[0]
        col = cols.start + int(right[0]) - self.target.offset[1]
        return found[down[0] : down[-1] + 1, right[0] : right[-1] + 1], (row, col)


def frame_of_objects(
    session: Committing,
    labels: Labels,
    index: FrameIndex,
    target: TargetFrame,
    extents: Mapping[int, Extent],
) -> FrameOfObjects:
    """Objects of a session's labels in a frame of its image; see :class:`FrameOfObjects`."""
    whole: Any = "whole" if session.window == "whole" else None
    source = frame_source(session.image, index, session.channels, whole)
    prepare, keep = session._predictor.preparing(source)
    shape = frame_shape(session.image, index)
    return FrameOfObjects(index, prepare, keep, pixels_of(labels), target, shape, extents)
