"""The convolutional decoder that micro-sam trains beside SAM: distances for all objects at once.

After "Segment Anything for Microscopy" (Archit et al., Nature Methods 2025) and UNETR
(Hatamizadeh et al., WACV 2022). The parameters have micro-sam's names, so that ``state_dict()``
is its ``decoder_state``. How instances come from the distances is for others.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cutout.sam.empty import without_weights
from napari_cutout.sam.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTPUTS = 3
_LEVELS = 3


class ConvBlock(nn.Module):
    """Twice: normalise each channel of each image, convolve, ReLU; the size stays."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.InstanceNorm2d(channels),
            nn.Conv2d(channels, out_channels, 3, padding=1),
            nn.ReLU(),
            nn.InstanceNorm2d(out_channels),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels, h, w)`` to ``(B, out_channels, h, w)``."""
        out: Tensor = self.block(x)
        return out


class Interpolated(nn.Module):
    """Twice the size by interpolation, then a 1 x 1 convolution."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels, h, w)`` to ``(B, out_channels, 2 h, 2 w)``."""
        # Interpolation and a convolution of single pixels commute: the smaller map is convolved.
        convolved: Tensor = self.conv(x)
        return F.interpolate(convolved, scale_factor=2, mode="bilinear", align_corners=False)


class Transposed(nn.Module):
    """Twice the size by a transposed convolution."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.block = nn.ConvTranspose2d(channels, out_channels, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels, h, w)`` to ``(B, out_channels, 2 h, 2 w)``."""
        out: Tensor = self.block(x)
        return out


class Convolution(nn.Module):
    """A 3 x 3 convolution under the name that checkpoints have for it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels, h, w)`` to the same."""
        out: Tensor = self.block(x)
        return out


class UpBlock(nn.Module):
    """Twice the size, convolution, BatchNorm, ReLU."""

    def __init__(self, upsample: type[nn.Module], channels: int, out_channels: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            upsample(channels, out_channels),
            Convolution(out_channels),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, channels, h, w)`` to ``(B, out_channels, 2 h, 2 w)``."""
        out: Tensor = self.block(x)
        return out


class TopDown(nn.Module):
    """The path back to higher resolution, joined at each level by a map of that level."""

    def __init__(self, upsample: type[nn.Module], widths: list[int]) -> None:
        super().__init__()
        steps = list(pairwise(widths))
        self.blocks = nn.ModuleList(ConvBlock(wide, narrow) for wide, narrow in steps)
        self.samplers = nn.ModuleList(upsample(wide, narrow) for wide, narrow in steps)

    def forward(self, x: Tensor, joined: list[Tensor]) -> Tensor:
        """Map ``(B, widths[0], g, g)`` to ``(B, widths[-1], 8 g, 8 g)``."""
        for block, upsample, other in zip(self.blocks, self.samplers, joined, strict=True):
            x = upsample(x)
            x = block(torch.cat([x, _middle(other, x.shape[1])], dim=1))
        return x


class InstanceDecoder(nn.Module):
    """Foreground and distances of every pixel from an image embedding.

    Parameters
    ----------
    channels
        Of the embedding.
    widths
        Channels at strides 16, 8, 4 and 2.
    transposed
        Whether it grows by transposed convolutions, as older checkpoints do, or by interpolation.
    """

    def __init__(self, channels: int, widths: list[int], transposed: bool) -> None:
        super().__init__()
        grow: type[nn.Module] = Transposed if transposed else Interpolated
        self.deconv1 = UpBlock(grow, channels, widths[0])
        self.deconv2 = UpBlock(grow, widths[0], widths[1])
        self.deconv3 = UpBlock(grow, widths[1], widths[2])
        self.deconv4 = UpBlock(grow, widths[2], widths[3])
        self.base = ConvBlock(channels, widths[0])
        self.decoder = TopDown(grow, widths)
        self.deconv_out = grow(widths[3], widths[3])
        self.decoder_head = ConvBlock(2 * widths[3], widths[3])
        self.out_conv = nn.Conv2d(widths[3], OUTPUTS, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Maps of the whole square input.

        Parameters
        ----------
        image
            ``(1, C, g, g)``, the image embedding.

        Returns
        -------
        Tensor
            ``(1, 3, 16 g, 16 g)``, each 0 to 1: foreground; distance to the object's centre; and
            to its edge, upside down: 1 at the edge, falling towards the inside.
        """
        eighth = self.deconv1(image)
        fourth = self.deconv2(eighth)
        half = self.deconv3(fourth)
        full = self.deconv4(half)
        x = self.decoder(self.base(image), [eighth, fourth, half])
        x = self.decoder_head(torch.cat([self.deconv_out(x), full], dim=1))
        out: Tensor = self.out_conv(x).sigmoid()
        return out


def build_instance_decoder(tensors: Mapping[str, Tensor]) -> InstanceDecoder:
    """The decoder with these weights, in float32 on the CPU.

    Parameters
    ----------
    tensors
        micro-sam's ``decoder_state``; more than the decoder's own tensors may be in it.

    Raises
    ------
    WeightsError
        If they aren't those of such a decoder with three outputs.
    """
    tensors = {str(name): value for name, value in tensors.items() if isinstance(value, Tensor)}
    try:
        widths = [tensors[f"decoder.blocks.{i}.block.1.weight"].shape[1] for i in range(_LEVELS)]
        widths.append(tensors["out_conv.weight"].shape[1])
        channels, outputs = tensors["base.block.1.weight"].shape[1], len(tensors["out_conv.weight"])
        transposed = "decoder.samplers.0.block.weight" in tensors
        with without_weights():
            decoder = InstanceDecoder(channels, widths, transposed)
    except (KeyError, IndexError, RuntimeError) as error:
        raise WeightsError(f"this is no instance decoder of micro-sam's ({error})") from None
    if outputs != OUTPUTS:
        raise WeightsError(
            f"the instance decoder has {outputs} outputs where foreground and two distances "
            "were expected"
        )
    own = decoder.state_dict()
    missing = [name for name in own if name not in tensors]
    if missing:
        raise WeightsError(f"the instance decoder is incomplete: {missing[0]!r} is missing")
    for name, expected in own.items():
        if tensors[name].shape != expected.shape:
            raise WeightsError(
                f"{name!r} of the instance decoder has shape {tuple(tensors[name].shape)}, and "
                f"{tuple(expected.shape)} was expected"
            )
    weights = {name: _plain(tensors[name]) for name in own}
    if not all(value.isfinite().all() for value in weights.values()):
        raise WeightsError("the instance decoder's weights hold NaN or infinite numbers")
    decoder.load_state_dict(weights, assign=True)
    return decoder.eval().requires_grad_(False)


def _plain(tensor: Tensor) -> Tensor:
    return tensor.to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)


def _middle(x: Tensor, channels: int) -> Tensor:
    """The middle channels: checkpoints were trained with the wider map cut to those."""
    first = (x.shape[1] - channels) // 2
    return x[:, first : first + channels]
