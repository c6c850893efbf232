"""What a person may decide about fine-tuning; everything has a default. Values, checked."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from napari_cutout.train.errors import TuningError

What = Literal["auto", "decoder", "lora", "all"]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class TuningOptions:
    """How a model is fine-tuned.

    Parameters
    ----------
    what
        ``"decoder"``: the mask decoder, on embeddings that are made once; minutes on a CPU.
        ``"lora"``: the decoder, and low-rank changes of the attention in the image encoder.
        ``"all"``: every weight. ``"auto"`` chooses by hardware, model and data, and says why.
    steps
        Optimiser steps; None for as many as suit the data.
    minutes
        Stop after so long, at the best so far; None for no limit.
    learning_rate
        The highest, after the warm-up; None for what suits ``what``.
    objects_per_step
        Objects that one optimiser step learns from.
    accumulate
        Passes that a step is divided into, each with a view of its own: more need less memory.
    rank
        Of the changes of ``"lora"``.
    patience
        Validations without a better result after which it stops; 0 for never.
    validation_share
        Of the sources, kept for validation where none is given; 0 for none.
    augment
        Whether frames are also seen turned, scaled and with other intensities.
    remember
        How much weight is given to answering as before on the images in the package, which keeps
        what the model knew; 0 for none.
    blend
        Share of what was learned that is kept: 1 is all of it, and weights between what they were
        and what they became forget less of what the model knew.
    seed
        Of all that is left to chance: the same seed on the same machine gives the same weights.
    precision
        ``"auto"``, ``"float32"``, or ``"bfloat16"`` for the large products, where weights and
        sums stay in float32.

    Raises
    ------
    TuningError
        If a value means nothing.
    """

    what: What = "auto"
    steps: int | None = None
    minutes: float | None = None
    learning_rate: float | None = None
    objects_per_step: int = 16
    accumulate: int = 4
    rank: int = 8
    patience: int = 6
    validation_share: float = 0.125
    augment: bool = True
    remember: float = 1.0
    blend: float = 0.65
    seed: int = 0
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        for name, kind in (("what", What), ("precision", Precision)):
            known = get_args(kind)
            if getattr(self, name) not in known:
                raise TuningError(f"{name} is one of {known}, not {getattr(self, name)!r}")
        for name in ("steps", "minutes", "learning_rate"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise TuningError(f"{name} is more than 0, or None to have it chosen, not {value}")
        for name in ("objects_per_step", "accumulate", "rank"):
            if getattr(self, name) < 1:
                raise TuningError(f"{name} is 1 or more, not {getattr(self, name)}")
        if self.patience < 0 or self.remember < 0 or self.seed < 0:
            raise TuningError("patience, remember and seed are 0 or more")
        if not 0 < self.blend <= 1:
            raise TuningError(f"blend is a share, more than 0 and at most 1, not {self.blend}")
        if not 0 <= self.validation_share < 1:
            raise TuningError(
                f"validation_share is a share of the data, from 0 to less than 1, not "
                f"{self.validation_share}"
            )

    @property
    def objects_per_pass(self) -> int:
        """Objects of one view that are asked for in one pass."""
        return -(-self.objects_per_step // self.accumulate)

    def to_json(self) -> str:
        """The options as one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> TuningOptions:
        """Read what :meth:`to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(**values)
