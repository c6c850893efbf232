"""Everything in a frame, without prompts: by a grid of points, in one pass, or from seeds.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.segment.automatic.everything import find_everything
    from napari_cutout.segment.automatic.filters import Filters, Measured
    from napari_cutout.segment.automatic.grid_options import GridOptions
    from napari_cutout.segment.automatic.instance_options import InstanceOptions
    from napari_cutout.segment.automatic.objects import FoundObject, Objects
    from napari_cutout.segment.automatic.progress import Gathered, Progress
    from napari_cutout.segment.automatic.results import label_image, records
    from napari_cutout.segment.automatic.seed_options import SeedOptions
    from napari_cutout.segment.automatic.window_options import InWindows

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
    "label_image",
    "records",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Filters": "filters",
        "FoundObject": "objects",
        "Gathered": "progress",
        "GridOptions": "grid_options",
        "InWindows": "window_options",
        "InstanceOptions": "instance_options",
        "Measured": "filters",
        "Objects": "objects",
        "Progress": "progress",
        "SeedOptions": "seed_options",
        "find_everything": "everything",
        "label_image": "results",
        "records": "results",
    },
)
