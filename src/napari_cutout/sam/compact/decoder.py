"""The compact model's mask decoder: prompt maps and tokens to four masks and their scores.

As in SAM, output tokens meet the image in two-way attention and become, by a small MLP, the
weights of a product with the upscaled features. Token 0 answers when one mask is wanted, tokens 1
to 3 when the prompt may mean several things.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_cutout.sam.compact.encoder import conv1, conv3, double, norm, normalise
from napari_cutout.sam.compact.prompts import (
    MAP_CHANNELS,
    OF_IMAGE,
    InputPrompts,
    draw,
    grid,
    sample,
)
from napari_cutout.sam.compact.tokens import PositionalEncoding, TwoWayLayer
from napari_cutout.sam.two_way_attention import TokensToImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.sam.compact.config import CompactConfig

MASKS = 4


@dataclass(frozen=True, eq=False)
class SharedMaps:
    """What all prompts on an image share, made once; its dtype is what most is computed in.

    Parameters
    ----------
    image, skip8, skip4, skip2
        The encoder's, ``(1, C, h, w)`` each, or ``(P, C, h, w)`` for an image each.
    dense
        ``(1 or P, 4, H / 4, W / 4)`` float32, see :func:`.prompts.draw`.
    drawn4
        What the dense maps alone give the first drawn features, ``(1 or P, C4, H / 4, W / 4)``.
    positions
        Of the embedding's cells, ``(1, h * w, C)``.
    """

    image: Tensor
    skip8: Tensor
    skip4: Tensor
    skip2: Tensor
    dense: Tensor
    drawn4: Tensor
    positions: Tensor


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
        self.last = TokensToImage(width, width // 2, c.decoder_heads)
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
        self, shared: SharedMaps, prompts: InputPrompts, origin: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Decode prompts.

        Parameters
        ----------
        shared
            From :meth:`share`.
        prompts
            Of ``P`` objects.
        origin
            As it was given to :meth:`share`.

        Returns
        -------
        logits : Tensor
            ``(P, 4, H / 2, W / 2)`` float32.
        scores : Tensor
            ``(P, 4)`` float32 logits of the predicted IoU.
        """
        attended = self.attend(shared, prompts, origin)
        return self.masks(shared, attended, 0, MASKS), self.scores(attended)

    def share(
        self,
        maps: Mapping[str, Tensor],
        dense: Tensor,
        dtype: torch.dtype,
        origin: Tensor | None = None,
    ) -> SharedMaps:
        """Make what all prompts share.

        Parameters
        ----------
        maps
            The encoder's.
        dense
            See :class:`SharedMaps`.
        dtype
            What to compute in.
        origin
            ``(2,)``, where the image lies among positions: training shifts it, so that positions
            mean the same in a small crop as in a full input.
        """
        image, skip8, skip4, skip2 = (
            maps[name].to(dtype, memory_format=torch.channels_last)
            for name in ("image", "skip8", "skip4", "skip2")
        )
        drawn4 = self._draw4(dense[:, : len(OF_IMAGE)], OF_IMAGE, dtype, self.draw4.bias)
        height, width = image.shape[-2:]
        rows, cols = grid(height, width, 16, dense)
        where = torch.stack([rows.expand(-1, width), cols.expand(height, -1)], dim=-1)
        placed = self.position(where if origin is None else where + origin)
        positions = placed.flatten(0, 1)[None].to(dtype)
        return SharedMaps(image, skip8, skip4, skip2, dense, drawn4, positions)

    def attend(
        self, shared: SharedMaps, prompts: InputPrompts, origin: Tensor | None = None
    ) -> Attended:
        """Let prompts and image attend to each other; see :meth:`forward`."""
        drawn = draw(prompts, shared.dense)
        drawn4 = self._draw4(drawn.maps, drawn.channels, shared.drawn4.dtype) + shared.drawn4
        drawn4 = drawn4.relu_()
        drawn8 = self.draw8(drawn4).relu_()
        image: Tensor = self.draw16(drawn8) + shared.image
        tokens, token_pe, there = self._tokens(prompts, shared.image, origin)
        flat, positions = image.flatten(2).mT, shared.positions
        for layer in self.layers:
            tokens, flat = layer(tokens, flat, token_pe, positions, there)
        tokens = self.last_norm(tokens + self.last(tokens + token_pe, flat, positions))
        return Attended(tokens, torch.unflatten(flat.mT, 2, image.shape[-2:]), drawn8, drawn4)

    def scores(self, attended: Attended) -> Tensor:
        """Logits of the predicted IoU, ``(P, 4)`` float32."""
        scores: Tensor = self.score(attended.tokens[:, 0])
        return scores.float()

    def masks(self, shared: SharedMaps, attended: Attended, first: int, count: int) -> Tensor:
        """Make masks, which costs most: ``(P, count, H / 2, W / 2)`` float32 logits.

        They are ``count`` of the :data:`MASKS` from ``first`` on.
        """
        up = double(self.up8(attended.image)).add_(attended.drawn8).add_(shared.skip8)
        up = self.smooth8(normalise(self.norm8, up).relu_()).relu_()
        up = double(self.up4(up)).add_(attended.drawn4).add_(shared.skip4)
        up = self.smooth4(normalise(self.norm4, up).relu_())
        up = self.again4(F.relu(up)).add_(up).relu_()
        up = double(self.up2(up)).add_(shared.skip2).relu_()
        up = self.smooth2(up).relu_()
        weights = self.hyper(attended.tokens[:, 1 + first : 1 + first + count])
        logits = up.permute(0, 2, 3, 1).flatten(1, 2) @ weights.to(up.dtype).mT
        return torch.unflatten(logits.float().mT, 2, up.shape[2:]).clamp(-32, 32)

    def _draw4(
        self, maps: Tensor, channels: list[int], dtype: torch.dtype, bias: Tensor | None = None
    ) -> Tensor:
        """The first convolution of some of its channels."""
        weight = self.draw4.weight[:, channels]
        x = maps.to(dtype, memory_format=torch.channels_last)
        return F.conv2d(x, weight.to(dtype), None if bias is None else bias.to(dtype), padding=1)

    def _tokens(
        self, prompts: InputPrompts, image: Tensor, origin: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Tokens ``(P, T, C)``, their positions ``(P, T, C)``, and which are there, or None."""
        count = len(prompts.points)
        outputs = self.output_tokens.weight.expand(count, -1, -1)
        places, kinds = [prompts.points], [self.polarity((prompts.polarity > 0).long())]
        there = [prompts.polarity != 0]
        if prompts.boxes is not None:
            places.append(prompts.boxes.view(count, 2, 2))
            kinds.append(self.corner.weight.expand(count, -1, -1))
            has_box = there[0].new_ones(count) if prompts.has_box is None else prompts.has_box
            there.append(has_box.bool()[:, None].expand(-1, 2))
        where = torch.cat(places, dim=1)
        content = self.content(sample(image.float(), where, stride=16))
        tokens = torch.cat([outputs, torch.cat(kinds, dim=1) + content], dim=1)
        positions = self.position(where if origin is None else where + origin)
        token_pe = torch.cat([torch.zeros_like(outputs, dtype=positions.dtype), positions], dim=1)
        if prompts.has_box is None:
            return tokens, token_pe, None
        outputs_there = there[0].new_ones((count, 1 + MASKS))
        return tokens, token_pe, torch.cat([outputs_there, *there], dim=1)
