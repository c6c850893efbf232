"""SAM's mask decoder: masks and their predicted IoU from an image embedding and prompts.

After "Segment Anything" (Kirillov et al. 2023, figure 14 and appendix A).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from napari_cutout.sam.layers import MLP, LayerNorm2d
from napari_cutout.sam.transformer import TwoWayTransformer

if TYPE_CHECKING:
    from napari_cutout.sam.config import DecoderConfig


class MaskDecoder(nn.Module):
    """Predict masks for ``P`` prompts on one image.

    Parameters
    ----------
    config
        Its sizes.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        dim, masks = config.dim, config.multimasks + 1
        self.transformer = TwoWayTransformer(config)
        self.iou_token = nn.Embedding(1, dim)
        self.mask_tokens = nn.Embedding(masks, dim)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(dim, dim // 4, 2, stride=2),
            LayerNorm2d(dim // 4),
            nn.GELU(),
            nn.ConvTranspose2d(dim // 4, dim // 8, 2, stride=2),
            nn.GELU(),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(
            MLP(dim, dim, dim // 8, 3) for _ in range(masks)
        )
        self.iou_prediction_head = MLP(dim, config.iou_hidden, masks, config.iou_depth)

    def forward(
        self, image: Tensor, image_pe: Tensor, sparse: Tensor, dense: Tensor, multimask: bool
    ) -> tuple[Tensor, Tensor]:
        """Masks and predicted IoU.

        Parameters
        ----------
        image
            ``(1, C, g, g)``, the image embedding.
        image_pe
            ``(1, C, g, g)``, its positional encoding.
        sparse
            ``(P, T, C)``, the prompts' tokens.
        dense
            ``(P, C, g, g)``, or anything that broadcasts to it: the prompts' map.
        multimask
            Whether the masks for an ambiguous prompt are wanted, or the single one.

        Returns
        -------
        logits : Tensor
            ``(P, K, 4 * g, 4 * g)``.
        iou : Tensor
            ``(P, K)``.
        """
        count = len(sparse)
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own.expand(count, -1, -1), sparse], dim=1)
        placed = (image + dense).expand(count, -1, -1, -1)
        tokens, flat = self.transformer(
            placed.flatten(2).transpose(1, 2), image_pe.flatten(2).transpose(1, 2), tokens
        )
        wanted = range(1, self.mask_tokens.num_embeddings) if multimask else range(1)
        upscaled = self.output_upscaling(flat.transpose(1, 2).reshape(placed.shape))
        # Token 0 is the IoU token; the masks' tokens follow it.
        filters = torch.stack(
            [self.output_hypernetworks_mlps[index](tokens[:, 1 + index]) for index in wanted],
            dim=1,
        )
        logits = torch.einsum("pkc,pchw->pkhw", filters, upscaled)
        iou: Tensor = self.iou_prediction_head(tokens[:, 0])
        return logits, iou[:, wanted.start : wanted.stop]
