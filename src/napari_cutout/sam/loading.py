"""From a name or a path to a model that is ready to use: the one door to every family."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.sam.catalogue import Row, catalogue, find
from napari_cutout.sam.checkpoints import Checkpoint, build, interpret
from napari_cutout.sam.decoder_files import with_instance_decoder
from napari_cutout.sam.device import DTYPES, resolve_device, resolve_precision
from napari_cutout.sam.download import Progress, fetch, not_asked_for
from napari_cutout.sam.undisturbed import undisturbed
from napari_cutout.sam.weight_files import RawWeights, read_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch

    from napari_cutout.sam.family import Family

_SUFFIXES = (".pth", ".pt", ".ckpt", ".bin", ".safetensors")


@undisturbed()
def load_model(
    model: str | Path = "compact",
    device: str | torch.device = "auto",
    precision: str = "auto",
    progress: Progress | None = None,
) -> Family:
    """Load a model, downloading it first if need be.

    Parameters
    ----------
    model
        A name of the catalogue (``"compact"``, ``"vit_b"``, ...), a repository ``owner/name`` on
        the Hugging Face hub, or the path of a checkpoint: Meta's or MobileSAM's file, a
        safetensors file, a Hugging Face folder, or a fine-tuned model. A name goes before a file
        of the same name; say ``Path("vit_b")`` to mean the file.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``.
    precision
        Of the image encoder: ``"auto"``, ``"float32"``, ``"bfloat16"``, ``"float16"``. With
        bfloat16 the mask decoder's products with the image have it, too. See
        :func:`.resolve_precision` for what ``"auto"`` is; ``"compact"`` encodes in float32 then.
    progress
        Called with the bytes done and the bytes to do while downloading.

    Returns
    -------
    Family
        Ready to use, frozen, and safe to share between threads.

    Raises
    ------
    WeightsError
        If the name is unknown, or the file isn't a model that is known.
    DownloadError
        If the weights aren't on disk and can't be had.
    DeviceError
        If this machine hasn't the device or precision.
    """
    where = resolve_device(device)
    how = resolve_precision(precision, where)
    row, path = _row(model), weights_path(model, progress)
    raw = read_weights(path)
    if _is_compact(raw):
        # Lazily: a SAM needs nothing of it.
        from napari_cutout.sam.compact.loading import load_compact

        compact: Family = load_compact(raw.content, raw.metadata, where, precision)
        return compact
    checkpoint = with_instance_decoder(_with_unknown(interpret(raw), row), row, path, progress)
    sam = build(checkpoint, None if row is None else row.framing)
    return sam.prepare(where, DTYPES[how])


def weights_path(model: str | Path, progress: Progress | None = None) -> Path:
    """Where the weights of a model are on disk, downloaded first if need be.

    Parameters
    ----------
    model, progress
        See :func:`load_model`, which raises the same errors.
    """
    row = _row(model)
    return Path(model) if row is None else fetch(row, progress)


def _row(model: str | Path) -> Row | None:
    """Find the catalogue's row, or None where a path is meant."""
    if isinstance(model, Path):
        return None
    if model in catalogue():
        return catalogue()[model]
    if Path(model).exists() or model.endswith(_SUFFIXES):
        return None
    return find(model)


def _with_unknown(checkpoint: Checkpoint, row: Row | None) -> Checkpoint:
    """Note what the hub may say of the model beside its weights."""
    names = () if row is None else not_asked_for(row)
    if row is None or not names:
        return checkpoint
    note = (
        f"the hub couldn't be asked for {', '.join(names)} of {row.repo}: what they would say is "
        "taken to be SAM's own"
    )
    return replace(checkpoint, notes=(*checkpoint.notes, note))


def _is_compact(raw: RawWeights) -> bool:
    """Whether it is this project's own network, which says so in one way or the other."""
    content: Mapping[Any, Any] = raw.content
    return raw.metadata.get("architecture") == "compact" or any(
        str(name).startswith("compact.") for name in content
    )
