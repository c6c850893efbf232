"""Writing and reading the compact model's weights: safetensors with its sizes in the metadata."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors.torch import save_file

from napari_cutout.sam.compact.config import CompactConfig
from napari_cutout.sam.device import resolve_precision
from napari_cutout.sam.empty import without_weights
from napari_cutout.sam.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor

    from napari_cutout.sam.compact.model import Compact
    from napari_cutout.sam.compact.network import CompactNetwork


def save_compact(
    state: Mapping[str, Tensor],
    config: CompactConfig,
    path: Path,
    remarks: Mapping[str, str] | None = None,
) -> None:
    """Write weights as float16.

    Parameters
    ----------
    state
        Of a :class:`~napari_cutout.sam.compact.network.CompactNetwork`.
    config
        Its sizes.
    path
        A ``.safetensors`` file, replaced as a whole.
    remarks
        More for its metadata, by name.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".part")
    tensors = {name: value.detach().cpu().half().contiguous() for name, value in state.items()}
    own = {"architecture": "compact", "config": config.to_json()}
    save_file(tensors, partial, {**(remarks or {}), **own})
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
        ``"auto"``, ``"float32"``, ``"bfloat16"`` or ``"float16"``. Decoded is in what suits the
        device where it is auto, but encoded in float32: a half precision of the features costs
        more of a mask than one of the decoder, and an image is encoded once.

    Raises
    ------
    WeightsError
        If the weights don't fit the sizes.
    DeviceError
        If the device hasn't that precision.
    """
    from napari_cutout.sam.compact.model import Compact

    decoding = resolve_precision(precision, device)
    encoding = "float32" if precision == "auto" else decoding
    return Compact(load_network(state, metadata).placed(device), encoding, decoding)


def load_network(state: Mapping[str, Tensor], metadata: Mapping[str, str]) -> CompactNetwork:
    """The network from its weights, in float32, to be used or trained on.

    Parameters
    ----------
    state
        What the file holds.
    metadata
        With ``config``, the sizes.

    Raises
    ------
    WeightsError
        If the weights don't fit the sizes.
    """
    from napari_cutout.sam.compact.network import CompactNetwork

    try:
        config = CompactConfig.from_json(metadata["config"])
        # Sizes that a file claims take no memory until its tensors are known to have them.
        with without_weights():
            network = CompactNetwork(config)
    except (KeyError, ValueError, TypeError, RuntimeError, ZeroDivisionError) as error:
        raise WeightsError(
            f"its metadata don't hold the sizes of a compact model ({error}); "
            "write it with napari-cutout train"
        ) from error
    _check_fit(state, network.state_dict())
    network.load_state_dict({name: value.float() for name, value in state.items()}, assign=True)
    return network


def _check_fit(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Make sure that the tensors are those of the network, and numbers."""
    for name in sorted({*state, *expected}):
        if name not in state or name not in expected:
            what = "missing" if name not in state else "not part of it"
            raise WeightsError(
                f"{name!r} is {what}: these are not the weights of this compact model"
            )
        value, shape = state[name], tuple(expected[name].shape)
        if tuple(value.shape) != shape:
            raise WeightsError(
                f"{name!r} has shape {tuple(value.shape)}, a model of these sizes has {shape}"
            )
        if not value.is_floating_point() or not bool(value.isfinite().all()):
            raise WeightsError(f"{name!r} holds something else than finite numbers; get it again")
