"""The compact decoder's tokens: where they are, and how they and the image attend to each other.

``P`` prompts of ``T`` tokens, ``C`` channels, ``L`` cells of the embedding at stride 16.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from napari_cutout.sam.layers import normalise
from napari_cutout.sam.two_way_attention import Attention, ImageToTokens, TokensToImage


class PositionalEncoding(nn.Module):
    """Random Fourier features of a position, as in SAM (Tancik et al., 2020)."""

    frequencies: Tensor

    def __init__(self, channels: int, scale: float = 512.0) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("frequencies", torch.randn(2, channels // 2))

    def forward(self, positions: Tensor) -> Tensor:
        """Positions ``(..., 2)`` in input pixels to ``(..., C)``, in float32."""
        angles = (positions.float() / self.scale) @ self.frequencies.float() * (2 * math.pi)
        return torch.cat([angles.sin(), angles.cos()], dim=-1)


class TwoWayLayer(nn.Module):
    """Tokens attend to each other and to the image, then the image attends to the tokens."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.self_attention = Attention(channels, channels, heads)
        self.to_image = TokensToImage(channels, channels // 2, heads)
        self.to_tokens = ImageToTokens(channels, channels // 2, heads)
        self.mlp = nn.Sequential(
            nn.Linear(channels, 4 * channels), nn.ReLU(), nn.Linear(4 * channels, channels)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(4))

    def forward(
        self,
        tokens: Tensor,
        image: Tensor,
        token_pe: Tensor,
        image_pe: Tensor,
        there: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Tokens ``(P, T, C)`` and image ``(P, L, C)`` to the same.

        ``there``, ``(P, T)`` bool, says which tokens there are; None means all.
        """
        placed = tokens + token_pe
        tokens = self.norms[0](tokens + self.self_attention(placed, placed, tokens, there))
        tokens = self.norms[1](tokens + self.to_image(tokens + token_pe, image, image_pe))
        tokens = self.norms[2](tokens + self.mlp(tokens))
        image = self.to_tokens(image, image_pe, tokens + token_pe, tokens, there)
        last = self.norms[3]
        assert isinstance(last, nn.LayerNorm)
        return tokens, normalise(last, image)
