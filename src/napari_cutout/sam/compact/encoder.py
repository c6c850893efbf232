"""The compact model's image encoder: convolutions to stride 16, attention at 32, a path back to 2.

Shapes are for an input of ``(B, 3, H, W)`` with H and W multiples of 32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

from napari_cutout.sam import layers

if TYPE_CHECKING:
    from napari_cutout.sam.compact.config import CompactConfig


def conv3(inside: int, outside: int, stride: int = 1) -> nn.Conv2d:
    """A 3 x 3 convolution that keeps the size, or divides it by the stride."""
    return initialised(nn.Conv2d(inside, outside, 3, stride=stride, padding=1))


def conv1(inside: int, outside: int) -> nn.Conv2d:
    """A 1 x 1 convolution."""
    return initialised(nn.Conv2d(inside, outside, 1))


def initialised(layer: nn.Conv2d) -> nn.Conv2d:
    """With weights that keep the variance through a ReLU (He et al., 2015).

    PyTorch's own shrink it at every layer: the deep stages then never learned.
    """
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def norm(channels: int) -> nn.GroupNorm:
    """Normalisation that does not depend on what else is in the batch."""
    return nn.GroupNorm(max(1, channels // 16), channels)


def normalise(norm: nn.GroupNorm, x: Tensor) -> Tensor:
    """Normalise ``(B, C, h, w)`` of any precision by float32 parameters."""
    if x.device.type == "cpu":
        out: Tensor = norm(x)
        return out
    # Other devices' kernels want parameters of the values' precision.
    weight, bias = norm.weight.to(x.dtype), norm.bias.to(x.dtype)
    return F.group_norm(x, norm.num_groups, weight, bias, norm.eps)


class ResidualBlock(nn.Module):
    """``x + conv(relu(conv(relu(norm(x)))))``."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = norm(channels)
        self.conv1 = conv3(channels, channels)
        self.conv2 = conv3(channels, channels)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, h, w)`` to the same."""
        changed: Tensor = self.conv2(self.conv1(normalise(self.norm, x).relu_()).relu_())
        return x + changed


class AttentionBlock(nn.Module):
    """Global attention and an MLP; positions come from a depthwise convolution.

    A convolution says where things are relative to each other (Chu et al., Conditional
    positional encodings, 2021), so the block works at sizes that it was not trained at.
    """

    def __init__(self, channels: int, heads: int, mlp_ratio: int = 3) -> None:
        super().__init__()
        self.heads = heads
        self.position = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm1 = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(
            nn.Linear(channels, mlp_ratio * channels),
            nn.GELU(),
            nn.Linear(mlp_ratio * channels, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, h, w)`` to the same; cost is quadratic in ``h * w``."""
        batch, channels, height, width = x.shape
        x = x + self.position(x)
        tokens = x.flatten(2).transpose(1, 2)
        qkv = self.qkv(layers.normalise(self.norm1, tokens))
        qkv = qkv.view(batch, height * width, 3, self.heads, channels // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        tokens = tokens + self.proj(mixed.transpose(1, 2).flatten(2))
        tokens = tokens + self.mlp(layers.normalise(self.norm2, tokens))
        out: Tensor = tokens.transpose(1, 2).unflatten(2, (height, width))
        return out


class Stage(nn.Module):
    """Half the size, blocks, and a normalisation that both ways on can rely on."""

    def __init__(self, inside: int, outside: int, blocks: list[nn.Module]) -> None:
        super().__init__()
        self.down = conv3(inside, outside, stride=2)
        self.blocks = nn.Sequential(*blocks)
        self.norm = norm(outside)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, h, w)`` to ``(B, C', h / 2, w / 2)``, not negative."""
        return normalise(self.norm, self.blocks(self.down(x))).relu_()


class Merge(nn.Module):
    """A stage's features and what comes from the coarser one above, at the stage's size."""

    def __init__(self, lateral: int, above: int, outside: int) -> None:
        super().__init__()
        self.lateral = conv1(lateral, outside)
        self.above = conv1(above, outside)
        self.norm = norm(outside)
        self.smooth = conv3(outside, outside)

    def forward(self, lateral: Tensor, above: Tensor) -> Tensor:
        """``(B, C, h, w)`` and ``(B, C', h / 2, w / 2)`` to ``(B, C'', h, w)``."""
        merged = double(self.above(above)).add_(self.lateral(lateral))
        smoothed: Tensor = self.smooth(normalise(self.norm, merged).relu_())
        return smoothed


class ImageEncoder(nn.Module):
    """Pixels to the embedding at stride 16 and skip features at strides 8, 4 and 2."""

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        c = config
        self.stem = conv3(3, c.stride2, stride=2)
        self.stage4 = Stage(c.stride2, c.stride4, _convolutions(c.stride4, c.blocks4))
        self.stage8 = Stage(c.stride4, c.stride8, _convolutions(c.stride8, c.blocks8))
        self.stage16 = Stage(c.stride8, c.stride16, _convolutions(c.stride16, c.blocks16))
        attention: list[nn.Module] = [
            AttentionBlock(c.stride32, c.heads) for _ in range(c.blocks32)
        ]
        self.stage32 = Stage(c.stride16, c.stride32, attention)
        self.merge16 = Merge(c.stride16, c.stride32, c.embedding)
        self.merge8 = Merge(c.stride8, c.embedding, c.skip8)
        self.merge4 = Merge(c.stride4, c.skip8, c.skip4)
        self.merge2 = Merge(c.stride2, c.skip4, c.skip2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """``(B, 3, H, W)`` to ``image`` at stride 16, skip features, and the stem's."""
        x2 = self.stem(x).relu_()
        x4 = self.stage4(x2)
        x8 = self.stage8(x4)
        x16 = self.stage16(x8)
        image = self.merge16(x16, self.stage32(x16))
        skip8 = self.merge8(x8, image)
        skip4 = self.merge4(x4, F.relu(skip8))
        skip2 = self.merge2(x2, F.relu(skip4))
        return {"image": image, "skip8": skip8, "skip4": skip4, "skip2": skip2, "stride2": x2}


def _convolutions(channels: int, count: int) -> list[nn.Module]:
    return [ResidualBlock(channels) for _ in range(count)]


def double(x: Tensor) -> Tensor:
    """Twice the size by bilinear interpolation."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
