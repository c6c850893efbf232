"""``napari-cutout everything``: all objects of images and folders, without prompts.

Which files are made of an image is in everything_outputs.py, which images there are in
image_list.py.
"""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC003

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cutout.cli.errors import BAD_INPUT, InputError, one_line
from napari_cutout.cli.everything_outputs import Format, Outputs
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
from napari_cutout.cli.image_list import ListedImage, list_images
from napari_cutout.cli.loading import load_segmenter, tell
from napari_cutout.cli.options import Device, Json, Model, frame_index
from napari_cutout.cli.output import counting, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from napari_cutout.segment import Segmenter
    from napari_cutout.segment.automatic.filters import Filters
    from napari_cutout.segment.automatic.objects import Objects
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.intensity import IntensityMapping

_SKIPPED: tuple[type[Exception], ...] = (*BAD_INPUT, MemoryError)

_INPUTS = "Images (png, jpg, bmp, tif, npy, zarr), or folders of them."
_OUT = "The folder for results; made if need be."
_FORMAT = "May be repeated. labels: a tif; coco: one instances.json for all; masks: a folder each."
_OVERWRITE = "Begin anew. Otherwise images whose results are there are left out."


def everything(
    context: typer.Context,
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help=_INPUTS)],
    out: Annotated[Path, typer.Option(metavar="DIR", help=_OUT)],
    mode: WayAsked = None,
    model: Model = "compact",
    formats: Annotated[list[Format] | None, typer.Option("--format", help=_FORMAT)] = None,
    picture: Annotated[bool, typer.Option("--picture", help="Draw the objects, too.")] = False,
    frame: Annotated[
        str | None, typer.Option(metavar="I[,J]", help="Which frame of images with more axes.")
    ] = None,
    channel: Annotated[int | None, typer.Option(help="Which channel of the last axis.")] = None,
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
    as_json: Json = False,
) -> None:
    """Cut out every object of images and folders.

    Run again, it goes on where it was stopped. A file that can't be read is reported and left
    out; the exit code is then 2.

    Example: napari-cutout everything fields/ --out objects/ --format coco --picture
    """
    index, asked = frame_index(frame), FindingAsked.of(context)
    images = list_images(inputs)
    _keep_apart(images, out)
    segmenter = load_segmenter(model, device)
    search = Search(
        segmenter, asked.options(segmenter), asked.filters, asked.mapping, index, channel
    )
    wanted = tuple(dict.fromkeys(formats or [Format.labels]))
    outputs = Outputs(out, wanted, picture, search.settings(intensity), overwrite)
    results = _results(images, outputs, search)
    outputs.finish()
    report = {
        "out": str(out),
        "model": segmenter.name,
        "images": [result for result in results if "error" not in result],
        "failed": [result for result in results if "error" in result],
    }
    _report(report, as_json)


@dataclass(frozen=True)
class Search:
    """How objects are found in each image.

    Parameters
    ----------
    segmenter
        The model.
    options
        Those of a way of finding everything.
    filters
        What is dropped of it.
    mapping
        How intensities become what the model sees.
    index, channel
        Which frame of an image.
    """

    segmenter: Segmenter
    options: object
    filters: Filters
    mapping: IntensityMapping
    index: tuple[int, ...]
    channel: int | None

    def settings(self, intensity: str) -> dict[str, Any]:
        """What results depend on, as values that JSON has."""
        return {
            "model": self.segmenter.fingerprint,
            "options": repr(self.options),
            "filters": repr(self.filters),
            "intensity": intensity,
            "frame": list(self.index),
            "channel": self.channel,
        }

    def run(self, path: Path, report: Callable[[int, int], None]) -> tuple[Embedding, Objects]:
        """The frame of an image file as the model sees it, and its objects."""
        from napari_cutout.formats.images import open_image
        from napari_cutout.segment.automatic.everything import Gathered, find_everything
        from napari_cutout.segment.automatic.filters import Measured
        from napari_cutout.segment.automatic.objects import Objects

        pixels = open_image(path).frame(self.index, self.channel)
        embedding = self.segmenter.encode(pixels, self.mapping)
        gathered = Gathered(embedding.shape)
        for step in find_everything(self.segmenter, embedding, self.options):
            gathered.add(step)
            report(step.done, step.total)
        found = gathered.objects
        passing = Measured(found).passing(self.filters)
        kept = tuple(one for one, stays in zip(found, passing, strict=True) if stays)
        return embedding, Objects(kept, found.shape)


def _results(images: list[ListedImage], outputs: Outputs, search: Search) -> list[dict[str, Any]]:
    with counting() as bar:
        done = bar.add_task("images", total=len(images))
        found = []
        for image in images:
            found.append(_result(image, outputs, search, bar))
            bar.advance(done)
    return found


def _result(image: ListedImage, outputs: Outputs, search: Search, bar: Progress) -> dict[str, Any]:
    """What came of an image; a file that can't be used ends nothing but itself."""
    facts: dict[str, Any] = {"image": str(image.path)}
    if outputs.has(image):
        return facts | {"was_there": True}
    task = bar.add_task(image.path.name)
    start = time.perf_counter()
    try:
        embedding, found = search.run(
            image.path, lambda done, total: bar.update(task, completed=done, total=total)
        )
        written = outputs.write(image, embedding.pixels, found)
    except _SKIPPED as error:
        reason = one_line(str(error)) or "it does not fit into memory"
        tell(f"{image.path}: {reason}; left out")
        return facts | {"error": reason}
    finally:
        bar.remove_task(task)
    return facts | {
        "was_there": False,
        "objects": len(found),
        "seconds": round(time.perf_counter() - start, 3),
        "files": [str(path) for path in written],
    }


def _keep_apart(images: list[ListedImage], out: Path) -> None:
    """Results never land among the images, where the next run would find them."""
    if any(out.resolve() == image.path.parent.resolve() for image in images):
        raise InputError(f"--out {out} is where the images are; give another folder")


def _report(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(report)
    else:
        for result in report["images"]:
            if result["was_there"]:
                typer.echo(f"{result['image']}: there already")
            else:
                count, seconds = result["objects"], result["seconds"]
                typer.echo(f"{result['image']}: {count} objects, {seconds:.1f} s")
        done, failed = len(report["images"]), len(report["failed"])
        typer.echo(f"{done} of {done + failed} images: {report['out']}")
    if report["failed"]:
        raise typer.Exit(2)
