"""What commands take that find everything: the way, its options, and what is dropped.

What they mean to the library is in everything_options.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from napari_cutout.cli.everything_options import Mode, filters_asked, options_asked
from napari_cutout.cli.options import intensity_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.segment import Segmenter
    from napari_cutout.segment.automatic.filters import Filters
    from napari_cutout.segment.intensity import IntensityMapping

WayAsked = Annotated[
    Mode | None,
    typer.Option(
        help="grid, instances or seeds. Left out: instances where the model has them, else grid."
    ),
]
FinderModel = Annotated[
    str | None,
    typer.Option(metavar="MODEL", help="The model that finds where objects are, for --mode seeds."),
]
Intensity = Annotated[
    str, typer.Option(help="percentile, dtype, none, or LOW,HIGH: what is black and white.")
]
PointsPerSide = Annotated[int | None, typer.Option(help="grid: points along a side.")]
PointsPerBatch = Annotated[int | None, typer.Option(help="grid: points at once.")]
PredIouThresh = Annotated[float | None, typer.Option(help="grid: least score.")]
StabilityScoreThresh = Annotated[float | None, typer.Option(help="grid: least stability.")]
StabilityScoreOffset = Annotated[
    float | None, typer.Option(help="grid: shift of the threshold for the stability.")
]
BoxNmsThresh = Annotated[
    float | None, typer.Option(help="grid: IoU of boxes from which one of two goes.")
]
CropNLayers = Annotated[int | None, typer.Option(help="grid: layers of crops besides the whole.")]
CropNmsThresh = Annotated[float | None, typer.Option(help="grid: the same between crops.")]
CropOverlapRatio = Annotated[float | None, typer.Option(help="grid: how far crops overlap.")]
CropNPointsDownscaleFactor = Annotated[
    int | None, typer.Option(help="grid: fewer points in crops.")
]
MinMaskRegionArea = Annotated[
    int | None, typer.Option(help="grid: smallest hole and smallest piece.")
]
Adaptive = Annotated[
    bool | None, typer.Option("--adaptive", help="grid: leave out points on what is found.")
]
Windows = Annotated[
    bool,
    typer.Option("--windows", help="grid: over windows of a large frame, then joined."),
]
MinScore = Annotated[float | None, typer.Option(help="Drop objects below it.")]
MinArea = Annotated[float | None, typer.Option(help="Drop objects of fewer pixels.")]
MaxArea = Annotated[float | None, typer.Option(help="Drop objects of more pixels.")]

_GRID = (
    "points_per_side",
    "points_per_batch",
    "pred_iou_thresh",
    "stability_score_thresh",
    "stability_score_offset",
    "box_nms_thresh",
    "crop_n_layers",
    "crop_nms_thresh",
    "crop_overlap_ratio",
    "crop_n_points_downscale_factor",
    "min_mask_region_area",
    "adaptive",
)


@dataclass(frozen=True)
class FindingAsked:
    """How everything is to be found, by what a person gave to a command.

    Parameters
    ----------
    given
        The command's parameters; those above are among them.
    filters
        What is dropped of what was found.
    mapping
        How intensities become what the model sees.
    """

    given: Mapping[str, Any]
    filters: Filters
    mapping: IntensityMapping

    @classmethod
    def of(cls, context: typer.Context) -> Self:
        """What was asked for.

        Raises
        ------
        InputError, OptionError
            If a value means nothing, or is out of its range.
        """
        given = context.params
        filters = filters_asked(given["min_score"], given["min_area"], given["max_area"])
        return cls(given, filters, intensity_mapping(given["intensity"]))

    def options(self, segmenter: Segmenter) -> object:
        """The options of the way, see :func:`.options_asked`."""
        given = self.given
        return options_asked(
            segmenter,
            given["mode"],
            {name: given[name] for name in _GRID},
            given["windows"],
            given["finder"],
            given["device"],
        )
