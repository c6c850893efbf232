"""Loading a model for a command, with a progress bar where it has to be downloaded first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.sam.catalogue import Row
    from napari_cutout.segment import Segmenter


def load_segmenter(model: str, device: str = "auto") -> Segmenter:
    """A segmenter by name or path, downloaded first if need be; stderr gets its notes.

    And what is done where memory doesn't suffice.

    Raises
    ------
    WeightsError, DownloadError, DeviceError
        See :mod:`napari_cutout.sam`.
    """
    from napari_cutout.sam.catalogue import catalogue
    from napari_cutout.sam.device import resolve_device
    from napari_cutout.sam.download import is_on_disk

    resolve_device(device)
    row = catalogue().get(model)
    if row is not None and not is_on_disk(row):
        download(row)
    from napari_cutout.segment import Segmenter

    segmenter = Segmenter(model, device=device, say=tell)
    for note in segmenter.info.notes:
        tell(f"{model}: {note}")
    return segmenter


def tell(note: str) -> None:
    """Say something on stderr that is no result."""
    typer.echo(note, err=True)


def download(row: Row) -> Path:
    """Fetch the file of a model, showing how far it is.

    Raises
    ------
    DownloadError, WeightsError
        See :func:`napari_cutout.sam.fetch`.
    """
    from napari_cutout.cli.output import downloading
    from napari_cutout.sam.download import fetch

    with downloading() as bar:
        task = bar.add_task(row.name, total=row.size)

        def arrived(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total or row.size)

        return fetch(row, arrived, tell)
