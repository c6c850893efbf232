"""Which weights learn, and how fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.sam.sam import Sam
from napari_cutout.train.tuning.low_rank import change_attention
from napari_cutout.train.tuning.parent import Model, network

if TYPE_CHECKING:
    from torch import nn

    from napari_cutout.train.tuning.options import TuningOptions

_RATES = {
    ("compact", "decoder"): 3e-4,
    ("compact", "lora"): 3e-4,
    ("compact", "all"): 2e-4,
    ("sam", "decoder"): 1e-4,
    ("sam", "lora"): 1e-4,
    ("sam", "all"): 2e-5,
}


def let_learn(model: Model, what: str, options: TuningOptions) -> dict[str, nn.Parameter]:
    """Make the weights that are to learn ask for gradients; the others stay frozen.

    Parameters
    ----------
    model
        Frozen.
    what
        ``"decoder"``, ``"lora"`` or ``"all"``.
    options
        For the rank and the seed of low-rank changes.

    Returns
    -------
    dict
        The parameters that learn, by their names in :func:`.network`.
    """
    whole, decoder, encoder = network(model), mask_decoder(model), image_encoder(model)
    whole.requires_grad_(False)
    if what == "all":
        whole.requires_grad_(True)
    else:
        decoder.requires_grad_(True)
    if what == "lora":
        change_attention(encoder, options.rank, options.seed)
        if not isinstance(model, Sam):
            model.network.dense_merge.requires_grad_(True)
            model.network.dense_out.requires_grad_(True)
    return {name: p for name, p in whole.named_parameters() if p.requires_grad}


def mask_decoder(model: Model) -> nn.Module:
    """What decodes prompts."""
    return model.mask_decoder if isinstance(model, Sam) else model.network.decoder


def image_encoder(model: Model) -> nn.Module:
    """What encodes images."""
    return model.image_encoder if isinstance(model, Sam) else model.network.encoder


def learning_rate(model: Model, what: str, options: TuningOptions) -> float:
    """As it was asked for, or what suits the model and what learns."""
    return options.learning_rate or _RATES[model.info.family, what]


def learns_to_encode(what: str) -> bool:
    """Whether embeddings change, so that they can't be kept."""
    return what != "decoder"
