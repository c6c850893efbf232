"""A SAM with ViT-B's decoder, random weights, and masks that pass SAM's own filters.

Masks of purely random weights are noise all over the frame. Here the image encoder is random waves
of brightness and place, image tokens attend to prompts that are near them, and the last layer that
makes masks is solved for blobs around the point. All else is random, and computed as in a real one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from napari_cutout.sam.config import SamConfig, VitConfig
from napari_cutout.sam.family import Features, PromptBatch
from napari_cutout.sam.sam import Sam

if TYPE_CHECKING:
    import numpy as np

CHANNELS, MASK_CHANNELS = 256, 32
RADII = (0.03, 0.06, 0.1)
_STEEPNESS = 120.0
_PROBES = 12


class Waves(nn.Module):
    """Each channel a sine of the blurred image and of the place, with random frequencies."""

    def __init__(self, grid: int, generator: torch.Generator) -> None:
        super().__init__()
        self.grid = grid
        weights = torch.randn((CHANNELS, 5), generator=generator)
        scale = torch.tensor([0.05, 0.05, 0.05, 2.0, 2.0])
        self.weights = nn.Parameter(weights * scale, requires_grad=False)
        self.phases = torch.rand(CHANNELS, generator=generator) * 2 * torch.pi

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        small = F.adaptive_avg_pool2d(image, self.grid)
        small = F.avg_pool2d(small, 3, stride=1, padding=1)
        along = torch.linspace(-1, 1, self.grid)
        place = torch.stack(torch.meshgrid(along, along, indexing="ij"))[None]
        waves = torch.einsum("ck,bkhw->bchw", self.weights, torch.cat([small, place], dim=1))
        return (waves + self.phases[:, None, None]).sin()


@torch.no_grad()
def random_sam(pixels: np.ndarray, input_size: int = 256, seed: int = 3) -> Sam:
    """A model whose masks of an image are blobs around the point, of various forms.

    Parameters
    ----------
    pixels
        ``(rows, cols, 3)`` uint8.
    input_size
        Of the network; 256 makes it sixteen times as fast as SAM's 1,024.
    seed
        Of the weights.
    """
    encoder = VitConfig(
        48, 1, 4, (0,), head_dim=12, mlp_dim=64, window=3, patch=16, input_size=input_size,
        out_channels=CHANNELS,
    )  # fmt: skip
    sam = Sam(SamConfig("random", encoder)).prepare("cpu", torch.float32)
    generator = torch.Generator().manual_seed(seed)
    _randomise(sam, generator)
    sam.image_encoder = Waves(encoder.grid, generator)
    _make_local(sam)
    _solve(sam, torch.tensor(pixels), generator)
    return sam


def _randomise(sam: Sam, generator: torch.Generator) -> None:
    for name, parameter in sam.named_parameters():
        value = torch.randn(parameter.shape, generator=generator)
        if parameter.ndim == 1:
            is_gain = "norm" in name and name.endswith("weight")
            parameter.copy_(value * 0.1 + float(is_gain))
        elif "embed" in name or name.endswith("token.weight") or "tokens" in name:
            parameter.copy_(value * 0.3)
        else:
            parameter.copy_(value * parameter[0].numel() ** -0.5)
    gaussian = sam.prompt_encoder.pe_layer.positional_encoding_gaussian_matrix
    gaussian.copy_(torch.randn(gaussian.shape, generator=generator) * 0.4)


def _make_local(sam: Sam) -> None:
    """Neighbouring logits nearly alike, and different ones for different points."""
    decoder = sam.mask_decoder
    for layer in decoder.transformer.layers:
        to_prompt = layer.cross_attn_image_to_token
        to_prompt.q_proj.weight.mul_(4)
        to_prompt.k_proj.weight.copy_(to_prompt.q_proj.weight)
        to_prompt.out_proj.weight.mul_(8)
        layer.cross_attn_token_to_image.out_proj.weight.mul_(0.2)
        layer.self_attn.out_proj.weight.mul_(0.2)
    for layer in (decoder.output_upscaling[0], decoder.output_upscaling[3]):
        layer.weight.copy_(layer.weight.mean(dim=(2, 3), keepdim=True).expand_as(layer.weight) * 4)


def _solve(sam: Sam, pixels: torch.Tensor, generator: torch.Generator) -> None:
    """Choose the last layer of each mask's filter by least squares."""
    features = sam.encode(pixels)
    side = max(pixels.shape[:2])
    points = torch.rand((_PROBES, 1, 2), generator=generator) * torch.tensor(pixels.shape[:2])
    heads = [head.layers[-1] for head in sam.mask_decoder.output_hypernetworks_mlps[1:]]
    maps = _mask_channels(sam, features, points, heads)
    places = torch.stack(torch.meshgrid(*map(torch.arange, maps.shape[2:]), indexing="ij"), dim=-1)
    away = (places / maps.shape[3] - points[:, :, None] / side).square().sum(dim=-1)
    inputs = maps.permute(0, 2, 3, 1).reshape(-1, MASK_CHANNELS)
    for head, radius in zip(heads, RADII, strict=True):
        wanted = _STEEPNESS * (2 * torch.exp(-away / (2 * radius**2)) - 1).flatten()
        is_in = wanted > 0
        weights = torch.where(is_in, (~is_in).sum() / is_in.sum(), 1.0)[:, None]
        products = (inputs * weights).T @ inputs
        products += 1e-4 * products.diagonal().mean() * torch.eye(MASK_CHANNELS)
        bias = torch.linalg.solve(products, (inputs * weights).T @ wanted)
        head.bias.copy_(bias)
        head.weight.mul_(bias.abs().mean() * 0.1)


def _mask_channels(
    sam: Sam, features: Features, points: torch.Tensor, heads: list[nn.Linear]
) -> torch.Tensor:
    """What the filters are multiplied with, ``(P, 32, h, w)``: seen through filters of one 1."""
    prompts = PromptBatch(points, torch.ones(len(points), 1, dtype=torch.bool))
    kept = [head.weight.clone() for head in heads]
    found = []
    for first in range(0, MASK_CHANNELS, len(heads)):
        for channel, head in enumerate(heads, first):
            head.weight.zero_()
            head.bias.copy_(torch.arange(MASK_CHANNELS) == channel)
        found.append(sam.decode(features, prompts, True)[0])
    for head, weight in zip(heads, kept, strict=True):
        head.weight.copy_(weight)
    rows = round(features.input_size[0] / sam.info.logits_stride)
    return torch.cat(found, dim=1)[:, :MASK_CHANNELS, :rows]
