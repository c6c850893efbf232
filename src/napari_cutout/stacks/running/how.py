"""How objects are found in each frame of a run, as one value that can be sent to a worker."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from napari_cutout.segment.automatic.filters import Filters
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.seeds.options import SeedOptions
from napari_cutout.segment.intensity import IntensityMapping, as_mapping

if TYPE_CHECKING:
    from napari_cutout.segment.segmenter import Segmenter

RUN_CACHE_BYTES = 1 << 27
"""Feature maps that are kept in a run: for the windows of a frame; frames don't come back."""


@dataclass(frozen=True)
class How:
    """How a frame is looked at, and what is kept of it.

    Parameters
    ----------
    options
        Of a way of finding everything, see :func:`.find_everything`.
    filters
        What is dropped of what was found.
    intensity
        How intensities become what the model sees: a name, ``(black, white)`` or a mapping.
    """

    options: object = field(default_factory=GridOptions)
    filters: Filters = field(default_factory=Filters)
    intensity: str | tuple[float, float] | IntensityMapping = "percentile"

    def __post_init__(self) -> None:
        object.__setattr__(self, "intensity", self.mapping)

    @property
    def mapping(self) -> IntensityMapping:
        """The intensity mapping."""
        return as_mapping(self.intensity)

    def settings(self, segmenter: Segmenter) -> dict[str, Any]:
        """All that a frame's objects depend on besides its pixels, as values that JSON has.

        Parameters
        ----------
        segmenter
            Who finds them.
        """
        options, found = self.options, {}
        if isinstance(options, SeedOptions):
            # Its finder is told by its weights, wherever they were loaded from.
            finder = options.finder or segmenter
            found["finder"] = list(finder.made_by)
            options = replace(options, finder=None)
        return {
            "model": list(segmenter.made_by),
            "options": repr(options),
            "filters": repr(self.filters),
            "intensity": self.mapping.key,
            **found,
        }
