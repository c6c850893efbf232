"""Everything in a frame, without prompts: by a grid of points, in one pass, or from seeds.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.segment.automatic.everything import find_everything
    from napari_cutout.segment.automatic.filters import Filters, Measured
    from napari_cutout.segment.automatic.grid.options import GridOptions
    from napari_cutout.segment.automatic.instances.options import InstanceOptions
    from napari_cutout.segment.automatic.objects import FoundObject, Objects
    from napari_cutout.segment.automatic.progress import Gathered, Progress, gather
    from napari_cutout.segment.automatic.results import label_image, records
    from napari_cutout.segment.automatic.seeds.options import SeedOptions
    from napari_cutout.segment.automatic.windowed.options import InWindows

__all__ = [
    "Filters",
    "FoundObject",
    "Gathered",
    "GridOptions",
    "InWindows",
    "InstanceOptions",
    "Measured",
    "Objects",
    "Progress",
    "SeedOptions",
    "find_everything",
    "gather",
    "label_image",
    "records",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Filters": "filters",
        "FoundObject": "objects",
        "Gathered": "progress",
        "GridOptions": "grid.options",
        "InWindows": "windowed.options",
        "InstanceOptions": "instances.options",
        "Measured": "filters",
        "Objects": "objects",
        "Progress": "progress",
        "SeedOptions": "seeds.options",
        "find_everything": "everything",
        "gather": "progress",
        "label_image": "results",
        "records": "results",
    },
)
