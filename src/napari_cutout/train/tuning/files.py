"""What fine-tuning leaves: one weights file with all that is to be known of it, and a saved state.

Either is written beside its place and moved there, so that what lies there is always whole.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError

from napari_cutout.sam.compact.loading import save_compact
from napari_cutout.sam.export import save_own
from napari_cutout.sam.sam import Sam
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning.low_rank import plain_state
from napari_cutout.train.tuning.parent import network
from napari_cutout.train.tuning.parts import learns_to_encode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cutout.train.tuning.parent import Model
    from napari_cutout.train.tuning.provenance import Provenance

_FULL = (OSError, RuntimeError, SafetensorError)
"""What a full disk raises: the system, torch's writer and safetensors' each have their own."""


def write_model(model: Model, what: str, path: Path, provenance: Provenance) -> None:
    """Write the weights as they are now.

    Parameters
    ----------
    model
        Low-rank changes are merged into its weights.
    what
        What has learned. A decoder of instances is left out where embeddings are no longer those
        that it was made for.
    path
        A ``.safetensors`` file.
    provenance
        For the metadata.

    Raises
    ------
    TuningError
        If it can't be written.
    """
    state = plain_state(network(model))
    if learns_to_encode(what):
        state = {n: v for n, v in state.items() if not n.startswith("instance_decoder.")}
    try:
        if isinstance(model, Sam):
            save_own(model, state, path, provenance.remarks())
        else:
            save_compact(state, model.network.config, path, provenance.remarks())
    except _FULL as error:
        path.with_name(path.name + ".part").unlink(missing_ok=True)
        raise TuningError(
            f"can't write {path} ({getattr(error, 'strerror', None) or error}): free some space "
            "and give the same command again, it goes on from the last saved state"
        ) from error


def state_path(out: Path) -> Path:
    """Where the state of a run lies."""
    return out.with_suffix(".state")


def write_state(path: Path, state: Mapping[str, Any]) -> str:
    """Save a state; what to tell where it couldn't be saved."""
    partial = path.with_name(path.name + ".part")
    try:
        torch.save(dict(state), partial)
        os.replace(partial, path)
    except _FULL as error:
        partial.unlink(missing_ok=True)
        return (
            f"The state of the run can't be saved ({getattr(error, 'strerror', None) or error}): "
            "it goes on, but could not be resumed."
        )
    return ""


def read_state(path: Path, run: Mapping[str, Any]) -> dict[str, Any] | None:
    """A saved state of this very run, or None where there is none.

    Parameters
    ----------
    path
        Of the state.
    run
        What has to be the same.

    Raises
    ------
    TuningError
        If it isn't a state, or that of another run.
    """
    if not path.exists():
        return None
    way_out = f"delete {path.name} to begin anew, or give another --out"
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        known = state["run"]
    except Exception as error:  # torch raises whatever the bytes lead it to
        raise TuningError(f"{path} is not the state of a run; {way_out}") from error
    other = [name for name, value in run.items() if known.get(name) != value]
    if other:
        raise TuningError(
            f"{path} is the state of an unfinished run with another {other[0]}; {way_out}"
        )
    return state
