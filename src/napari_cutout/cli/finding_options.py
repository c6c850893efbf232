"""What commands take that find everything: the way, its options, and what is dropped.

What they mean to the library is in everything_options.py.
"""

from __future__ import annotations

from typing import Annotated

import typer

from napari_cutout.cli.everything_options import Mode

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
