"""``napari-cutout stack``: all objects in every frame of a stack, a volume or a folder, linked.

What is printed is in stack_report.py, how the options become those of the library in
stack_options.py.
"""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001, TC003

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cutout.cli.finding_options import (
    Adaptive,
    BoxNmsThresh,
    CropNLayers,
    CropNmsThresh,
    CropNPointsDownscaleFactor,
    CropOverlapRatio,
    FinderModel,
    FindingAsked,
    Intensity,
    MaxArea,
    MinArea,
    MinMaskRegionArea,
    MinScore,
    PointsPerBatch,
    PointsPerSide,
    PredIouThresh,
    StabilityScoreOffset,
    StabilityScoreThresh,
    WayAsked,
    Windows,
)
from napari_cutout.cli.loading import load_segmenter, tell
from napari_cutout.cli.options import Device, Json, Model
from napari_cutout.cli.stack_cluster import SchedulerAsked, Who, WorkersAsked
from napari_cutout.cli.stack_options import asked_to_link, keep_apart
from napari_cutout.cli.stack_report import Shown, write_ctc_folders

if TYPE_CHECKING:
    from napari_cutout.stacks.frames.stack import Stack

_INPUTS = "A stack, an OME-Zarr, a video, a folder or a quoted glob; or several files, in order."
_OUT = "The OME-Zarr of the labels; made if need be."
_AXES = "A letter for each axis of the data, such as tzyx or tcyx."
_PLUGIN = "A reader plugin of napari that opens INPUT; 'napari' is napari itself."
_FRAMES = "Which, such as t=0:100:2,z=3. Left out: all."
_LINK = "The same id for the same object. Left out: where there is t or z, or a link: option."
_VOLUME = "Join the slices of z to objects in 3-D; with --link or --ctc over time, too."
_CTC = "Write the tracks there as the Cell Tracking Challenge has them, too."
_STORE = "Keep embeddings there, and take those that are there."
_OVERWRITE = "Begin anew. Otherwise frames that are there are left as they are."


def stack(
    context: typer.Context,
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help=_INPUTS)],
    out: Annotated[Path, typer.Option(metavar="OUT.zarr", help=_OUT)],
    axes: Annotated[str | None, typer.Option(help=_AXES)] = None,
    channel: Annotated[int | None, typer.Option(help="Which channel of the axis c.")] = None,
    plugin: Annotated[str | None, typer.Option(metavar="NAME", help=_PLUGIN)] = None,
    frames: Annotated[str, typer.Option(metavar="RANGES", help=_FRAMES)] = "",
    mode: WayAsked = None,
    model: Model = "compact",
    link: Annotated[bool | None, typer.Option("--link/--no-link", help=_LINK)] = None,
    volume: Annotated[bool, typer.Option("--volume", help=_VOLUME)] = False,
    max_distance: Annotated[
        float | None,
        typer.Option(
            help="link: how far an object moves between frames; in the file's units, else pixels."
        ),
    ] = None,
    max_gap: Annotated[
        int | None, typer.Option(help="link: frames in which an object may be missing.")
    ] = None,
    min_length: Annotated[
        int | None, typer.Option(help="link: frames, or slices, that an object has at least.")
    ] = None,
    ctc: Annotated[Path | None, typer.Option(metavar="DIR", help=_CTC)] = None,
    embeddings: Annotated[Path | None, typer.Option(metavar="STORE", help=_STORE)] = None,
    intensity: Intensity = "percentile",
    points_per_side: PointsPerSide = None,
    points_per_batch: PointsPerBatch = None,
    pred_iou_thresh: PredIouThresh = None,
    stability_score_thresh: StabilityScoreThresh = None,
    stability_score_offset: StabilityScoreOffset = None,
    box_nms_thresh: BoxNmsThresh = None,
    crop_n_layers: CropNLayers = None,
    crop_nms_thresh: CropNmsThresh = None,
    crop_overlap_ratio: CropOverlapRatio = None,
    crop_n_points_downscale_factor: CropNPointsDownscaleFactor = None,
    min_mask_region_area: MinMaskRegionArea = None,
    adaptive: Adaptive = None,
    windows: Windows = False,
    finder: FinderModel = None,
    min_score: MinScore = None,
    min_area: MinArea = None,
    max_area: MaxArea = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help=_OVERWRITE)] = False,
    device: Device = "auto",
    workers: WorkersAsked = None,
    scheduler: SchedulerAsked = None,
    as_json: Json = False,
) -> None:
    """Cut out every object in every frame of a stack, and link them.

    The same object has the same id in all frames. Run again, it goes on where it was stopped. A
    frame that can't be read is reported and left out; the exit code is then 2, and the next run
    tries it again.

    Example: napari-cutout stack movie.ome.tif --out movie.labels.zarr --ctc movie_RES
    """
    from napari_cutout.segment import EmbeddingStore
    from napari_cutout.stacks.frames.selection import chosen
    from napari_cutout.stacks.output.output import StackOutput
    from napari_cutout.stacks.running.how import RUN_CACHE_BYTES, How

    keep_apart(inputs, out, ctc)
    who = Who(scheduler, workers, model, finder, device)
    asked = FindingAsked.of(context)
    source = _opened(inputs, axes, channel, plugin)
    chosen(source, frames)
    wanted = asked_to_link(source.axes, link, volume, max_distance, max_gap, min_length, ctc)
    segmenter = load_segmenter(model, device)
    segmenter.cache.capacity = RUN_CACHE_BYTES
    how = How(asked.options(segmenter), asked.filters, asked.mapping)
    store = None if embeddings is None else EmbeddingStore(embeddings, warn=_tell)
    shown = Shown(source, out, segmenter.name, as_json)
    with StackOutput.open(out, source, how.settings(segmenter), overwrite=overwrite) as output:
        shown.follow(
            who.run(segmenter, source, output, how, selection=frames, link=wanted, store=store)
        )
        series = output.finish(wanted, frames)
        if ctc is not None:
            write_ctc_folders(ctc, output, series)
    shown.end(series, could_link=link is None)


def _opened(inputs: list[str], axes: str | None, channel: int | None, plugin: str | None) -> Stack:
    if plugin is not None:
        from napari_cutout.layers.stacks.plugin_frames import open_with_plugins

        return open_with_plugins(inputs, plugin, axes=axes, channel=channel)
    from napari_cutout.stacks.frames.opening import open_stack

    return open_stack(inputs[0] if len(inputs) == 1 else inputs, axes=axes, channel=channel)


def _tell(problem: Exception) -> None:
    tell(str(problem))
