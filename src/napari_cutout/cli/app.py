"""The program and its commands, each of which lives in a module of its own."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from napari_cutout.cli import (
    demo,
    doctor,
    estimate,
    evaluate,
    everything,
    models,
    predict,
    rank,
    replay,
    stack,
    train,
)
from napari_cutout.cli.errors import Program

app = typer.Typer(
    cls=Program,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from napari_cutout import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback(invoke_without_command=True)
def napari_cutout(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Cut objects out of images: click, box, mask, done.

    Example: napari-cutout predict nuclei.tif --point 192,411 --out labels.tif
    """
    # What is wrong with a file is said in one line; that would be a second one, of its inside.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command()(demo.demo)
app.command()(predict.predict)
app.command()(everything.everything)
app.command()(stack.stack)
app.command()(estimate.estimate)
app.command()(replay.replay)
app.command()(evaluate.evaluate)
app.command()(rank.rank)
app.command()(train.train)
app.add_typer(models.app, name="models")
app.command()(doctor.doctor)
