"""The two-way transformer of SAM's mask decoder: tokens and image attend to each other.

After "Segment Anything" (Kirillov et al. 2023, figure 14). ``P`` prompts of ``T`` tokens, ``L``
image positions, ``C`` channels. How they attend is in ``two_way_attention``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn import functional as F

from napari_cutout.sam.layers import normalise
from napari_cutout.sam.two_way_attention import (
    Attention,
    ImageToTokens,
    SharedImage,
    TokensToImage,
)

if TYPE_CHECKING:
    from napari_cutout.sam.config import DecoderConfig


class MLPBlock(nn.Module):
    """Two linear layers with ReLU, ``(P, T, C)`` to the same."""

    def __init__(self, dim: int, mlp_dim: int) -> None:
        super().__init__()
        self.lin1 = nn.Linear(dim, mlp_dim)
        self.lin2 = nn.Linear(mlp_dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(P, T, C)`` to ``(P, T, C)``."""
        out: Tensor = self.lin2(F.relu(self.lin1(x)))
        return out


class TwoWayAttentionBlock(nn.Module):
    """Self-attention of the tokens, tokens to image, MLP, image to tokens.

    ``first`` leaves the tokens' own positions and the residual out of the self-attention, which
    is what the reference does in its first block. LayerNorm's eps is torch's 1e-5 here, and
    1e-6 everywhere else in SAM.
    """

    def __init__(self, config: DecoderConfig, first: bool) -> None:
        super().__init__()
        dim, cross, heads = config.dim, config.cross_dim, config.heads
        self.first = first
        self.self_attn = Attention(dim, dim, heads)
        self.norm1 = nn.LayerNorm(dim)
        self.cross_attn_token_to_image = TokensToImage(dim, cross, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = MLPBlock(dim, config.mlp_dim)
        self.norm3 = nn.LayerNorm(dim)
        self.norm4 = nn.LayerNorm(dim)
        self.cross_attn_image_to_token = ImageToTokens(dim, cross, heads)

    def forward(
        self,
        tokens: Tensor,
        image: Tensor | SharedImage,
        token_pe: Tensor,
        image_pe: Tensor,
        similarity: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Update ``tokens (P, T, C)`` and the image; see :class:`TwoWayTransformer`."""
        if self.first:
            tokens = self.self_attn(tokens, tokens, tokens)
        else:
            q = tokens + token_pe
            tokens = tokens + self.self_attn(q, q, tokens)
        tokens = self.norm1(tokens)

        seen = self.cross_attn_token_to_image(tokens + token_pe, image, image_pe, similarity)
        tokens = self.norm2(tokens + seen)
        tokens = self.norm3(tokens + self.mlp(tokens))
        updated = self.cross_attn_image_to_token(image, image_pe, tokens + token_pe, tokens)
        return tokens, normalise(self.norm4, updated)


class TwoWayTransformer(nn.Module):
    """Decode tokens against an image.

    Parameters
    ----------
    config
        The decoder's sizes.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            TwoWayAttentionBlock(config, first=index == 0) for index in range(config.depth)
        )
        self.final_attn_token_to_image = TokensToImage(config.dim, config.cross_dim, config.heads)
        self.norm_final_attn = nn.LayerNorm(config.dim)

    def share(self, image: Tensor, image_pe: Tensor) -> SharedImage:
        """Project an image, ``(1, L, C)`` as are its positions, once for all prompts."""
        first = self.layers[0]
        assert isinstance(first, TwoWayAttentionBlock)
        inward, outward = first.cross_attn_token_to_image, first.cross_attn_image_to_token
        placed = image + image_pe
        return SharedImage(
            image,
            keys=inward.project(inward.k_proj, placed),
            values=inward.project(inward.v_proj, image),
            queries=outward.project(outward.q_proj, placed),
        )

    def forward(
        self,
        tokens: Tensor,
        image: Tensor | SharedImage,
        image_pe: Tensor,
        similarity: Tensor | None = None,
        target: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Let tokens and image attend to each other.

        Parameters
        ----------
        tokens
            ``(P, T, C)``; they also serve as their own positional encoding.
        image
            ``(P, L, C)``, or from :meth:`share` where it is the same for all prompts.
        image_pe
            ``(1, L, C)``, the positional encoding of the image, of the image's dtype.
        similarity
            ``(P, 1, L)``, added to the scores of tokens that look at the image, but not in the
            final look; or None.
        target
            ``(P, 1, C)``, added to the tokens before each layer; or None.

        Returns
        -------
        tokens : Tensor
            ``(P, T, C)`` float32.
        image : Tensor
            ``(P, L, C)`` of the image's dtype.
        """
        # The reference adds the first target in place, so that the positions have it as well.
        token_pe = tokens = tokens if target is None else tokens + target
        for index, layer in enumerate(self.layers):
            if index and target is not None:
                tokens = tokens + target
            tokens, image = layer(tokens, image, token_pe, image_pe, similarity)
        attended = self.final_attn_token_to_image(tokens + token_pe, image, image_pe)
        assert isinstance(image, Tensor)
        return self.norm_final_attn(tokens + attended), image
