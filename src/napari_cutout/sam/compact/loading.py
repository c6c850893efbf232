"""Writing and reading the compact model's weights: safetensors with its sizes in the metadata."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors.torch import save_file

from napari_cutout.sam.compact.config import CompactConfig
from napari_cutout.sam.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor

    from napari_cutout.sam.compact.model import Compact


def save_compact(state: Mapping[str, Tensor], config: CompactConfig, path: Path) -> None:
    """Write weights as float16.

    Parameters
    ----------
    state
        Of a :class:`~napari_cutout.sam.compact.network.CompactNetwork`.
    config
        Its sizes.
    path
        A ``.safetensors`` file, replaced as a whole.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".part")
    tensors = {name: value.detach().cpu().half().contiguous() for name, value in state.items()}
    save_file(tensors, partial, {"architecture": "compact", "config": config.to_json()})
    partial.chmod(0o644)  # safetensors makes files that only their owner can read
    os.replace(partial, path)


def load_compact(
    state: Mapping[str, Tensor], metadata: Mapping[str, str], device: torch.device, precision: str
) -> Compact:
    """A model from its weights.

    Parameters
    ----------
    state
        What the file holds.
    metadata
        With ``config``, the sizes.
    device
        Where it computes.
    precision
        ``"float32"``, ``"bfloat16"`` or ``"float16"``.

    Raises
    ------
    WeightsError
        If the weights don't fit the sizes.
    """
    from napari_cutout.sam.compact.model import Compact
    from napari_cutout.sam.compact.network import CompactNetwork

    try:
        config = CompactConfig.from_json(metadata["config"])
        network = CompactNetwork(config)
        network.load_state_dict({name: value.float() for name, value in state.items()})
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"not the weights of a compact model: {reason}") from error
    return Compact(network.placed(device), precision)
