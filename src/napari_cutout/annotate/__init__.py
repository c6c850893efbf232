"""What a person makes: frames, prompts, objects and their ids, overlap rules, history.

Arrays and values only. Where they are shown, and how they reach a labels image, is decided above.
"""

from __future__ import annotations

from napari_cutout.annotate.asking import as_prompts
from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, frame_slices, sliced_axes
from napari_cutout.annotate.grouping import group_prompts
from napari_cutout.annotate.history import History
from napari_cutout.annotate.objects import (
    IdsExhaustedError,
    ObjectRecord,
    ObjectRow,
    ObjectTable,
    next_id,
)
from napari_cutout.annotate.overlap import OverlapPolicy, writable
from napari_cutout.annotate.places import Places
from napari_cutout.annotate.prompt_state import (
    KINDS,
    PromptMask,
    PromptShape,
    PromptState,
    ShapeKind,
)
from napari_cutout.annotate.review import Review

__all__ = [
    "KINDS",
    "FrameIndex",
    "History",
    "IdsExhaustedError",
    "ObjectRecord",
    "ObjectRow",
    "ObjectTable",
    "OverlapPolicy",
    "Places",
    "PromptMask",
    "PromptShape",
    "PromptState",
    "Review",
    "ShapeKind",
    "as_prompts",
    "frame_axes",
    "frame_slices",
    "group_prompts",
    "next_id",
    "sliced_axes",
    "writable",
]
