"""Where micro-sam's instance decoder is when it isn't in the checkpoint: in a file beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cutout.sam.download import Progress, fetch
from napari_cutout.sam.errors import DownloadError
from napari_cutout.sam.weight_files import read_weights

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.sam.catalogue import Row
    from napari_cutout.sam.checkpoints import Checkpoint


def with_instance_decoder(
    checkpoint: Checkpoint, row: Row | None, path: Path, progress: Progress | None = None
) -> Checkpoint:
    """A checkpoint with the decoder of the file beside it, where there is one.

    Parameters
    ----------
    checkpoint
        Of the model.
    row
        Of the catalogue; its decoder is downloaded if need be. Without a network the model is as
        good for prompts, and its notes say what is missing.
    path
        The model's file: ``model.pt`` has its decoder in ``model_decoder.pt``, as in micro-sam's
        own folder.
    progress
        Called while downloading.

    Raises
    ------
    WeightsError
        If there is a file and it can't be read.
    """
    if checkpoint.instance_decoder is not None:
        return checkpoint
    beside = path.with_name(f"{path.stem}_decoder{path.suffix}")
    published = None if row is None else row.instance_decoder
    if published is not None:
        try:
            beside = fetch(published, progress)
        except DownloadError as error:
            note = f"all objects can't be found at once: its instance decoder is missing ({error})"
            return replace(checkpoint, notes=(*checkpoint.notes, note))
    if not beside.is_file():
        return checkpoint
    content = read_weights(beside).content
    return replace(checkpoint, instance_decoder=content.get("decoder_state", content))
