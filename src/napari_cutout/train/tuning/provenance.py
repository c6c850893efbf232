"""Where the weights of a file are from, as they are told in it; and what makes a run the same."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout import __version__
from napari_cutout.train.tuning.parts import learning_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.train.tuning.options import TuningOptions
    from napari_cutout.train.tuning.planning import Decided
    from napari_cutout.train.tuning.standing import Standing


@dataclass(frozen=True)
class Provenance:
    """Where the weights of a file are from; each a value that JSON has.

    Parameters
    ----------
    parent
        Name and sha256 of what it began with.
    recipe
        The options, and what was chosen where they left it open.
    data, validation
        Summaries of the frames; the latter None where there were none.
    metrics
        ``before`` and ``after``, mean IoU after one click on the validation frames; ``step``, and
        the ``curve``.
    """

    parent: Mapping[str, Any]
    recipe: Mapping[str, Any]
    data: Mapping[str, Any]
    validation: Mapping[str, Any] | None
    metrics: Mapping[str, Any]

    def remarks(self) -> dict[str, str]:
        """As a safetensors file's metadata: JSON by name."""
        told = {name: json.dumps(value, sort_keys=True) for name, value in vars(self).items()}
        return {**told, "written_by": f"napari-cutout {__version__}"}


def provenance(
    decided: Decided, options: TuningOptions, standing: Standing, step: int, after: float | None
) -> Provenance:
    """Of the weights of a step, that reached ``after``."""
    judged = decided.validation_summary
    recipe = {
        **json.loads(options.to_json()),
        "what": decided.what,
        "learning_rate": learning_rate(decided.parent.model, decided.what, options),
        **asdict(decided.amounts),
    }
    metrics = {"before": standing.before, "after": after, "step": step, "curve": standing.curve}
    return Provenance(
        parent={"name": decided.parent.name, "sha256": decided.parent.sha256},
        recipe=recipe,
        data=decided.summary.to_json(),
        validation=judged.to_json() if judged.frames else None,
        metrics=metrics,
    )


def identity(decided: Decided, options: TuningOptions) -> dict[str, str]:
    """What has to be the same for a run to go on where another stopped."""
    return {
        "model": decided.parent.sha256,
        "data": decided.summary.sha256,
        "validation": decided.validation_summary.sha256,
        "options": options.to_json(),
        "amount": repr(decided.amounts),
        "device": decided.device.type,
    }
