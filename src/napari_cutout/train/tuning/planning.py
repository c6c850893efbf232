"""What to train, for how long, and what that costs: decided before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from napari_cutout.sam.device import resolve_device
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning.amounts import Amounts, amounts
from napari_cutout.train.tuning.options import TuningOptions
from napari_cutout.train.tuning.parent import Parent, open_parent
from napari_cutout.train.tuning.plan import TuningPlan

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.train.data import DataSummary, LabelledData
    from napari_cutout.train.tuning.parent import Model

FEWEST_OBJECTS = 5
"""Fewer objects teach nothing that would hold for others."""

_FOR_LOW_RANK = 200
_FOR_ALL = 3000
_FOR_ALL_COMPACT = 1000
_GIGABYTES = {"vit_h": (30, 45), "vit_l": (18, 26)}
_GIGABYTES_OTHERS = (8, 11)


@dataclass(frozen=True, eq=False)
class Decided:
    """What a run is going to do.

    Parameters
    ----------
    parent
        The model that it begins with.
    device
        Where it computes.
    what, reason
        What learns, and why.
    data, validation
        What is learned from and judged on; the latter may be empty.
    summary, validation_summary
        Of the two.
    amounts
        How much is done.
    notes
        What is worth knowing of the data.
    """

    parent: Parent
    device: torch.device
    what: str
    reason: str
    data: LabelledData
    validation: LabelledData
    summary: DataSummary
    validation_summary: DataSummary
    amounts: Amounts
    notes: tuple[str, ...]


def plan_tuning(
    model: str | Path,
    data: LabelledData,
    options: TuningOptions = TuningOptions(),  # noqa: B008, it is a frozen value
    *,
    validation: LabelledData | None = None,
    device: str = "auto",
) -> TuningPlan:
    """What :func:`.fine_tune` is going to do with the same arguments, and what it costs.

    The costs are measured: a view is encoded and a few objects are learned from, with a copy of
    the model that is thrown away.

    Parameters
    ----------
    model, data, options, validation, device
        See :func:`.fine_tune`, which raises the same errors.

    Returns
    -------
    TuningPlan

    Examples
    --------
    >>> import numpy as np
    >>> from napari_cutout.train.data import from_arrays
    >>> labels = np.kron(np.arange(1, 10).reshape(3, 3), np.pad(np.ones((12, 12), int), 4))
    >>> data = from_arrays([("squares", (labels > 0) * 200.0, labels)])
    >>> plan_tuning("compact", data, device="cpu").what
    'decoder'
    """
    from napari_cutout.train.tuning.costs import measure

    decided = decide(model, data, options, validation=validation, device=device)
    costs = measure(decided, options)
    judged = decided.validation_summary.frames
    return TuningPlan(
        what=decided.what,
        reason=decided.reason,
        trainable=costs.trainable,
        parameters=costs.parameters,
        steps=decided.amounts.steps,
        frames=decided.summary.frames,
        objects=decided.summary.objects,
        validation_frames=judged,
        seconds=min(costs.seconds, 60 * options.minutes) if options.minutes else costs.seconds,
        bytes=costs.bytes,
        notes=decided.notes,
    )


def decide(
    model: str | Path,
    data: LabelledData,
    options: TuningOptions,
    *,
    validation: LabelledData | None,
    device: str,
    validate_every: int | None = None,
) -> Decided:
    """Look at the data and the machine, and decide; raises what :func:`.fine_tune` says."""
    from napari_cutout.train.data import LabelledData

    where = resolve_device(device)
    notes: list[str] = []
    if validation is None:
        learned, validation = data.split(options.validation_share, options.seed)
    else:
        learned = data
    summary = learned.summary()
    if summary.objects < FEWEST_OBJECTS and len(validation) and learned is not data:
        learned, validation = data, LabelledData()
        summary = learned.summary()
    if summary.objects < FEWEST_OBJECTS:
        raise TuningError(
            f"{summary.objects} labelled objects in {summary.frames} frames are too few to learn "
            f"from; label at least {FEWEST_OBJECTS}, better 50 or more in several frames"
        )
    judged = validation.summary()
    if not judged.frames:
        notes.append(
            "There are no frames to judge on, so the last weights are kept, not the best; give "
            "labels of a second image to see whether it helps."
        )
    if summary.objects < 20:
        notes.append(f"{summary.objects} objects are few: expect little.")
    parent = open_parent(model, where)
    what, reason = _what(parent.model, where, summary, options)
    much = amounts(parent.model.info.family, what, where.type, summary, options, validate_every)
    if much.frames < summary.frames:
        notes.append(f"{much.frames} of {summary.frames} frames are used, chosen by the seed.")
    return Decided(
        parent, where, what, reason, learned, validation, summary, judged, much, tuple(notes)
    )


def _what(
    model: Model, device: torch.device, data: DataSummary, options: TuningOptions
) -> tuple[str, str]:
    """What learns, and a sentence that says why."""
    if options.what != "auto":
        return options.what, f"{_NAMES[options.what]}, as was asked for."
    if device.type == "cpu":
        return "decoder", f"{_NAMES['decoder']}: on a CPU that takes minutes."
    if model.info.family == "compact":
        if data.objects < _FOR_ALL_COMPACT:
            return "decoder", f"{_NAMES['decoder']}: {data.objects} objects are few for more."
        return "all", f"{_NAMES['all']}: {data.objects} objects suffice, and the model is small."
    memory = _memory(device)
    for_low_rank, for_all = _GIGABYTES.get(model.info.architecture, _GIGABYTES_OTHERS)
    if data.objects < _FOR_LOW_RANK:
        return "decoder", f"{_NAMES['decoder']}: {data.objects} objects are few for more."
    if memory < for_low_rank * 1e9:
        return "decoder", (
            f"{_NAMES['decoder']}: for more, the {memory / 1e9:.0f} GB of {device} are too little."
        )
    if data.objects < _FOR_ALL or memory < for_all * 1e9:
        return "lora", f"{_NAMES['lora']}: {data.objects} objects on {device}."
    return "all", f"{_NAMES['all']}: {data.objects} objects suffice, and {device} has the memory."


_NAMES = {
    "decoder": "The mask decoder learns, on embeddings that are made once",
    "lora": "The mask decoder learns, and the encoder's attention by low-rank changes",
    "all": "All weights learn",
}


def _memory(device: torch.device) -> float:
    """Bytes of a device; what the machine has where it shares that."""
    if device.type == "cuda":
        return float(torch.cuda.get_device_properties(device).total_memory)
    import os

    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
