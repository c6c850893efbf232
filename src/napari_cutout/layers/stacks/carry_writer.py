"""Writing what was carried into a frame: masks of objects take the place of earlier ones.

What the labels say of them is in carried.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import ObjectRecord, PromptState
from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.overlap import given_up, writable
from napari_cutout.formats.logs.found import Found
from napari_cutout.layers.stacks.boxes import around, cut, inside
from napari_cutout.layers.stacks.carried import MODE, Annotated
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target.direct_writing import compact
from napari_cutout.layers.target.writing import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.annotate.overlap import OverlapPolicy
    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.stacks.boxes import Box
    from napari_cutout.layers.stacks.run_writer import RunWriter
    from napari_cutout.layers.target.targets import TargetFrame
    from napari_cutout.layers.target.writing import Change
    from napari_cutout.stacks.propagating.values import CarriedObject


@dataclass(frozen=True, eq=False)
class CarryWriter:
    """Writes frames of carried objects.

    Parameters
    ----------
    annotated
        What the labels say of objects.
    writer
        Writes the run.
    options, model, fingerprint
        What the log says of how they were carried.
    """

    annotated: Annotated
    writer: RunWriter
    options: dict[str, object]
    model: str
    fingerprint: str

    def write(
        self, frame: FrameIndex, carried: Sequence[CarriedObject], gone: Sequence[int] = ()
    ) -> int:
        """Write the objects of a frame of the image as they were carried there.

        What a person made of one of them in that frame, meanwhile or before, is left as it is.

        Parameters
        ----------
        frame
            In the image.
        carried
            Those with a mask; they share no pixel.
        gone
            Those that aren't there: what was carried of them earlier is taken away.

        Returns
        -------
        int
            How many have their masks now.

        Raises
        ------
        TargetError
            If the labels can't be written.
        """
        target = self.writer.place(frame)
        theirs = self.annotated.is_persons
        carried = [one for one in carried if not theirs(one.id, frame, target)]
        gone = [number for number in gone if not theirs(number, frame, target)]
        known = {one: self.annotated.records(one, frame) for one in gone}
        gone = [number for number in gone if known[number]]
        known |= {one.id: self.annotated.records(one.id, frame) for one in carried}
        if not carried and not gone:
            return 0
        changes, kept = self._changes(frame, target, carried, gone)
        removed = [record for records in known.values() for record in records]
        added = [self._record(one, frame, *kept[one.id]) for one in carried if one.id in kept]
        if changes or removed or added:
            self.writer.write(Edit(self.writer.text, changes, added, removed))
        return len(added)

    def _changes(
        self,
        frame: FrameIndex,
        target: TargetFrame,
        carried: Sequence[CarriedObject],
        gone: Sequence[int],
    ) -> tuple[list[Change], dict[int, Crop]]:
        """What changes, object by object, and the masks that the objects have then, if any."""
        masks = {one.id: _placed(one, target) for one in carried}
        boxes: dict[int, Box] = {}
        for number in (*masks, *gone):
            found = [self.annotated.box(number, frame, target)]
            if number in masks and masks[number][0].any():
                found.append(masks[number][1])
            box = around([one for one in found if one is not None])
            if box is not None:
                boxes[number] = box
        whole = around(list(boxes.values()))
        if whole is None:
            return [], {}
        before = read(self.writer.labels, frame_slices(target.index, whole))
        after = _painted(before, whole, boxes, masks, self.writer.policy)
        kept: dict[int, Crop] = {}
        for number in masks.keys() & boxes.keys():
            mine = after[inside(boxes[number], whole)] == number
            if mine.any():
                kept[number] = cut(mine, boxes[number], target)
        return _differences(target, whole, boxes.values(), before, after), kept

    def _record(
        self,
        one: CarriedObject,
        frame: FrameIndex,
        mask: NDArray[np.bool_],
        origin: tuple[int, int],
    ) -> ObjectRecord:
        return ObjectRecord(
            one.id,
            frame,
            mask,
            origin,
            float(one.score),
            PromptState.empty(len(frame)),
            self.model,
            fingerprint=self.fingerprint,
            found=Found(MODE, self.options),
        )


def _placed(one: CarriedObject, target: TargetFrame) -> tuple[NDArray[np.bool_], Box]:
    """A mask, cut at the labels' frame, and its box there."""
    mask, places = target.crop(one.mask.decode(), one.origin)
    rows, cols = (part for part in places if isinstance(part, slice))
    return mask, (rows, cols)


def _painted(
    before: NDArray[Any],
    whole: Box,
    boxes: Mapping[int, Box],
    masks: Mapping[int, tuple[NDArray[np.bool_], Box]],
    policy: OverlapPolicy,
) -> NDArray[Any]:
    """The labels of a box with the masks of objects, and nothing else of these objects."""
    after = np.array(before)
    for number, box in boxes.items():
        there = after[inside(box, whole)]
        # All that it gives up, before any other takes pixels.
        there[given_up(np.zeros(there.shape, bool), there, number, policy)] = 0
    for number, (mask, box) in masks.items():
        there = after[inside(box, whole)]
        there[writable(mask, there, number, policy)] = number
    return after


def _differences(
    target: TargetFrame,
    whole: Box,
    boxes: Iterable[Box],
    before: NDArray[Any],
    after: NDArray[Any],
) -> list[Change]:
    """What differs, each pixel in one of the boxes."""
    changes, left = [], after != before
    for box in boxes:
        here = inside(box, whole)
        pixels = left[here].copy()
        if pixels.any():
            changes.append(_change(target, box, pixels, before[here], after[here]))
            left[here] = False
    return changes


def _change(
    target: TargetFrame,
    box: Box,
    pixels: NDArray[np.bool_],
    before: NDArray[Any],
    after: NDArray[Any],
) -> Change:
    new: Any = after[pixels]
    if (new == new[0]).all():
        new = int(new[0])
    return compact(frame_slices(target.index, box), pixels, before[pixels], new)
