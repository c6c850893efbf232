"""SAM's image encoder: a plain vision transformer with windowed and global attention.

After "Segment Anything" (Kirillov et al. 2023, appendix A) and "Exploring plain vision
transformer backbones for object detection" (Li et al. 2022). Tokens stay on their grid,
``(B, rows, cols, C)``, from the patches to the neck. Preparing pixels is in ``preprocess``, how
tokens attend to each other in ``grid_attention``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from napari_cutout.sam.grid_attention import attend, relative_table
from napari_cutout.sam.layers import neck, normalise
from napari_cutout.sam.onednn import ROWS_AT_ONCE, PackedLinear

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_cutout.sam.config import VitConfig


class PatchEmbed(nn.Module):
    """Cut the image into patches and project each, ``(B, 3, S, S)`` to ``(B, g, g, C)``."""

    def __init__(self, patch: int, embed_dim: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, embed_dim, patch, stride=patch)

    def forward(self, image: Tensor) -> Tensor:
        """Tokens ``(B, g, g, C)`` of images ``(B, 3, S, S)``."""
        # A convolution whose stride is its size is a product with each patch.
        patch = self.proj.stride[0]
        patches = image.unfold(2, patch, patch).unfold(3, patch, patch)
        project = PackedLinear(self.proj.weight, self.proj.bias)
        return project(patches.permute(0, 2, 3, 1, 4, 5).flatten(3))


class Attention(nn.Module):
    """Multi-head self-attention over a grid or in windows of it, between its two projections.

    Parameters
    ----------
    config
        Channels and heads, and the grid's side.
    window
        Side of a window; 0 for attention over the whole grid.
    """

    def __init__(self, config: VitConfig, window: int) -> None:
        super().__init__()
        self.heads = config.heads
        self.window = window
        inner, side = config.heads * config.head_dim, window or config.grid
        self.qkv = nn.Linear(config.embed_dim, 3 * inner)
        self.proj = nn.Linear(inner, config.embed_dim)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, config.head_dim))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, config.head_dim))

    def forward(self, bands: Iterable[Tensor]) -> Iterator[Tensor]:
        """What tokens see, ``(B, band, cols, H * c)``, a band of the grid's rows after the other.

        A band is ``(B, band, cols, 3 * H * c)``: queries, keys and values. It is a row of windows
        where attention is in windows, and asked for when it is used.
        """
        table = relative_table(self.rel_pos_h, self.rel_pos_w)
        if self.window:
            for band in bands:
                windows = cut_windows(band, self.window, self.qkv.bias)
                q, k, v = self._split(windows)
                seen = attend(q, k, v, table, self.window)
                yield join_windows(self._merge(seen, windows.shape), band.shape)
        else:
            held = list(bands)
            queries, keys, values = zip(*map(self._split, held), strict=True)
            k, v, top = torch.cat(keys, 1), torch.cat(values, 1), 0
            for band, q in zip(held, queries, strict=True):
                yield self._merge(attend(q, k, v, table, band.shape[2], top), band.shape)
                top += band.shape[1]

    def _split(self, qkv: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values, ``(B * H, L, c)`` each, of ``(B, rows, cols, 3 * H * c)``."""
        split = torch.unflatten(qkv.flatten(1, 2), 2, (3, self.heads, -1))
        return tuple(part.flatten(0, 1).contiguous() for part in split.permute(2, 0, 3, 1, 4))

    def _merge(self, seen: Tensor, shape: Sequence[int]) -> Tensor:
        """``(B * H, L, c)`` as ``(B, rows, cols, H * c)``."""
        merged = torch.unflatten(seen, 0, (-1, self.heads)).transpose(1, 2)
        return merged.reshape(*shape[:3], -1)


def cut_windows(band: Tensor, window: int, border: Tensor) -> Tensor:
    """Cut a row of windows, ``(B, rows, cols, C)``, as ``(B * across, window, window, C)``.

    What is missing to whole windows has the values ``(C,)`` of the border. The reference pads
    with zeros after the norm, so padded tokens have the qkv bias, and are attended to.
    """
    b, rows, cols, c = band.shape
    across = -(-cols // window)
    if (rows, cols) != (window, across * window):
        padded = border.to(band.dtype).expand(b, window, across * window, c).clone()
        padded[:, :rows, :cols] = band
        band = padded
    return torch.unflatten(band, 2, (across, window)).transpose(1, 2).flatten(0, 1)


def join_windows(windows: Tensor, shape: Sequence[int]) -> Tensor:
    """Join ``(B * across, window, window, C)`` to ``(B, rows, cols, C)``; see the opposite."""
    b, rows, cols, _ = shape
    joined = torch.unflatten(windows, 0, (b, -1)).transpose(1, 2).flatten(2, 3)
    return joined[:, :rows, :cols]


class MLPBlock(nn.Module):
    """The weights of a block's MLP; the block computes it."""

    def __init__(self, embed_dim: int, mlp_dim: int) -> None:
        super().__init__()
        self.lin1 = nn.Linear(embed_dim, mlp_dim)
        self.lin2 = nn.Linear(mlp_dim, embed_dim)


class Block(nn.Module):
    """One transformer block; ``window`` 0 means attention over the whole grid."""

    def __init__(self, config: VitConfig, window: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.embed_dim, eps=1e-6)
        self.attn = Attention(config, window)
        self.norm2 = nn.LayerNorm(config.embed_dim, eps=1e-6)
        self.mlp = MLPBlock(config.embed_dim, config.mlp_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens ``(B, g, g, C)`` to the same, a band of rows at a time."""
        attn, mlp = self.attn, self.mlp
        qkv, project, widen, narrow = (
            PackedLinear(layer.weight, layer.bias)
            for layer in (attn.qkv, attn.proj, mlp.lin1, mlp.lin2)
        )
        bands = torch.split(x, attn.window or max(1, ROWS_AT_ONCE // x.shape[2]), dim=1)
        views = attn(qkv(normalise(self.norm1, band)) for band in bands)
        done = []
        for band, seen in zip(bands, views, strict=True):
            attended = project(seen, plus=band)
            done.append(narrow(widen.gelu(normalise(self.norm2, attended)), plus=attended))
        return torch.cat(done, dim=1)


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
