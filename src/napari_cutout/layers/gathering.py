"""Committing many objects that were found without prompts, all at once, as one undo step.

How they are found and chosen is in everything.py; what happens to them afterwards, in curating.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from napari_cutout.annotate import IdsExhaustedError, ObjectRecord, PromptState
from napari_cutout.formats.logs.found import Found, plain_options
from napari_cutout.layers.curating import Curating
from napari_cutout.layers.errors import SessionError, TargetError
from napari_cutout.layers.image.coordinates import in_data
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target import writing
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.targets import check_writable, find_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari.layers import Labels
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.answers import Crop
    from napari_cutout.segment.automatic.objects import FoundObject


@dataclass(frozen=True, eq=False)
class FoundBy:
    """By what objects were found.

    Parameters
    ----------
    mode
        ``"grid"``, ``"instances"``, ``"seeds"``, or another word for it.
    options
        The options, a dataclass or a mapping; None for none.
    model, fingerprint
        The model's name, and the hash of its weights.
    """

    mode: str = "everything"
    options: object = None
    model: str = ""
    fingerprint: str = ""

    @cached_property
    def plain(self) -> dict[str, object]:
        """The options as a log has them."""
        return plain_options(self.options)


class Gathering(Curating):
    """A session as far as objects that were found. See :class:`.Session`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # Before a layer is added, so that nobody takes it for the person's.
        self.found_layers: WeakSet[Labels] = WeakSet()
        super().__init__(*arguments, **options)

    @property
    def own_labels(self) -> tuple[Any, ...]:
        """The Labels layers that masks are shown in; None for one that isn't there."""
        return (*super().own_labels, *self.found_layers)

    def commit_found(
        self,
        objects: Iterable[FoundObject],
        by: FoundBy | None = None,
        frame: FrameIndex | None = None,
    ) -> tuple[int, ...]:
        """Write many objects into the target, as one undo step, with ids that follow each other.

        Where they meet each other, the smaller one has the pixels; where they meet objects that
        are there, :attr:`policy` decides. Prompts stay as they are.

        Parameters
        ----------
        objects
            As :meth:`.Segmenter.everything` gives them: in pixels of the frame.
        by
            How they were found, for the log. Default: by this session's model.
        frame
            The frame of the image that they lie in. Default: the one that is shown.

        Returns
        -------
        tuple of int
            The ids, in the order of the objects. One that got no pixel has none.

        Raises
        ------
        SessionError
            If there are no objects.
        TargetError
            If the target can't be written, or no pixel of it would change.
        IdsExhaustedError
            If its dtype doesn't hold so many ids; see :meth:`widen_labels`.
        """
        self._check_open()
        self._sync()
        self._undo.reconcile()
        found = [one for one in objects if one.area]
        if not found:
            raise SessionError("there is nothing to commit; no object passes, or none was found")
        index = self.frame if frame is None else frame
        by = self._by_this_model() if by is None else by
        labels = self._target.ensure()
        self._bind_keys()
        edit = self._plan_found(labels, found, by, index)
        self._apply(edit)
        ids = tuple(record.id for record in edit.added)
        self._last_id = ids[-1]
        what = f"Object {ids[0]}" if len(ids) == 1 else f"Objects {ids[0]} to {ids[-1]}"
        missing = len(found) - len(ids)
        rest = f" {missing} had no pixel left to take." if missing else ""
        self._say(f"{what} committed to {labels.name!r}.{rest}")
        return ids

    def _by_this_model(self) -> FoundBy:
        segmenter = self._predictor.segmenter
        fingerprint = "" if segmenter is None else segmenter.fingerprint
        return FoundBy(model=self._predictor.model_name, fingerprint=fingerprint)

    def _plan_found(
        self, labels: Labels, found: Sequence[FoundObject], by: FoundBy, index: FrameIndex
    ) -> Edit:
        """The commit as an edit; nothing is written. O(boxes of the objects)."""
        check_writable(labels)
        target = find_frame(labels, self.image, index, self.viewer.dims)
        crops = smaller_on_top([(one.decode(), one.origin) for one in found])
        first = self._target.next_id(target, [target.crop(*crop)[1] for crop in crops])
        dtype = pixels_of(labels).dtype
        most, needed = int(np.iinfo(dtype).max), first + len(found) - 1
        if needed > most:
            raise IdsExhaustedError(
                f"{len(found)} objects need ids up to {needed}, and labels of dtype "
                f"{dtype} hold {most}; copy them into a wider one with "
                "Session.widen_labels(), and commit again"
            )
        changes: list[writing.Change] = []
        added: list[ObjectRecord] = []
        for one, (mask, origin) in zip(found, crops, strict=True):
            number = first + len(added)
            change = writing.gained(labels, target, mask, origin, number, self.policy)
            if change is not None:
                changes.append(change)
                added.append(found_record(one, mask, number, index, by))
        if not changes:
            raise TargetError(
                f"no pixel of {labels.name!r} would change: the objects lie outside, or where "
                "others are that are kept; allow painting over them (preserve labels off, policy "
                "'new_on_top')"
            )
        count = len(added)
        text = "Commit" if count == 1 else f"Commit of {count} objects"
        return Edit(text, tuple(changes), tuple(added))


def found_record(
    one: FoundObject, mask: NDArray[np.bool_], number: int, index: FrameIndex, by: FoundBy
) -> ObjectRecord:
    """The record of an object that was found in a frame of the image, with the mask it got."""
    prompts = PromptState.empty(len(index))
    if one.point is not None:
        prompts = prompts.with_point(in_data([one.point], index)[0], True)
    stability = float(one.stability)
    how = Found(by.mode, by.plain, stability if math.isfinite(stability) else None, one.window)
    return ObjectRecord(
        number,
        index,
        mask,
        one.origin,
        float(one.score),
        prompts,
        by.model,
        fingerprint=by.fingerprint,
        found=how,
    )


def smaller_on_top(crops: Sequence[Crop]) -> list[Crop]:
    """Masks of one frame that share no pixel: where they meet, the smaller lies on top.

    Of two of one size, the earlier does. O(boxes, and pairs of them that meet).

    Parameters
    ----------
    crops
        Each a mask ``(h, w)`` in its box, and the box's (row, col).
    """
    if not crops:
        return []
    low = np.array([origin for _, origin in crops], np.int64)
    high = low + [mask.shape for mask, _ in crops]
    areas = np.array([np.count_nonzero(mask) for mask, _ in crops], np.int64)
    # Which lie near each other is found along the rows, where boxes are in order of their first.
    order = np.argsort(low[:, 0], kind="stable")
    tops, tallest = low[order, 0], int((high - low)[:, 0].max())
    kept = []
    for k, (mask, origin) in enumerate(crops):
        begin, end = np.searchsorted(tops, [low[k, 0] - tallest, high[k, 0]])
        near = order[begin:end]
        meets = (low[near] < high[k]).all(axis=1) & (high[near] > low[k]).all(axis=1)
        above = (areas[near] < areas[k]) | ((areas[near] == areas[k]) & (near < k))
        piece = mask
        for j in near[meets & above].tolist():
            start, stop = np.maximum(low[k], low[j]), np.minimum(high[k], high[j])
            here, there = (
                tuple(slice(a, b) for a, b in zip(start - at, stop - at, strict=True))
                for at in (low[k], low[j])
            )
            piece = piece.copy() if piece is mask else piece
            piece[here] &= ~crops[j][0][there]
        kept.append((piece, origin))
    return kept
