"""``napari-cutout replay``: a prompt log in, the labels that it comes to out."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.loading import load_segmenter, tell
from napari_cutout.cli.options import Device, Json
from napari_cutout.cli.output import counting, print_json

if TYPE_CHECKING:
    from napari_cutout.annotate.recompute import Recomputed
    from napari_cutout.annotate.replay import Replayed
    from napari_cutout.formats.images import StoredImage
    from napari_cutout.formats.logs.log_entries import Entry, Header, LoggedObject

_OUT = "Write the labels: tif, png, npy, or zarr for those that don't fit into memory."
_LAYER = "Which labels, by the name of their layer, where the log is of several."
_START = "What the labels held before the log began, where that isn't beside the log."
_RECOMPUTE = "Ask the model again for each object, and report the IoU with what was committed."
_MODEL = "The model to ask. By default, the one that each object was made with."


def replay(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A .cutout.jsonl file.")],
    image: Annotated[
        Path, typer.Argument(metavar="IMAGE", help="png, jpg, bmp, tif, npy or zarr.")
    ],
    out: Annotated[Path | None, typer.Option(metavar="LABELS.tif", help=_OUT)] = None,
    recompute: Annotated[bool, typer.Option("--recompute", help=_RECOMPUTE)] = False,
    model: Annotated[str | None, typer.Option(help=_MODEL)] = None,
    layer: Annotated[str | None, typer.Option(metavar="NAME", help=_LAYER)] = None,
    start: Annotated[Path | None, typer.Option(metavar="LABELS.tif", help=_START)] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Make the labels again that a prompt log is about, pixel for pixel.

    A log lies beside the image: NAME.cutout.jsonl. Of a log of several labels or sessions it is
    the last.

    Example: napari-cutout replay cells.tif.cutout.jsonl cells.tif --out labels.tif
    """
    from napari_cutout.annotate.replay import header_of
    from napari_cutout.cli.replay_output import check_out
    from napari_cutout.formats.images import open_image
    from napari_cutout.formats.logs.prompt_log import read_log

    found = read_log(log)
    if found.is_cut_off:
        tell(f"{log}: its last line was cut off, and is left out")
    section = _section(found.entries, layer, log)
    header = header_of(section)
    stored = open_image(image)
    _check_image(stored, header, log)
    if out is not None:
        check_out(out, header, {"the image": image, "the log": log})
    replayed = _replay(section, _start(header, start, log), out)
    asked = _ask(replayed.objects, stored, model, device) if recompute else []
    _report(
        {
            "log": str(log),
            "image": str(image),
            "layer": header.layer,
            "shape": list(header.shape),
            "entries": len(section),
            "objects": _facts(replayed, asked),
            "iou": _mean(asked),
            "labels": None if out is None else str(out),
        },
        as_json,
        recompute,
    )


def _replay(section: tuple[Entry, ...], start: Any, out: Path | None) -> Replayed:
    from napari_cutout.annotate.replay import check_labels, header_of, replay
    from napari_cutout.cli.replay_output import write_out, zarr_out

    header = header_of(section)
    if start is not None:
        check_labels(start, header)
    if out is not None and out.suffix.lower() == ".zarr":
        with zarr_out(out, header, start) as array:
            return replay(section, out=array)
    replayed = replay(section, start)
    if out is not None:
        write_out(out, replayed.labels)
    return replayed


def _section(entries: tuple[Entry, ...], layer: str | None, log: Path) -> tuple[Entry, ...]:
    from napari_cutout.annotate.replay import header_of, sections

    found = sections(entries)
    if layer is None:
        return found[-1]
    named = [section for section in found if header_of(section).layer == layer]
    if not named:
        names = ", ".join(sorted({repr(header_of(section).layer) for section in found}))
        raise InputError(f"{log}: there are no labels called {layer!r} in it; there are {names}")
    return named[-1]


def _check_image(stored: StoredImage, header: Header, log: Path) -> None:
    shape, wanted = stored.shape, header.image.shape
    if shape != wanted and shape[:-1] != wanted:
        raise InputError(
            f"{stored.path} has shape {shape}, and {log} is about an image of {wanted}; "
            f"give {header.image.path or repr(header.image.name)}"
        )


def _start(header: Header, given: Path | None, log: Path) -> Any:
    """What the labels held before, or None where that was nothing."""
    import numpy as np

    from napari_cutout.formats.images import open_image
    from napari_cutout.formats.logs.start_copy import read_start

    if given is not None:
        labels = np.asarray(open_image(given).data)
        return labels.astype(header.dtype) if np.can_cast(labels.dtype, header.dtype) else labels
    if header.start.kind == "copy":
        return read_start(log.parent / Path(header.start.path).name, header.shape, header.dtype)
    if header.start.kind == "stored":
        raise InputError(
            f"{header.layer!r} is stored in {header.start.path}, where all of the log is written "
            "already; give --start to write it somewhere else too"
        )
    if header.start.kind == "unknown":
        raise InputError(
            f"{header.layer!r} wasn't empty when the log began, and what it held wasn't kept; give "
            "it with --start LABELS.tif"
        )
    return None


def _ask(
    objects: tuple[LoggedObject, ...], stored: StoredImage, model: str | None, device: str
) -> list[Recomputed]:
    """Each model in turn, so that one is in memory at a time; the objects keep their order."""
    from napari_cutout.annotate.recompute import recompute

    asked: dict[int, Recomputed] = {}
    with counting() as bar:
        task = bar.add_task("asking again", total=len(objects))
        for name in dict.fromkeys(one.model for one in objects):
            same = [one for one in objects if one.model == name]
            segmenter = load_segmenter(model or name, device)
            if any(one.fingerprint not in ("", segmenter.fingerprint) for one in same):
                tell(f"{segmenter.name}: its weights aren't those that the log was made with")
            for answer in recompute(same, stored.data, segmenter):
                asked[answer.logged.key] = answer
                bar.advance(task)
    return [asked[one.key] for one in objects]


def _facts(replayed: Replayed, asked: list[Recomputed]) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [
        {
            "id": one.id,
            "class": replayed.classes.get(one.id, ""),
            "frame": list(one.frame),
            "area": one.area,
            "box": list(one.box),
            "score": one.score,
            "model": one.model,
        }
        for one in replayed.objects
    ]
    for fact, answer in zip(facts, asked, strict=False):
        fact |= {"iou": answer.iou, "problem": answer.problem}
    return facts


def _mean(asked: list[Recomputed]) -> float | None:
    values = [answer.iou for answer in asked if answer.iou is not None]
    return sum(values) / len(values) if values else None


def _report(result: dict[str, Any], as_json: bool, recompute: bool) -> None:
    if as_json:
        print_json(result)
        return
    objects = _counted(len(result["objects"]), "object")
    typer.echo(f"{result['layer']}: {objects} after {_counted(result['entries'] - 1, 'step')}")
    for fact in result["objects"] if recompute else []:
        where = ", ".join(str(at) for at in fact["frame"] if at is not None)
        name = f"object {fact['id']}" + (f" in frame {where}" if where else "")
        given = fact["problem"] if fact["iou"] is None else f"IoU {fact['iou']:.3f}"
        typer.echo(f"{name}: {given}")
    if result["iou"] is not None:
        typer.echo(f"mean IoU {result['iou']:.3f}")
    if result["labels"] is not None:
        typer.echo(f"labels: {result['labels']}")
    elif not recompute:
        typer.echo("nothing was written; give --out LABELS.tif, or --recompute")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
