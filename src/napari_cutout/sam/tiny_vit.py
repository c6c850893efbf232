"""MobileSAM's image encoder: TinyViT with SAM's neck.

After "TinyViT" (Wu et al. 2022) and "Faster Segment Anything" (Zhang et al. 2023). Tokens stay on
their grid, ``(B, h, w, C)``, from the image to the neck, which is channels-last to convolutions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cutout.sam.layers import neck, normalise
from napari_cutout.sam.onednn import PackedLinear, convolve_gelu

if TYPE_CHECKING:
    from napari_cutout.sam.config import TinyVitConfig


class ConvNorm(nn.Module):
    """A convolution without bias and its BatchNorm, ``(B, h, w, in)`` to ``(B, h', w', out)``.

    The norm is a part of the weights when it computes; its statistics are never updated.
    """

    def __init__(
        self, in_dim: int, out_dim: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.c = nn.Conv2d(
            in_dim, out_dim, kernel, stride, padding=kernel // 2, groups=groups, bias=False
        )
        self.bn = nn.BatchNorm2d(out_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve and normalise."""
        maps, conv = x.permute(0, 3, 1, 2), self.c
        convolved = F.conv2d(maps, *self.folded(), conv.stride, conv.padding, groups=conv.groups)
        return convolved.permute(0, 2, 3, 1)

    def gelu(self, x: Tensor) -> Tensor:
        """Convolve, normalise and take the GELU."""
        weight, bias = self.folded()
        conv = self.c
        if conv.kernel_size == (1, 1):
            return PackedLinear(weight, bias).gelu(x)
        maps = x.permute(0, 3, 1, 2)
        return convolve_gelu(maps, weight, bias, conv.stride[0], conv.groups).permute(0, 2, 3, 1)

    def folded(self) -> tuple[Tensor, Tensor]:
        """The weight and bias of both in one, in the convolution's precision."""
        norm, weight = self.bn, self.c.weight
        mean, variance = norm.running_mean, norm.running_var
        assert mean is not None
        assert variance is not None
        scale = norm.weight.float() * (variance.float() + norm.eps).rsqrt()
        bias = norm.bias.float() - mean.float() * scale
        return (weight * scale.view(-1, 1, 1, 1)).to(weight.dtype), bias.to(weight.dtype)


class PatchEmbed(nn.Module):
    """Two strided convolutions, ``(B, S, S, 3)`` to ``(B, S/4, S/4, C)``."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.seq = nn.Sequential(
            ConvNorm(3, embed_dim // 2, 3, stride=2),
            nn.GELU(),
            ConvNorm(embed_dim // 2, embed_dim, 3, stride=2),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Map images to the first stage's features."""
        first, _, second = self.seq
        assert isinstance(first, ConvNorm)
        out: Tensor = second(first.gelu(image))
        return out


class InvertedBottleneck(nn.Module):
    """Expand, depthwise convolution, project: the way between the three is the same for both uses.

    With ``stride`` 0 it is a residual block of the convolutional stage (MBConv); otherwise it
    merges patches between stages, with no residual and no expansion.
    """

    def __init__(self, in_dim: int, hidden_dim: int, out_dim: int, stride: int) -> None:
        super().__init__()
        self.residual = stride == 0
        self.conv1 = ConvNorm(in_dim, hidden_dim)
        self.conv2 = ConvNorm(hidden_dim, hidden_dim, 3, max(stride, 1), groups=hidden_dim)
        self.conv3 = ConvNorm(hidden_dim, out_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, h, w, in)`` to ``(B, h/stride, w/stride, out)``."""
        hidden = self.conv2.gelu(self.conv1.gelu(x))
        project = PackedLinear(*self.conv3.folded())
        return F.gelu(project(hidden, plus=x)) if self.residual else project(hidden)


class Attention(nn.Module):
    """Multi-head attention in a window, with a bias for each |row| and |column| offset."""

    def __init__(self, dim: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.window = window
        self.norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.attention_biases = nn.Parameter(torch.zeros(heads, window**2))

    def forward(self, x: Tensor) -> Tensor:
        """Attend within windows ``(N, window**2, C)``."""
        n, length, dim = x.shape
        # Interleaved by head, (heads, 3, c), where SAM's own encoder has (3, heads, c).
        qkv = PackedLinear(self.qkv.weight, self.qkv.bias)(normalise(self.norm, x))
        q, k, v = qkv.view(n, length, self.heads, -1).transpose(1, 2).chunk(3, dim=-1)
        # Gathered at every use: a copy made at construction or eval() outlives the loading of
        # weights, which is how MobileSAM's users came to run with zeros.
        bias = self.attention_biases[:, offset_index(self.window, x.device)]
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=bias[None])
        merged = attended.transpose(1, 2).reshape(n, length, dim)
        return PackedLinear(self.proj.weight, self.proj.bias)(merged)


def offset_index(window: int, device: torch.device | None = None) -> Tensor:
    """Index the offset between any two tokens of a window, ``(window**2, window**2)``.

    Offsets are absolute: ``|row offset| * window + |column offset|``.
    """
    token = torch.arange(window**2, device=device)
    row, col = token // window, token % window
    return (row[:, None] - row).abs() * window + (col[:, None] - col).abs()


class Mlp(nn.Module):
    """LayerNorm, two linear layers with GELU, and the residual, ``(..., C)`` to the same."""

    def __init__(self, dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, hidden_dim)
        self.fc2 = nn.Linear(hidden_dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(..., C)`` to ``(..., C)``."""
        widen, narrow = (PackedLinear(fc.weight, fc.bias) for fc in (self.fc1, self.fc2))
        return narrow(widen.gelu(normalise(self.norm, x)), plus=x)


class AttentionBlock(nn.Module):
    """Windowed attention, a depthwise convolution, and an MLP, ``(B, h, w, C)`` to the same."""

    def __init__(self, dim: int, heads: int, window: int, hidden_dim: int) -> None:
        super().__init__()
        self.attn = Attention(dim, heads, window)
        self.mlp = Mlp(dim, hidden_dim)
        self.local_conv = ConvNorm(dim, dim, 3, groups=dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, h, w, C)`` to the same."""
        out: Tensor = self.mlp(self.local_conv(x + self._attend(x)))
        return out

    def _attend(self, x: Tensor) -> Tensor:
        """Attend in windows; the zero padding comes before the norm, unlike in SAM's encoder."""
        b, rows, cols, c = x.shape
        w = self.attn.window
        padded = F.pad(x, (0, 0, 0, -cols % w, 0, -rows % w))
        down, across = padded.shape[1] // w, padded.shape[2] // w
        windows = padded.view(b, down, w, across, w, c).transpose(2, 3)
        attended: Tensor = self.attn(windows.reshape(-1, w * w, c))
        attended = attended.view(b, down, across, w, w, c).transpose(2, 3)
        return attended.reshape(padded.shape)[:, :rows, :cols]


class Stage(nn.Module):
    """Blocks at one resolution, then the merging to the next one where there is one."""

    def __init__(self, config: TinyVitConfig, index: int) -> None:
        super().__init__()
        dim = config.embed_dims[index]
        self.blocks = nn.ModuleList(
            AttentionBlock(dim, config.heads[index], config.windows[index], config.mlp_ratio * dim)
            if index
            else InvertedBottleneck(dim, config.expand * dim, dim, stride=0)
            for _ in range(config.depths[index])
        )
        self.downsample: nn.Module | None = None
        if index < len(config.strides):
            out_dim, stride = config.embed_dims[index + 1], config.strides[index]
            self.downsample = InvertedBottleneck(dim, out_dim, out_dim, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, h, w, C)`` to the next stage's channels and resolution."""
        for block in self.blocks:
            x = block(x)
        return x if self.downsample is None else self.downsample(x)


class TinyViT(nn.Module):
    """MobileSAM's image encoder, ``(B, 3, S, S)`` to ``(B, out_channels, g, g)``.

    Parameters
    ----------
    config
        Its sizes. ``S`` is ``config.input_size`` and ``g`` is ``config.grid``.
    """

    def __init__(self, config: TinyVitConfig) -> None:
        super().__init__()
        last = config.embed_dims[-1]
        self.patch_embed = PatchEmbed(config.embed_dims[0])
        self.layers = nn.ModuleList(Stage(config, index) for index in range(len(config.depths)))
        # The ImageNet classifier is never used, but a file written without it can't be read
        # by MobileSAM's own code.
        if config.classes:
            self.norm_head = nn.LayerNorm(last)
            self.head = nn.Linear(last, config.classes)
        self.neck = neck(last, config.out_channels)

    def forward(self, image: Tensor) -> Tensor:
        """Embed normalised, padded images ``(B, 3, S, S)`` as ``(B, out_channels, g, g)``."""
        x = self.patch_embed(image.permute(0, 2, 3, 1).contiguous())
        for layer in self.layers:
            x = layer(x)
        out: Tensor = self.neck(x.permute(0, 3, 1, 2))
        return out
