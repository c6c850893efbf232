"""The model that fine-tuning begins with: which it is, and its weights ready to be changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from napari_cutout.sam.compact.model import MASK_PROMPT_LOGIT, Compact
from napari_cutout.sam.loading import load_model, weights_path
from napari_cutout.sam.sam import CERTAIN, Sam
from napari_cutout.train.errors import TuningError

if TYPE_CHECKING:
    from napari_cutout.train.tuning.options import Precision

Model = Sam | Compact

_PIECE = 1 << 22


@dataclass(frozen=True, eq=False)
class Parent:
    """What a fine-tuned model comes from.

    Parameters
    ----------
    name
        As it was asked for; of a file its name without folders.
    sha256
        Of its file; of a folder's weights where it was a folder.
    model
        In float32 and frozen, this run's own.
    """

    name: str
    sha256: str
    model: Model


def open_parent(model: str | Path, device: torch.device) -> Parent:
    """Load a model to begin with.

    Parameters
    ----------
    model
        As :func:`.load_model` takes it.
    device
        Where it is going to learn.

    Raises
    ------
    WeightsError, DownloadError, DeviceError
        See :func:`.load_model`.
    TuningError
        If nothing is known of how to train such a model.
    """
    loaded = load_model(model, device, "float32")
    if not isinstance(loaded, Sam | Compact):
        raise TuningError(f"{model}: nothing is known of how to train a {loaded.info.family}")
    path = weights_path(model)
    name = model if isinstance(model, str) and not Path(model).exists() else path.name
    return Parent(name, _sha256(path), loaded)


def network(model: Model) -> nn.Module:
    """The module whose parameters learn."""
    return model if isinstance(model, Sam) else model.network


def mask_certainty(model: Model) -> float:
    """The logit of a mask prompt well inside of an object."""
    return CERTAIN if isinstance(model, Sam) else MASK_PROMPT_LOGIT


def products(precision: Precision, device: torch.device) -> torch.dtype:
    """What large products are computed in while training.

    Raises
    ------
    TuningError
        If the device doesn't multiply in bfloat16.
    """
    has_bfloat16 = device.type == "cpu" or (
        device.type == "cuda" and torch.cuda.is_bf16_supported()
    )
    if precision == "bfloat16" and not has_bfloat16:
        raise TuningError(f"{device} has no bfloat16; give precision 'float32' or 'auto'")
    if precision == "float32" or not has_bfloat16:
        return torch.float32
    if precision == "auto" and device.type == "cpu" and not _cpu_gains():
        return torch.float32
    return torch.bfloat16


def _cpu_gains() -> bool:
    from napari_cutout.sam.device import resolve_precision

    return resolve_precision("auto", torch.device("cpu")) == "bfloat16"


def _sha256(path: Path) -> str:
    files = (
        [path]
        if path.is_file()
        else sorted(path.glob("*.safetensors")) + sorted(path.glob("*.bin"))
    )
    digest = hashlib.sha256()
    for each in files:
        with each.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    return digest.hexdigest()
