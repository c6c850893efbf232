"""SAM's image encoder: a plain vision transformer with windowed and global attention.

After "Segment Anything" (Kirillov et al. 2023, appendix A) and "Exploring plain vision
transformer backbones for object detection" (Li et al. 2022). Tokens stay on their grid,
``(B, rows, cols, C)``, from the patches to the neck. Preparing pixels is in ``preprocess``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cutout.sam.layers import neck

if TYPE_CHECKING:
    from napari_cutout.sam.config import VitConfig

# Scores that are held at once: 8 MB in float32, so that softmax finds them in the cache. It also
# bounds the memory: one global block of ViT-B has 200 million scores and as many bias terms.
_SCORES_AT_ONCE = 2**21


class PatchEmbed(nn.Module):
    """Cut the image into patches and project each, ``(B, 3, S, S)`` to ``(B, g, g, C)``."""

    def __init__(self, patch: int, embed_dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, embed_dim, patch, stride=patch)

    def forward(self, image: Tensor) -> Tensor:
        """Tokens ``(B, g, g, C)`` of images ``(B, 3, S, S)``."""
        tokens: Tensor = self.proj(image)
        return tokens.permute(0, 2, 3, 1)


class Attention(nn.Module):
    """Multi-head self-attention over a grid, with decomposed relative positions.

    Parameters
    ----------
    embed_dim, heads, head_dim
        Channels, heads, and channels of a head.
    side
        Side of the grids that it will see: a window, or the whole token grid.
    """

    def __init__(self, embed_dim: int, heads: int, head_dim: int, side: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(embed_dim, 3 * heads * head_dim)
        self.proj = nn.Linear(heads * head_dim, embed_dim)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, head_dim))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, head_dim))

    def forward(self, x: Tensor) -> Tensor:
        """Attend within each of ``(N, side, side, C)`` grids."""
        n, rows, cols, _ = x.shape
        qkv = self.qkv(x).view(n, rows * cols, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.flatten(1, 2).unbind()
        grid_q = q.view(-1, rows, cols, q.shape[-1])
        # Unlike the scores themselves, these use the unscaled queries.
        rel_h = torch.einsum("nhwc,hkc->nhwk", grid_q, relative_table(self.rel_pos_h, rows))
        rel_w = torch.einsum("nhwc,wkc->nhwk", grid_q, relative_table(self.rel_pos_w, cols))
        attended = attend(q, k, v, rel_h.contiguous(), rel_w.contiguous())
        attended = attended.view(n, self.heads, rows, cols, -1).permute(0, 2, 3, 1, 4)
        out: Tensor = self.proj(attended.flatten(3))
        return out


def relative_table(table: Tensor, side: int) -> Tensor:
    """Embeddings of every offset between two of ``side`` positions, ``(side, side, C)``.

    ``table`` is ``(2 * side - 1, C)``, from the offset ``-(side - 1)`` to ``side - 1``.
    """
    position = torch.arange(side, device=table.device)
    return table[position[:, None] - position[None, :] + side - 1]


def attend(q: Tensor, k: Tensor, v: Tensor, rel_h: Tensor, rel_w: Tensor) -> Tensor:
    """Softmax attention with decomposed relative positions, a bounded block at a time.

    Parameters
    ----------
    q, k, v
        ``(N, L, c)``, ``L = rows * cols``.
    rel_h, rel_w
        ``(N, rows, cols, rows)`` and ``(N, rows, cols, cols)``: what each query adds to its
        scores for a key's row, and for a key's column. Their sum over all keys, ``(N, L, L)``,
        is never made whole.

    Returns
    -------
    Tensor
        ``(N, L, c)``.
    """
    n, rows, cols, _ = rel_h.shape
    length = rows * cols
    scale = q.shape[-1] ** -0.5
    keys = k.transpose(1, 2)
    grids = max(1, _SCORES_AT_ONCE // length**2)
    query_rows = min(rows, max(1, _SCORES_AT_ONCE // (cols * length)))
    blocks = []
    for grid in range(0, n, grids):
        here = slice(grid, grid + grids)
        parts = []
        for row in range(0, rows, query_rows):
            band = slice(row, row + query_rows)
            queries = q[here, row * cols : (row + query_rows) * cols]
            bias = rel_h[here, band].unsqueeze(4) + rel_w[here, band].unsqueeze(3)
            bias = bias.view(-1, queries.shape[1], length)
            scores = torch.baddbmm(bias, queries, keys[here], alpha=scale)
            parts.append(scores.softmax(-1) @ v[here])
        blocks.append(torch.cat(parts, 1))
    return torch.cat(blocks)


class MLPBlock(nn.Module):
    """The block's MLP with exact GELU, ``(..., C)`` to the same."""

    def __init__(self, embed_dim: int, mlp_dim: int) -> None:
        super().__init__()
        self.lin1 = nn.Linear(embed_dim, mlp_dim)
        self.lin2 = nn.Linear(mlp_dim, embed_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(..., C)`` to ``(..., C)``."""
        out: Tensor = self.lin2(F.gelu(self.lin1(x)))
        return out


class Block(nn.Module):
    """One transformer block; ``window`` 0 means attention over the whole grid."""

    def __init__(self, config: VitConfig, window: int) -> None:
        super().__init__()
        self.window = window
        side = window or config.grid
        self.norm1 = nn.LayerNorm(config.embed_dim, eps=1e-6)
        self.attn = Attention(config.embed_dim, config.heads, config.head_dim, side)
        self.norm2 = nn.LayerNorm(config.embed_dim, eps=1e-6)
        self.mlp = MLPBlock(config.embed_dim, config.mlp_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens ``(B, g, g, C)`` to the same."""
        normed = self.norm1(x)
        x = x + (windowed(self.attn, normed, self.window) if self.window else self.attn(normed))
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


def windowed(attention: nn.Module, x: Tensor, window: int) -> Tensor:
    """Attend in each window of ``(B, rows, cols, C)``, padded with zeros to whole windows.

    The padding comes after the norm, as in the reference: padded tokens have the qkv bias for
    key and value and are attended to.
    """
    b, rows, cols, c = x.shape
    padded = F.pad(x, (0, 0, 0, -cols % window, 0, -rows % window))
    down, across = padded.shape[1] // window, padded.shape[2] // window
    grids = padded.view(b, down, window, across, window, c).transpose(2, 3)
    attended: Tensor = attention(grids.reshape(-1, window, window, c))
    attended = attended.view(b, down, across, window, window, c).transpose(2, 3)
    return attended.reshape(padded.shape)[:, :rows, :cols]


class ImageEncoderViT(nn.Module):
    """SAM's image encoder, ``(B, 3, S, S)`` to ``(B, out_channels, g, g)``.

    Parameters
    ----------
    config
        Its sizes. ``S`` is ``config.input_size`` and ``g`` is ``config.grid``.
    """

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        grid = config.grid
        self.patch_embed = PatchEmbed(config.patch, config.embed_dim)
        self.pos_embed = nn.Parameter(torch.zeros(1, grid, grid, config.embed_dim))
        self.blocks = nn.ModuleList(
            Block(config, 0 if index in config.global_blocks else config.window)
            for index in range(config.depth)
        )
        self.neck = neck(config.embed_dim, config.out_channels)

    def forward(self, image: Tensor) -> Tensor:
        """Embed normalised, padded images ``(B, 3, S, S)`` as ``(B, out_channels, g, g)``."""
        x = self.patch_embed(image) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.neck(x.permute(0, 3, 1, 2))
        return out
