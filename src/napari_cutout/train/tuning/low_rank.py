"""Low-rank changes of weights: little that learns, and plain weights in the end.

After "LoRA: Low-Rank Adaptation of Large Language Models" (Hu et al., 2021). A layer's weight
becomes the sum of what it was, which stays, and a product of two thin matrices; whoever reads
``layer.weight`` gets the sum, so that a network needs to know nothing of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTENTION = ("qkv", "proj")


class LowRank(nn.Module):
    """``weight + up @ down``; nothing is added at first.

    Parameters
    ----------
    weight
        ``(out, in)``, for its shape and place.
    rank
        Inner size of the product.
    generator
        Where the first values of ``down`` come from.
    """

    def __init__(self, weight: Tensor, rank: int, generator: torch.Generator) -> None:
        super().__init__()
        outside, inside = weight.shape
        down = torch.randn((rank, inside), generator=generator) / math.sqrt(inside)
        self.down = nn.Parameter(down.to(weight.device))
        self.up = nn.Parameter(torch.zeros((outside, rank), device=weight.device))

    def forward(self, weight: Tensor) -> Tensor:
        """The sum."""
        return weight + self.up @ self.down


def change_attention(encoder: nn.Module, rank: int, seed: int) -> list[nn.Parameter]:
    """Let the attention of an image encoder change by little.

    Parameters
    ----------
    encoder
        Any of them: their projections to queries, keys and values and back are called alike.
    rank
        Of the changes.
    seed
        Of their first values.

    Returns
    -------
    list
        The parameters that learn; the layers' own are frozen.
    """
    generator = torch.Generator().manual_seed(seed)
    found: list[nn.Parameter] = []
    for layer in list(_attention_layers(encoder)):
        change = LowRank(layer.weight, min(rank, *layer.weight.shape), generator)
        parametrize.register_parametrization(layer, "weight", change)
        found += [change.down, change.up]
    return found


def plain_state(module: nn.Module) -> dict[str, Tensor]:
    """The state dict with all changes merged into the weights, names as without them."""
    state = {name: value.detach() for name, value in module.state_dict().items()}
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Linear) and parametrize.is_parametrized(layer, "weight"):
            own = f"{name}.parametrizations."
            state = {key: value for key, value in state.items() if not key.startswith(own)}
            state[f"{name}.weight"] = layer.weight.detach()
    return state


def _attention_layers(encoder: nn.Module) -> Iterator[nn.Linear]:
    for name, layer in encoder.named_modules():
        if isinstance(layer, nn.Linear) and name.rpartition(".")[2] in _ATTENTION:
            yield layer
