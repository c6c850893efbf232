"""The options of finding everything from seeds: one model finds, another cuts out. See find.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.option_checks import (
    check_choice,
    check_number,
    check_whole,
)
from napari_cutout.segment.errors import OptionError

if TYPE_CHECKING:
    from napari_cutout.segment.segmenter import Segmenter

SeedPrompt = Literal["point", "box", "point and box"]
KnownSeeds = Literal["leave alone", "use as seeds", "ignore"]


@dataclass(frozen=True)
class SeedOptions:
    """How seeds are found, asked and kept.

    Parameters
    ----------
    finder
        The model that finds where objects are, as with :class:`.InstanceOptions`. None: the one
        that cuts them out, where it can, else ``compact``.
    instances
        How objects are found, and how a large frame is cut.
    prompt
        What the model that cuts out is asked with: the deepest point of what was found, its box,
        or both.
    pred_iou_thresh
        Masks whose predicted IoU is lower are dropped.
    stability_score_thresh
        Masks whose stability is lower are dropped.
    max_overlap
        Masks of which better ones cover a larger share are dropped; of others the shared pixels go
        to the better one.
    batch
        Objects between two reports of progress.
    known_objects
        What to do with objects that carry a label already. ``"leave alone"``: they keep their
        pixels, and what lies mostly on them is dropped. ``"use as seeds"``: they are cut out
        anew, each from its own deepest point and box, and nothing else is looked for on them.
        ``"ignore"``: as if there were none.

    Raises
    ------
    OptionError
        If a value is out of its range, or the finder can't find.
    """

    finder: Segmenter | None = None
    instances: InstanceOptions = field(default_factory=InstanceOptions)
    prompt: SeedPrompt = "point and box"
    pred_iou_thresh: float = 0.5
    stability_score_thresh: float = 0.0
    max_overlap: float = 0.5
    batch: int = 32
    known_objects: KnownSeeds = "leave alone"

    def __post_init__(self) -> None:
        for name in ("pred_iou_thresh", "stability_score_thresh", "max_overlap"):
            check_number(name, getattr(self, name), 0.0, 1.0)
        check_whole("batch", self.batch, 1)
        check_choice("prompt", self.prompt, get_args(SeedPrompt))
        check_choice("known_objects", self.known_objects, get_args(KnownSeeds))
        if not isinstance(self.instances, InstanceOptions):
            raise OptionError(f"instances are InstanceOptions(...), not {self.instances!r}")
        if self.finder is not None and not self.finder.can_find_instances:
            raise OptionError(
                f"the finder {self.finder.name!r} can't find all objects; use the model 'compact'"
            )
