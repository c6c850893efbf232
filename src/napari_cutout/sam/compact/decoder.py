"""The compact model's mask decoder: prompt maps and tokens to four masks and their scores.

As in SAM, output tokens meet the image in two-way attention and become, by a small MLP, the
weights of a product with the upscaled features. Token 0 answers when one mask is wanted, tokens 1
to 3 when the prompt may mean several things.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_cutout.sam.compact.encoder import conv1, conv3, double, norm
from napari_cutout.sam.compact.prompts import MAP_CHANNELS, InputPrompts, draw, grid, sample

if TYPE_CHECKING:
    from napari_cutout.sam.compact.config import CompactConfig

MASKS = 4


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


class Attention(nn.Module):
    """Multi-head attention with fewer channels inside."""

    def __init__(self, channels: int, inside: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, inside)
        self.key = nn.Linear(channels, inside)
        self.value = nn.Linear(channels, inside)
        self.out = nn.Linear(inside, channels)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        """``(P, Q, C)``, ``(P, K, C)``, ``(P, K, C)`` to ``(P, Q, C)``; mask ``(P, K)`` bool."""
        q, k, v = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, x in ((self.query, query), (self.key, key), (self.value, value))
        )
        # Written out: with a few tokens on one side this is faster than the fused kernels.
        weights = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
        if mask is not None:
            weights = weights.masked_fill(~mask[:, None, None, :], -torch.inf)
        mixed = weights.float().softmax(dim=-1).to(v.dtype) @ v
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out


class TwoWayLayer(nn.Module):
    """Tokens attend to each other and to the image, then the image attends to the tokens."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.self_attention = Attention(channels, channels, heads)
        self.to_image = Attention(channels, channels // 2, heads)
        self.to_tokens = Attention(channels, channels // 2, heads)
        self.mlp = nn.Sequential(
            nn.Linear(channels, 4 * channels), nn.ReLU(), nn.Linear(4 * channels, channels)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(4))

    def forward(
        self, tokens: Tensor, image: Tensor, token_pe: Tensor, image_pe: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Tokens ``(P, T, C)`` and image ``(P, h * w, C)`` to the same."""
        placed = tokens + token_pe
        tokens = self.norms[0](tokens + self.self_attention(placed, placed, tokens, mask))
        keys = image + image_pe
        tokens = self.norms[1](tokens + self.to_image(tokens + token_pe, keys, image, None))
        tokens = self.norms[2](tokens + self.mlp(tokens))
        image = image + self.to_tokens(keys, tokens + token_pe, tokens, mask)
        return tokens, self.norms[3](image)


@dataclass(frozen=True, eq=False)
class Attended:
    """What two-way attention leaves of ``P`` prompts; scores and masks are made of it.

    Parameters
    ----------
    tokens
        ``(P, T, C)``.
    image
        ``(P, C, h, w)``, the embedding at stride 16.
    drawn8, drawn4
        ``(P, C8, 2 * h, 2 * w)`` and ``(P, C4, 4 * h, 4 * w)``, the prompts' maps.
    """

    tokens: Tensor
    image: Tensor
    drawn8: Tensor
    drawn4: Tensor

    def select(self, prompts: Tensor) -> Attended:
        """The same of some prompts ``(M,)`` alone."""
        return Attended(*(getattr(self, field.name)[prompts] for field in fields(self)))


class MaskDecoder(nn.Module):
    """Masks and predicted IoU for a batch of prompts on one image, or on an image each."""

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        c = config
        width = c.embedding
        self.output_tokens = nn.Embedding(1 + MASKS, width)
        self.polarity = nn.Embedding(2, width)
        self.corner = nn.Embedding(2, width)
        self.position = PositionalEncoding(width)
        self.content = nn.Linear(width, width)
        self.draw4 = conv3(MAP_CHANNELS, c.skip4)
        self.draw8 = conv3(c.skip4, c.skip8, stride=2)
        self.draw16 = conv3(c.skip8, width, stride=2)
        self.layers = nn.ModuleList(
            TwoWayLayer(width, c.decoder_heads) for _ in range(c.decoder_layers)
        )
        self.last = Attention(width, width // 2, c.decoder_heads)
        self.last_norm = nn.LayerNorm(width)
        self.up8 = conv1(width, c.skip8)
        self.norm8 = norm(c.skip8)
        self.smooth8 = conv3(c.skip8, c.skip8)
        self.up4 = conv1(c.skip8, c.skip4)
        self.norm4 = norm(c.skip4)
        self.smooth4 = conv3(c.skip4, c.skip4)
        self.again4 = conv3(c.skip4, c.skip4)
        self.up2 = conv1(c.skip4, c.skip2)
        self.smooth2 = conv3(c.skip2, c.skip2)
        self.hyper = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, c.skip2))
        self.score = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, MASKS))

    def forward(
        self,
        maps: dict[str, Tensor],
        dense: Tensor,
        prompts: InputPrompts,
        origin: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Decode prompts.

        Parameters
        ----------
        maps
            The encoder's, each ``(P, C, h, w)`` or ``(1, C, h, w)`` when all share one image.
        dense
            ``(P or 1, 4, H / 4, W / 4)``, see :func:`.prompts.draw`.
        prompts
            Of ``P`` objects.
        origin
            ``(2,)``, where the image lies among positions: training shifts it, so that positions
            mean the same in a small crop as in a full input.

        Returns
        -------
        logits : Tensor
            ``(P, 4, H / 2, W / 2)`` float32.
        scores : Tensor
            ``(P, 4)`` float32 logits of the predicted IoU.
        """
        attended = self.attend(maps, dense, prompts, origin)
        return self.masks(maps, attended), self.scores(attended)

    def attend(
        self,
        maps: dict[str, Tensor],
        dense: Tensor,
        prompts: InputPrompts,
        origin: Tensor | None = None,
    ) -> Attended:
        """Let prompts and image attend to each other; see :meth:`forward`."""
        drawn4 = F.relu(self.draw4(draw(prompts, dense)))
        drawn8 = F.relu(self.draw8(drawn4))
        drawn16 = self.draw16(drawn8)
        image = maps["image"] + drawn16
        height, width = image.shape[-2:]
        tokens, token_pe, mask = self._tokens(prompts, maps["image"], origin)
        image_pe = self._image_pe(height, width, image, origin)
        flat = image.flatten(2).transpose(1, 2)
        for layer in self.layers:
            tokens, flat = layer(tokens, flat, token_pe, image_pe, mask)
        tokens = self.last_norm(tokens + self.last(tokens + token_pe, flat + image_pe, flat, None))
        return Attended(tokens, flat.transpose(1, 2).view(image.shape), drawn8, drawn4)

    def scores(self, attended: Attended) -> Tensor:
        """Logits of the predicted IoU, ``(P, 4)`` float32."""
        scores: Tensor = self.score(attended.tokens[:, 0])
        return scores.float()

    def masks(self, maps: dict[str, Tensor], attended: Attended) -> Tensor:
        """Make the masks, which costs most: ``(P, 4, H / 2, W / 2)`` float32 logits."""
        image, drawn8, drawn4 = attended.image, attended.drawn8, attended.drawn4
        up = self.smooth8(F.relu(self.norm8(double(self.up8(image)) + maps["skip8"] + drawn8)))
        up = self.smooth4(F.relu(self.norm4(double(self.up4(F.relu(up))) + maps["skip4"] + drawn4)))
        up = up + self.again4(F.relu(up))
        up = F.relu(self.smooth2(F.relu(double(self.up2(F.relu(up))) + maps["skip2"])))
        weights = self.hyper(attended.tokens[:, 1 : 1 + MASKS])
        logits = torch.bmm(weights.to(up.dtype), up.flatten(2))
        return logits.float().view(-1, MASKS, up.shape[2], up.shape[3]).clamp(-32, 32)

    def _tokens(
        self, prompts: InputPrompts, image: Tensor, origin: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Tokens ``(P, T, C)``, their positions ``(P, T, C)``, and which are there, or None."""
        count = len(prompts.points)
        shift = 0 if origin is None else origin
        outputs = self.output_tokens.weight.expand(count, -1, -1)
        places = torch.cat([prompts.points, prompts.boxes.view(count, 2, 2)], dim=1)
        content = self.content(sample(image, places, stride=16))
        polarity = self.polarity((prompts.polarity > 0).long())
        corners = self.corner.weight.expand(count, -1, -1)
        tokens = torch.cat([outputs, torch.cat([polarity, corners], dim=1) + content], dim=1)
        positions = self.position(places + shift)
        token_pe = torch.cat([torch.zeros_like(outputs, dtype=positions.dtype), positions], dim=1)
        there = torch.cat(
            [
                torch.ones(count, 1 + MASKS, dtype=torch.bool, device=places.device),
                prompts.polarity != 0,
                prompts.has_box.bool()[:, None].expand(-1, 2),
            ],
            dim=1,
        )
        return tokens, token_pe, there

    def _image_pe(self, height: int, width: int, like: Tensor, origin: Tensor | None) -> Tensor:
        """Positions of the embedding's cells, ``(1, h * w, C)``."""
        rows, cols = grid(height, width, 16, like)
        where = torch.stack([rows.expand(-1, width), cols.expand(height, -1)], dim=-1)
        if origin is not None:
            where = where + origin
        encoded: Tensor = self.position(where)
        return encoded.flatten(0, 1)[None]
