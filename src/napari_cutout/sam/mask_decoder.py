"""SAM's mask decoder: the predicted IoU of masks, and the masks that are wanted.

After "Segment Anything" (Kirillov et al. 2023, figure 14 and appendix A). ``P`` prompts, ``C``
channels, an image embedding of ``g`` by ``g`` positions held as ``L = g * g`` rows, ``(P, L, C)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from napari_cutout.sam.layers import MLP
from napari_cutout.sam.transformer import TwoWayTransformer
from napari_cutout.sam.upscaling import Upscaling

if TYPE_CHECKING:
    from napari_cutout.sam.config import DecoderConfig
    from napari_cutout.sam.two_way_attention import SharedImage


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
        self.output_upscaling = Upscaling(dim)
        self.output_hypernetworks_mlps = nn.ModuleList(
            MLP(dim, dim, dim // 8, 3) for _ in range(masks)
        )
        self.iou_prediction_head = MLP(dim, config.iou_hidden, masks, config.iou_depth)

    def forward(
        self,
        image: Tensor | SharedImage,
        image_pe: Tensor,
        sparse: Tensor,
        multimask: bool | None,
        similarity: Tensor | None = None,
        target: Tensor | None = None,
    ) -> MaskDraft:
        """Predict the IoU of masks that aren't made yet.

        Parameters
        ----------
        image
            The image embedding with the prompts' maps added, ``(P, L, C)``, or what the prompts
            share of it where they have no maps. Its dtype is that of the large products.
        image_pe
            ``(1, L, C)``, its positional encoding, of the same dtype.
        sparse
            ``(P, T, C)``, the prompts' tokens.
        multimask
            Whether the masks for an ambiguous prompt are wanted, or the single one. None, for
            training: the single one, then the others.
        similarity, target
            See :meth:`.TwoWayTransformer.forward`.
        """
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own.expand(len(sparse), -1, -1), sparse], dim=1)
        tokens, content = self.transformer(tokens, image, image_pe, similarity, target)
        first, last = multimask is True, self.mask_tokens.num_embeddings
        wanted = range(int(first), 1 if multimask is False else last)
        scores = self.iou_prediction_head(tokens[:, 0])[:, wanted.start : wanted.stop]
        # Token 0 is the IoU token; the masks' tokens follow it.
        filters = [self.output_hypernetworks_mlps[i](tokens[:, 1 + i]) for i in wanted]
        return MaskDraft(scores, torch.stack(filters, dim=1), content, self.output_upscaling)


@dataclass(frozen=True, eq=False)
class MaskDraft:
    """A :class:`~napari_cutout.sam.family.Draft`: masks cost more than half of the whole.

    Parameters
    ----------
    scores
        ``(P, K)`` float32, the predicted IoU.
    filters
        ``(P, K, C / 8)`` float32; a mask is their product with the upscaled image.
    image
        ``(P, L, C)``, the image embedding as the transformer left it.
    upscaling
        The decoder's.
    """

    scores: Tensor
    filters: Tensor
    image: Tensor
    upscaling: Upscaling

    def logits(self, prompts: Tensor, candidates: Tensor) -> Tensor:
        """The masks ``(M, 4 * g, 4 * g)`` of candidates ``(M,)`` of prompts ``(M,)``.

        Candidates of one prompt share the upscaling.
        """
        side = 4 * int(self.image.shape[1] ** 0.5)
        masks = self.filters.new_empty(len(prompts), side, side)
        for prompt in set(prompts.tolist()):
            members = (prompts == prompt).nonzero()[:, 0]
            filters = self.filters[prompt, candidates[members]]
            masks[members] = self.upscaling(self.image[prompt], filters).float()
        return masks

    def all_logits(self) -> Tensor:
        """The masks of all candidates, ``(P, K, 4 * g, 4 * g)``."""
        prompts, candidates = self.scores.shape
        counts = (torch.arange(count, device="cpu") for count in (prompts, candidates))
        pairs = torch.cartesian_prod(*counts)
        return torch.unflatten(self.logits(*pairs.unbind(1)), 0, (prompts, candidates))
