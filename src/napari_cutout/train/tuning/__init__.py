"""Fine-tuning: any model taught the objects of somebody's own frames, in one file that loads.

Names are resolved lazily: importing this takes no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout._lazy import lazy_names

if TYPE_CHECKING:
    from napari_cutout.train.tuning.options import TuningOptions
    from napari_cutout.train.tuning.plan import TuningPlan
    from napari_cutout.train.tuning.planning import plan_tuning
    from napari_cutout.train.tuning.progress import TuningProgress, TuningSample
    from napari_cutout.train.tuning.tuning import fine_tune

__all__ = [
    "TuningOptions",
    "TuningPlan",
    "TuningProgress",
    "TuningSample",
    "fine_tune",
    "plan_tuning",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "TuningOptions": "options",
        "TuningPlan": "plan",
        "TuningProgress": "progress",
        "TuningSample": "progress",
        "fine_tune": "tuning",
        "plan_tuning": "planning",
    },
)
