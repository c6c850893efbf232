"""The two-way transformer of SAM's mask decoder: tokens and image attend to each other.

After "Segment Anything" (Kirillov et al. 2023, figure 14). ``T`` tokens, ``L`` image positions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from napari_cutout.sam.config import DecoderConfig


class Attention(nn.Module):
    """Multi-head attention whose inner channels may be fewer than its outer ones."""

    def __init__(self, dim: int, inner_dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(dim, inner_dim)
        self.k_proj = nn.Linear(dim, inner_dim)
        self.v_proj = nn.Linear(dim, inner_dim)
        self.out_proj = nn.Linear(inner_dim, dim)

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Let queries ``(P, n, C)`` attend to keys and values ``(P, m, C)``: ``(P, n, C)``."""
        attended = F.scaled_dot_product_attention(
            self._split(self.q_proj(q)), self._split(self.k_proj(k)), self._split(self.v_proj(v))
        )
        out: Tensor = self.out_proj(attended.transpose(1, 2).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        """``(P, n, C)`` as ``(P, heads, n, C / heads)``."""
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class MLPBlock(nn.Module):
    """Two linear layers with ReLU, ``(P, T, C)`` to the same."""

    def __init__(self, dim: int, mlp_dim: int) -> None:
        super().__init__()
        self.lin1 = nn.Linear(dim, mlp_dim)
        self.lin2 = nn.Linear(mlp_dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(P, T, C)`` to ``(P, T, C)``."""
        out: Tensor = self.lin2(F.relu(self.lin1(x)))
        return out


class TwoWayAttentionBlock(nn.Module):
    """Self-attention of the tokens, tokens to image, MLP, image to tokens.

    ``first`` leaves the tokens' own positions and the residual out of the self-attention, which
    is what the reference does in its first block. LayerNorm's eps is torch's 1e-5 here, and
    1e-6 everywhere else in SAM.
    """

    def __init__(self, config: DecoderConfig, first: bool) -> None:
        super().__init__()
        dim, cross, heads = config.dim, config.cross_dim, config.heads
        self.first = first
        self.self_attn = Attention(dim, dim, heads)
        self.norm1 = nn.LayerNorm(dim)
        self.cross_attn_token_to_image = Attention(dim, cross, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MLPBlock(dim, config.mlp_dim)
        self.norm3 = nn.LayerNorm(dim)
        self.norm4 = nn.LayerNorm(dim)
        self.cross_attn_image_to_token = Attention(dim, cross, heads)

    def forward(
        self, tokens: Tensor, image: Tensor, token_pe: Tensor, image_pe: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Update ``tokens (P, T, C)`` and ``image (P, L, C)``; the ``_pe`` are their positions."""
        if self.first:
            tokens = self.self_attn(tokens, tokens, tokens)
        else:
            q = tokens + token_pe
            tokens = tokens + self.self_attn(q, q, tokens)
        tokens = self.norm1(tokens)

        placed = image + image_pe
        tokens = self.norm2(
            tokens + self.cross_attn_token_to_image(tokens + token_pe, placed, image)
        )
        tokens = self.norm3(tokens + self.mlp(tokens))
        image = self.norm4(
            image + self.cross_attn_image_to_token(placed, tokens + token_pe, tokens)
        )
        return tokens, image


class TwoWayTransformer(nn.Module):
    """Decode tokens against an image.

    Parameters
    ----------
    config
        The decoder's sizes.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            TwoWayAttentionBlock(config, first=index == 0) for index in range(config.depth)
        )
        self.final_attn_token_to_image = Attention(config.dim, config.cross_dim, config.heads)
        self.norm_final_attn = nn.LayerNorm(config.dim)

    def forward(self, image: Tensor, image_pe: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Let tokens and image attend to each other.

        Parameters
        ----------
        image
            ``(P, L, C)``.
        image_pe
            ``(1, L, C)``, the positional encoding of the image.
        tokens
            ``(P, T, C)``; they also serve as their own positional encoding.

        Returns
        -------
        tokens : Tensor
            ``(P, T, C)``.
        image : Tensor
            ``(P, L, C)``.
        """
        token_pe = tokens
        for layer in self.layers:
            tokens, image = layer(tokens, image, token_pe, image_pe)
        attended = self.final_attn_token_to_image(tokens + token_pe, image + image_pe, image)
        return self.norm_final_attn(tokens + attended), image
