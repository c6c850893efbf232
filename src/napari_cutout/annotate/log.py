"""Between what a person made and what a prompt log says of it: prompts and objects, both ways.

Pixels are next door, in log_regions.py; what a log says in the end, in replay.py.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.objects import ObjectRecord
from napari_cutout.annotate.prompt_state import KINDS, PromptMask, PromptShape, PromptState
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_entries import (
    LoggedMask,
    LoggedObject,
    LoggedPrompts,
    LoggedShape,
)
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.formats.logs.log_entries import Numbers
    from napari_cutout.segment.intensity import IntensityMapping


def log_prompts(state: PromptState) -> LoggedPrompts:
    """Prompts as a log has them."""
    return LoggedPrompts(
        _rows(state.points),
        tuple(state.positive.tolist()),
        tuple(state.groups.tolist()),
        tuple(
            LoggedShape(shape.kind, _rows(shape.vertices), int(shape.group), bool(shape.positive))
            for shape in state.shapes
        ),
        tuple(
            LoggedMask(mask.frame, _pair(mask.origin), Rle.encode(mask.mask), int(mask.group))
            for mask in state.masks
        ),
    )


def prompts_of(logged: LoggedPrompts, ndim: int) -> PromptState:
    """The prompts that a log has, for an image of so many axes.

    Raises
    ------
    FormatError
        If a shape is of no kind that is known.
    """
    return PromptState(
        np.array(logged.points, float).reshape(-1, ndim),
        np.array(logged.positive, bool),
        np.array(logged.groups, np.int64),
        tuple(_shape(shape) for shape in logged.shapes),
        tuple(
            PromptMask(mask.frame, mask.mask.decode(), mask.origin, mask.group)
            for mask in logged.masks
        ),
    )


def log_object(
    record: ObjectRecord,
    key: int,
    class_name: str = "",
    intensity: IntensityMapping | None = None,
    channels: tuple[int, tuple[int, ...]] | None = None,
) -> LoggedObject:
    """A committed object as a log has it.

    Parameters
    ----------
    record
        The object.
    key
        Its number in the log.
    class_name
        Its class.
    intensity
        How the image's intensities were mapped.
    channels
        The image's axis of channels and the positions on it that were taken, where some were.
    """
    score = float(record.score)
    return LoggedObject(
        key=key,
        id=int(record.id),
        frame=record.frame,
        origin=_pair(record.origin),
        mask=Rle.encode(record.mask),
        prompts=log_prompts(record.prompts),
        score=score if math.isfinite(score) else None,
        class_name=class_name,
        candidate=int(record.candidate),
        options=record.options,
        model=record.model,
        fingerprint=record.fingerprint,
        intensity=intensity,
        channels=channels,
        found=record.found,
    )


def record_of(logged: LoggedObject) -> ObjectRecord:
    """The object that a log has. One without a score gets 0.

    Raises
    ------
    FormatError
        If one of its prompts is of no kind that is known.
    """
    return ObjectRecord(
        id=logged.id,
        frame=logged.frame,
        mask=logged.mask.decode(),
        origin=logged.origin,
        score=0.0 if logged.score is None else logged.score,
        prompts=prompts_of(logged.prompts, len(logged.frame)),
        model=logged.model,
        fingerprint=logged.fingerprint,
        candidate=logged.candidate,
        options=logged.options,
        found=logged.found,
    )


def _shape(logged: LoggedShape) -> PromptShape:
    kind = next((known for known in KINDS if known == logged.kind), None)
    if kind is None:
        raise FormatError(f"a shape of the kind {logged.kind!r} is unknown; there are {KINDS}")
    return PromptShape(kind, np.array(logged.vertices, float), logged.group, logged.positive)


def _rows(array: NDArray[np.float64]) -> tuple[Numbers, ...]:
    return tuple(tuple(row) for row in np.asarray(array, float).tolist())


def _pair(values: Any) -> tuple[int, int]:
    row, col = values
    return int(row), int(col)
