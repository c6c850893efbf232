"""The layers that several parts of SAM share: LayerNorm over channels, a small MLP, the neck."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F


class LayerNorm2d(nn.LayerNorm):
    """LayerNorm over the channels of a map, ``(B, C, h, w)`` to the same."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``(B, C, h, w)`` at each position."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class MLP(nn.Module):
    """Linear layers with ReLU between them, ``(..., in)`` to ``(..., out)``."""

    def __init__(self, in_dim: int, hidden_dim: int, out_dim: int, depth: int) -> None:
        super().__init__()
        sizes = [in_dim, *[hidden_dim] * (depth - 1), out_dim]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(..., in)`` to ``(..., out)``."""
        *hidden, last = self.layers
        for layer in hidden:
            x = F.relu(layer(x))
        out: Tensor = last(x)
        return out


def normalise(norm: nn.LayerNorm, x: Tensor) -> Tensor:
    """Normalise ``(..., C)`` of any precision by float32 parameters, in float32 arithmetic."""
    over_last_axis: Tensor = nn.LayerNorm.forward(norm, x if _mixes(x) else x.float())
    return over_last_axis.to(x.dtype)


def _mixes(x: Tensor) -> bool:
    """Whether the kernels take parameters of another precision than the values'."""
    return x.device.type == "cpu"


def neck(in_channels: int, out_channels: int) -> nn.Sequential:
    """Make the convolutions that end either image encoder, ``(B, in, h, w)`` to ``out``."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        LayerNorm2d(out_channels),
        nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
        LayerNorm2d(out_channels),
    )
