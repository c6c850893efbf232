"""The matrix products of SAM's image encoder, and how long they alone take: what limits it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F
from turns import timed

from napari_cutout.sam.onednn import PackedLinear

if TYPE_CHECKING:
    from napari_cutout.sam.config import VitConfig


def products(config: VitConfig) -> dict[tuple[int, int, int], int]:
    """How often an encoder multiplies ``(rows, in)`` by ``(in, out)``, by shape.

    Without the padding of windows; the neck counts with its 3 x 3 convolution as a product.
    """
    tokens, width, inner = config.grid**2, config.embed_dim, config.heads * config.head_dim
    wide, seen = len(config.global_blocks) * config.heads, config.window**2
    narrow = (config.depth - len(config.global_blocks)) * config.heads * tokens // seen
    c, out = config.head_dim, config.out_channels
    shapes = (
        ((tokens, 3 * config.patch**2, width), 1),
        ((tokens, width, 3 * inner), config.depth),
        ((tokens, inner, width), config.depth),
        ((tokens, width, config.mlp_dim), config.depth),
        ((tokens, config.mlp_dim, width), config.depth),
        ((tokens, c, tokens), wide),
        ((tokens, tokens, c), wide),
        ((seen, c, seen), narrow),
        ((seen, seen, c), narrow),
        ((tokens, width, out), 1),
        ((tokens, 9 * out, out), 1),
    )
    counts: dict[tuple[int, int, int], int] = {}
    for shape, count in shapes:
        # A small encoder may have two of the same shape.
        counts[shape] = counts.get(shape, 0) + count
    return counts


def seconds_of_products(config: VitConfig, dtype: torch.dtype) -> float:
    """Seconds of all products of an encoder, each at the best of torch's speeds."""
    spent = 0.0
    for (rows, width, out), count in products(config).items():
        x = torch.randn(rows, width).to(dtype)
        weight = torch.randn(out, width).to(dtype)
        ways = [partial(F.linear, x, weight), partial(PackedLinear(weight), x)]
        spent += count * min(timed(way) for way in ways for _ in range(3))
    return spent
