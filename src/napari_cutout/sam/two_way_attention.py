"""The attentions of SAM's mask decoder, arranged so that the image is touched as little as can be.

There are few tokens ``T`` and many image positions ``L``. Attention between the two would project
every position once a prompt; the projections are linear, so they can as well be done to the
tokens: ``q . (W x + b) = (W^T q) . x + q . b``. And while the image is the same for all prompts,
its projections are too. ``P`` prompts, ``C`` channels, ``H`` heads of ``c`` inner channels.

The image's dtype says in which precision the large products run; tokens are float32 always.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True, eq=False)
class SharedImage:
    """An image embedding that is the same for all prompts, as the first layer projects it.

    Parameters
    ----------
    content
        ``(1, L, C)``.
    keys, values
        ``(H, L, c)`` each, for the tokens that attend to the image.
    queries
        ``(H, L, c)``, for the image that attends to the tokens.
    """

    content: Tensor
    keys: Tensor
    values: Tensor
    queries: Tensor


class Attention(nn.Module):
    """Multi-head attention whose inner channels may be fewer than its outer ones."""

    def __init__(self, dim: int, inner_dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (inner_dim // heads) ** -0.5
        self.q_proj = nn.Linear(dim, inner_dim)
        self.k_proj = nn.Linear(dim, inner_dim)
        self.v_proj = nn.Linear(dim, inner_dim)
        self.out_proj = nn.Linear(inner_dim, dim)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, there: Tensor | None = None) -> Tensor:
        """Let queries ``(P, n, C)`` attend to keys and values ``(P, m, C)``: ``(P, n, C)``.

        Where ``there``, ``(P, m)`` bool, is false, nothing is attended to.
        """
        attended = F.scaled_dot_product_attention(
            self.split(self.q_proj(q)),
            self.split(self.k_proj(k)),
            self.split(self.v_proj(v)),
            None if there is None else there[:, None, None],
        )
        return self.merge(attended)

    def split(self, x: Tensor) -> Tensor:
        """``(P, n, H * c)`` as ``(P, H, n, c)``."""
        return torch.unflatten(x, 2, (self.heads, -1)).transpose(1, 2)

    def merge(self, x: Tensor) -> Tensor:
        """``(P, H, n, c)`` as ``(P, n, C)``, projected."""
        out: Tensor = self.out_proj(x.transpose(1, 2).flatten(2))
        return out

    def project(self, projection: nn.Module, image: Tensor) -> Tensor:
        """Project an image ``(1, L, C)`` by one of the layers: ``(H, L, c)`` of its dtype."""
        assert isinstance(projection, nn.Linear)
        weight, bias = (p.to(image.dtype) for p in (projection.weight, projection.bias))
        return self.split(F.linear(image, weight, bias))[0].contiguous()

    def by_head(self, weight: Tensor) -> Tensor:
        """Weights ``(H * c, C)`` of a projection as ``(H, c, C)``."""
        return torch.unflatten(weight, 0, (self.heads, -1))


class TokensToImage(Attention):
    """Tokens attend to the image."""

    def forward(
        self,
        tokens: Tensor,
        image: Tensor | SharedImage,
        image_pe: Tensor,
        similarity: Tensor | None = None,
    ) -> Tensor:
        """What tokens see.

        Parameters
        ----------
        tokens
            ``(P, T, C)``, with their positions.
        image
            What they look at, ``(P, L, C)`` or shared.
        image_pe
            ``(1, L, C)``, its positions.
        similarity
            ``(P, 1, L)``, added to the scores of every head; or None.

        Returns
        -------
        Tensor
            ``(P, T, C)``.
        """
        queries = self.split(self.q_proj(tokens) * self.scale)
        if isinstance(image, SharedImage):
            return self.merge(self._shared(queries, image, similarity))
        # The keys' bias adds the same to all scores of a query, which softmax doesn't see.
        absorbed = (queries @ self.by_head(self.k_proj.weight)).flatten(1, 2)
        mixed = _mix(absorbed, image + image_pe, image, similarity)
        values = torch.unflatten(mixed, 1, (self.heads, -1)) @ self.by_head(self.v_proj.weight).mT
        return self.merge(values + self.v_proj.bias.view(self.heads, 1, -1))

    def _shared(self, queries: Tensor, image: SharedImage, similarity: Tensor | None) -> Tensor:
        """Let ``(P, H, T, c)`` attend to projected keys and values: ``(P, H, T, c)``."""
        count, _, length, _ = queries.shape
        # One product a head for the tokens of all prompts.
        together = queries.transpose(0, 1).flatten(1, 2)
        if similarity is not None:
            similarity = similarity.expand(-1, length, -1).flatten(0, 1)
        mixed = _mix(together, image.keys, image.values, similarity)
        return torch.unflatten(mixed, 1, (count, length)).transpose(0, 1)


class ImageToTokens(Attention):
    """The image attends to tokens, and what it sees is added to it."""

    def forward(  # type: ignore[override]
        self,
        image: Tensor | SharedImage,
        image_pe: Tensor,
        where: Tensor,
        what: Tensor,
        there: Tensor | None = None,
    ) -> Tensor:
        """The image with what it sees.

        Parameters
        ----------
        image
            What looks, ``(P, L, C)`` or shared.
        image_pe
            ``(1, L, C)``, its positions.
        where, what
            ``(P, T, C)`` each, the tokens with and without their positions.
        there
            ``(P, T)`` bool, which tokens there are; or None where there are all. Not for an
            image that is shared.

        Returns
        -------
        Tensor
            ``(P, L, C)``.
        """
        count, length, _ = where.shape
        # The keys' bias changes nothing: each position adds it alike to the scores of all tokens.
        keys = self.split(F.linear(where, self.k_proj.weight) * self.scale)
        if isinstance(image, SharedImage):
            together = keys.transpose(0, 1).flatten(1, 2).to(image.queries.dtype)
            scores = torch.unflatten(together @ image.queries.mT, 1, (count, length))
            weights = scores.softmax(2).transpose(0, 1)
            image = image.content.expand(count, -1, -1)
        else:
            absorbed = (keys @ self.by_head(self.q_proj.weight)).flatten(1, 2)
            bias = keys @ self.q_proj.bias.view(self.heads, -1, 1)
            if there is not None:
                bias = bias.masked_fill(~there[:, None, :, None], -torch.inf)
            scores = _scores(absorbed, image + image_pe, bias.flatten(1, 2))
            weights = torch.unflatten(scores, 1, (self.heads, length)).softmax(2)
        values = self._values(what).to(image.dtype)
        return torch.baddbmm(image, weights.flatten(1, 2).mT, values)

    def _values(self, what: Tensor) -> Tensor:
        """What each token gives each head, projected to the image's channels: ``(P, H * T, C)``.

        The weights of each head add up to 1, so a share of the bias a head makes the whole of it.
        """
        outwards = self.by_head(self.out_proj.weight.mT)
        values = self.split(self.v_proj(what)) @ outwards + self.out_proj.bias / self.heads
        return values.flatten(1, 2)


def _mix(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None) -> Tensor:
    """What queries see, ``(B, n, C)`` float32; see :func:`_scores`. Values are ``(B, L, C)``."""
    return (_scores(queries, keys, bias).softmax(-1) @ values).float()


def _scores(queries: Tensor, keys: Tensor, bias: Tensor | None) -> Tensor:
    """Scores ``(B, n, L)`` of scaled queries ``(B, n, C)`` and keys ``(B, L, C)``.

    A bias of any shape that broadcasts to the scores is added to them.
    """
    queries = queries.to(keys.dtype)
    if bias is None:
        return queries @ keys.mT
    return torch.baddbmm(bias.to(keys.dtype), queries, keys.mT)
