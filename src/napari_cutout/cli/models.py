"""``napari-cutout models``: which there are, getting one, and writing one for other programs."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001, TC003

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.loading import download, tell
from napari_cutout.cli.options import Json
from napari_cutout.cli.output import print_json, results

if TYPE_CHECKING:
    from napari_cutout.sam.catalogue import Row

app = typer.Typer(rich_markup_mode=None)


class Format(StrEnum):
    """Whose programs are to read a model."""

    META = "meta"
    HUGGINGFACE = "huggingface"


@app.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: Json = False) -> None:
    """List the models that can be asked for by name.

    With licences, what each is good for and whether it is on disk. Any owner/repo of the
    Hugging Face hub and any path work, too.

    Example: napari-cutout models
    """
    if context.invoked_subcommand is not None:
        return
    from napari_cutout.sam.catalogue import catalogue
    from napari_cutout.sam.download import weights_dir

    rows = [_facts(row) for row in catalogue().values()]
    if as_json:
        print_json({"folder": str(weights_dir()), "models": rows})
        return
    from rich.table import Table

    table = Table(caption=f"downloads: {weights_dir()}", caption_justify="left")
    for name in ("name", "on disk", "size", "licence", "good for"):
        table.add_column(
            name, no_wrap=name == "name", justify="right" if name == "size" else "left"
        )
    for facts in rows:
        place = "in the package" if facts["in_package"] else "yes" if facts["on_disk"] else ""
        good_for = " ".join(filter(None, (facts["good_for"], facts["notes"])))
        table.add_row(facts["name"], place, _size(facts["size"]), facts["licence"], good_for)
    results().print(table)


@app.command()
def get(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A name of the list, or owner/repo on the hub.")
    ],
) -> None:
    """Download a model, checked against its published hash.

    What couldn't be checked is said. Without a network it says where to put the file by hand.

    Example: napari-cutout models get vit_b
    """
    from napari_cutout.sam.catalogue import find
    from napari_cutout.sam.download import fetch, is_on_disk

    row = find(name)
    if is_on_disk(row):
        typer.echo(f"{name} is there already: {fetch(row, note=tell)}")
    else:
        typer.echo(f"{name}: {download(row)}")


@app.command()
def export(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A file, fine-tuned for example, or a name.")
    ],
    out: Annotated[Path, typer.Option(metavar="PATH", help="A .pth for meta, else a folder.")],
    form: Annotated[
        Format, typer.Option("--format", help="segment-anything's file, or transformers' folder.")
    ] = Format.META,
) -> None:
    """Write a SAM for other programs: Meta's names in a .pth, or a Hugging Face folder.

    Example: napari-cutout models export my.safetensors --format meta --out my.pth
    """
    from napari_cutout.sam.config import TinyVitConfig
    from napari_cutout.sam.export import save_huggingface, save_meta
    from napari_cutout.sam.loading import load_model
    from napari_cutout.sam.sam import Sam

    if not out.parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {out.parent}; make it first")
    loaded = load_model(model, "cpu", "float32")
    if not isinstance(loaded, Sam):
        raise InputError(
            f"{model} is a compact model, which no other program reads; only a SAM is exported"
        )
    if form is Format.HUGGINGFACE:
        if isinstance(loaded.config.encoder, TinyVitConfig):
            raise InputError(f"{model} is a MobileSAM, which transformers doesn't have: use meta")
        if out.is_file():
            raise InputError(f"--out {out} is a file; a Hugging Face model is a folder")
        save_huggingface(loaded, out)
    else:
        if out.is_dir():
            raise InputError(f"--out {out} is a folder; Meta's is a file, such as {out}.pth")
        save_meta(loaded, out)
    typer.echo(f"{form.value}: {out}")


def _facts(row: Row) -> dict[str, Any]:
    from napari_cutout.sam.download import is_on_disk, path_of

    path, on_disk = path_of(row), is_on_disk(row)
    return {
        "name": row.name,
        "in_package": row.in_package,
        "on_disk": on_disk,
        "path": str(path),
        "size": path.stat().st_size if on_disk else row.size,
        "hash": row.hash,
        "licence": row.licence,
        "good_for": row.good_for,
        "notes": row.notes,
        "source": row.source,
    }


def _size(size: int | None) -> str:
    from rich.filesize import decimal

    return "" if size is None else decimal(size)
