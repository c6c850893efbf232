"""SAM's prompt encoder: points, boxes and masks as tokens and a map.

After "Segment Anything" (Kirillov et al. 2023, section 3 and appendix A). Everything here is
in float32 whatever the encoder's precision: positions in bfloat16 are 4 pixels coarse.
Coordinates are SAM's own (x, y) in pixels of the network's input; ``sam`` converts to them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from napari_cutout.sam.layers import LayerNorm2d

if TYPE_CHECKING:
    from napari_cutout.sam.config import DecoderConfig

_NEGATIVE, _POSITIVE, _FIRST_CORNER, _SECOND_CORNER = range(4)


class PositionEmbeddingRandom(nn.Module):
    """Random spatial frequencies of a position (Tancik et al. 2020)."""

    positional_encoding_gaussian_matrix: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.randn(2, features))

    def forward(self, position: Tensor) -> Tensor:
        """Encode (x, y) in [0, 1], ``(..., 2)``, as ``(..., 2 * features)``."""
        phase = (2 * position - 1) @ self.positional_encoding_gaussian_matrix
        phase = 2 * math.pi * phase
        return torch.cat([phase.sin(), phase.cos()], dim=-1)

    def dense(self, side: int) -> Tensor:
        """Encode the cell centres of a square grid, ``(1, 2 * features, side, side)``."""
        matrix = self.positional_encoding_gaussian_matrix
        centre = (torch.arange(side, device=matrix.device, dtype=matrix.dtype) + 0.5) / side
        y, x = torch.meshgrid(centre, centre, indexing="ij")
        encoded: Tensor = self(torch.stack([x, y], dim=-1))
        return encoded.permute(2, 0, 1)[None]


class PromptEncoder(nn.Module):
    """Turn prompts into sparse tokens and a dense map.

    Parameters
    ----------
    config
        The decoder's sizes.
    input_size
        Side of the network's input, in pixels.
    grid
        Side of the image embedding.
    """

    def __init__(self, config: DecoderConfig, input_size: int, grid: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.grid = grid
        self.pe_layer = PositionEmbeddingRandom(config.dim // 2)
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, config.dim) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, config.dim)
        half, full = config.mask_channels // 4, config.mask_channels
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, half, 2, stride=2),
            LayerNorm2d(half),
            nn.GELU(),
            nn.Conv2d(half, full, 2, stride=2),
            LayerNorm2d(full),
            nn.GELU(),
            nn.Conv2d(full, config.dim, 1),
        )
        self.no_mask_embed = nn.Embedding(1, config.dim)
        self._dense_positions: tuple[tuple[Any, ...], Tensor] | None = None

    def forward(
        self, points: Tensor, positive: Tensor, boxes: Tensor | None, logits: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Encode ``P`` prompts.

        Parameters
        ----------
        points
            ``(P, N, 2)`` (x, y), pixel centres at integers.
        positive
            ``(P, N)`` bool.
        boxes
            ``(P, 4)`` (x0, y0, x1, y1), or None.
        logits
            ``(P, 1, 4 * grid, 4 * grid)``, or None.

        Returns
        -------
        sparse : Tensor
            ``(P, T, dim)``: the points; a padding token if there are points and no box; the
            box's two corners.
        dense : Tensor
            ``(P, dim, grid, grid)``, or ``(1, dim, 1, 1)`` to broadcast when there is no mask.
        """
        parts = []
        if points.shape[1]:
            parts.append(self._points(points, positive))
            if boxes is None:
                parts.append(self.not_a_point_embed.weight.expand(len(points), 1, -1))
        if boxes is not None:
            parts.append(self._corners(boxes))
        if not parts:
            parts.append(self.no_mask_embed.weight.new_zeros(len(points), 0, self._dim))
        return torch.cat(parts, dim=1), self._dense(logits)

    def dense_positions(self, dtype: torch.dtype) -> Tensor:
        """Positions of the image embedding, ``(1, grid * grid, dim)``, computed in float32.

        They are the same for all images, and kept for as long as the frequencies are the same.
        """
        matrix = self.pe_layer.positional_encoding_gaussian_matrix
        key = matrix.data_ptr(), matrix._version, matrix.device, dtype
        kept = self._dense_positions
        if kept is None or kept[0] != key:
            encoded = self.pe_layer.dense(self.grid).flatten(2).mT.contiguous()
            self._dense_positions = kept = key, encoded.to(dtype)
        return kept[1]

    @property
    def _dim(self) -> int:
        return self.no_mask_embed.weight.shape[1]

    def _positions(self, xy: Tensor) -> Tensor:
        encoded: Tensor = self.pe_layer((xy + 0.5) / self.input_size)
        return encoded

    def _points(self, points: Tensor, positive: Tensor) -> Tensor:
        kinds = torch.cat([self._kind(_NEGATIVE), self._kind(_POSITIVE)])
        return self._positions(points) + kinds[positive.long()]

    def _corners(self, boxes: Tensor) -> Tensor:
        kinds = torch.cat([self._kind(_FIRST_CORNER), self._kind(_SECOND_CORNER)])
        return self._positions(boxes.view(-1, 2, 2)) + kinds

    def _kind(self, index: int) -> Tensor:
        weight: Tensor = self.point_embeddings[index].weight  # type: ignore[assignment]
        return weight

    def _dense(self, logits: Tensor | None) -> Tensor:
        if logits is None:
            return self.no_mask_embed.weight.view(1, -1, 1, 1)
        out: Tensor = self.mask_downscaling(logits)
        return out
