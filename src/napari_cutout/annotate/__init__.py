"""What a person makes: frames, prompts, objects and their ids, overlap rules, history.

Arrays and values only. Where they are shown, and how they reach a labels image, is decided above.
"""

from __future__ import annotations

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, frame_slices, sliced_axes
from napari_cutout.annotate.history import History
from napari_cutout.annotate.objects import IdsExhaustedError, ObjectRecord, ObjectTable, next_id
from napari_cutout.annotate.overlap import OverlapPolicy, writable
from napari_cutout.annotate.prompt_state import PromptState

__all__ = [
    "FrameIndex",
    "History",
    "IdsExhaustedError",
    "ObjectRecord",
    "ObjectTable",
    "OverlapPolicy",
    "PromptState",
    "frame_axes",
    "frame_slices",
    "next_id",
    "sliced_axes",
    "writable",
]
