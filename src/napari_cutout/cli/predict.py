"""``napari-cutout predict``: prompts in, masks out."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC003

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.loading import load_segmenter
from napari_cutout.cli.options import (
    Device,
    Json,
    Model,
    frame_index,
    intensity_mapping,
    objects_asked,
)
from napari_cutout.cli.output import print_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.segment import Prediction, Prompts

    Crop = tuple[NDArray[np.bool_], tuple[int, int]]

_IMAGE = "png, jpg, bmp, tif, npy or zarr."
_POINT = "A point ROW,COL inside the object, or ROW,COL,- outside it. May be repeated."
_BOX = "A box R0,C0,R1,C1 around the object, corners inside. Without points: an object each."
_FRAME = "Which frame of an image with more axes: a number for each, from 0."
_CHANNEL = "Which channel of the last axis, from 0."
_INTENSITY = "percentile, dtype, none, or LOW,HIGH: what becomes black and white."
_OUT = "Write a label image: tif, png or npy."
_PICTURE = "Write a picture of the frame with objects and prompts drawn on it."


def predict(
    image: Annotated[
        Path, typer.Argument(metavar="IMAGE", help="png, jpg, bmp, tif, npy or zarr.")
    ],
    point: Annotated[list[str] | None, typer.Option(metavar="R,C[,-]", help=_POINT)] = None,
    box: Annotated[list[str] | None, typer.Option(metavar="R0,C0,R1,C1", help=_BOX)] = None,
    frame: Annotated[str | None, typer.Option(metavar="I[,J]", help=_FRAME)] = None,
    channel: Annotated[int | None, typer.Option(help=_CHANNEL)] = None,
    model: Model = "compact",
    intensity: Annotated[str, typer.Option(help=_INTENSITY)] = "percentile",
    out: Annotated[Path | None, typer.Option(metavar="LABELS.tif", help=_OUT)] = None,
    picture: Annotated[Path | None, typer.Option(metavar="PNG", help=_PICTURE)] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Cut objects out of one frame.

    Coordinates are row,column in pixels, from 0, pixel centres at whole numbers. Points, and
    one box at most, are one object's; boxes alone are an object each.

    Example: napari-cutout predict cells.tif --point 192,411 --out labels.tif
    """
    from napari_cutout.formats.images import open_image
    from napari_cutout.formats.pictures import overlay, write_picture
    from napari_cutout.formats.writing import write_labels

    prompts = objects_asked(point or [], box or [])
    mapping = intensity_mapping(intensity)
    index = frame_index(frame)
    _check_outputs(image, out, picture)
    pixels = open_image(image).frame(index, channel)
    for asked in prompts:
        asked.check((pixels.shape[0], pixels.shape[1]))
    segmenter = load_segmenter(model, device)
    embedding = segmenter.encode(pixels, mapping)
    predictions = segmenter.predict(embedding, prompts, multimask=_is_ambiguous(prompts))
    crops = [prediction.crop() for prediction in predictions]
    if out is not None:
        write_labels(out, _labels(crops, embedding.shape))
    if picture is not None:
        write_picture(picture, overlay(embedding.pixels, crops, prompts))
    objects = [
        _facts(number, prediction, crop)
        for number, (prediction, crop) in enumerate(zip(predictions, crops, strict=True), start=1)
    ]
    _report(
        {
            "image": str(image),
            "frame": list(index),
            "channel": channel,
            "shape": list(embedding.shape),
            "model": segmenter.name,
            "objects": objects,
            "labels": None if out is None else str(out),
            "picture": None if picture is None else str(picture),
        },
        as_json,
    )


def _is_ambiguous(prompts: list[Prompts]) -> bool:
    """Whether a single click is all there is, which may mean several things."""
    return all(len(asked.points) == 1 and asked.box is None for asked in prompts)


def _check_outputs(image: Path, out: Path | None, picture: Path | None) -> None:
    """Before anything is computed, and so that the input is never written over."""
    from napari_cutout.formats.pictures import check_picture_path
    from napari_cutout.formats.writing import check_labels_path

    if out is not None:
        check_labels_path(out)
    if picture is not None:
        check_picture_path(picture)
    for name, path in (("--out", out), ("--picture", picture)):
        if path is not None and path.resolve() == image.resolve():
            raise InputError(f"{name} {path} is the image itself; give another file")
    if out is not None and picture is not None and out.resolve() == picture.resolve():
        raise InputError(f"--out and --picture are both {out}; give two files")


def _labels(crops: list[Crop], shape: tuple[int, int]) -> NDArray[np.uint32]:
    """All objects in one label image; where they overlap, the later one is on top."""
    import numpy as np

    labels = np.zeros(shape, np.uint32)
    for number, (mask, (row, col)) in enumerate(crops, start=1):
        labels[row : row + mask.shape[0], col : col + mask.shape[1]][mask] = number
    return labels


def _facts(number: int, prediction: Prediction, crop: Crop) -> dict[str, Any]:
    mask, (row, col) = crop
    rows, cols = mask.shape
    return {
        "id": number,
        "score": round(float(prediction.scores[0]), 4),
        "area": int(mask.sum()),
        "box": [row, col, row + rows - 1, col + cols - 1] if mask.size else None,
    }


def _report(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    for found in result["objects"]:
        start = f"object {found['id']}: score {found['score']:.3f}"
        if found["box"] is None:
            typer.echo(f"{start}, but its mask is empty; give another point, or a box")
            continue
        corners = ",".join(str(corner) for corner in found["box"])
        typer.echo(f"{start}, area {found['area']} px, box {corners}")
    for name in ("labels", "picture"):
        if result[name] is not None:
            typer.echo(f"{name}: {result[name]}")
    if result["labels"] is result["picture"] is None:
        typer.echo("nothing was written; give --out LABELS.tif or --picture PNG")
