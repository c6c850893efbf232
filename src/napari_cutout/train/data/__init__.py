"""Labelled frames to learn from: opened from files of any kind, taken as they are in memory, split.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.train.data.data_summary import DataSummary
    from napari_cutout.train.data.in_memory import from_arrays
    from napari_cutout.train.data.labelled_data import LabelledData, LabelledSource
    from napari_cutout.train.data.opening import open_data

__all__ = ["DataSummary", "LabelledData", "LabelledSource", "from_arrays", "open_data"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "DataSummary": "data_summary",
        "LabelledData": "labelled_data",
        "LabelledSource": "labelled_data",
        "from_arrays": "in_memory",
        "open_data": "opening",
    },
)
