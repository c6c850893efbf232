"""From an image embedding to masks: SAM's upscaling and the products with the masks' filters.

A transposed convolution whose stride is its size is a matrix product at each position. So nothing
needs to move until the masks are laid out, and it goes a band of positions at a time, so that
what lies between stays in the cache. ``C`` channels, ``L = g * g`` positions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from napari_cutout.sam.layers import LayerNorm2d, normalise

# A megabyte in the first half of the upscaling, two in the second; in float32, of 256 channels.
_POSITIONS_AT_ONCE = 1024


class Upscaling(nn.Sequential):
    """Upscale an image embedding fourfold and multiply it with the filters of masks.

    A sequence only in the names of its parameters, which are those of the reference.
    """

    def __init__(self, dim: int) -> None:
        super().__init__(
            nn.ConvTranspose2d(dim, dim // 4, 2, stride=2),
            LayerNorm2d(dim // 4),
            nn.GELU(),
            nn.ConvTranspose2d(dim // 4, dim // 8, 2, stride=2),
            nn.GELU(),
        )

    def forward(self, image: Tensor, filters: Tensor) -> Tensor:  # type: ignore[override]
        """Masks of one prompt.

        Parameters
        ----------
        image
            ``(L, C)``.
        filters
            ``(K, C / 8)``, one a mask.

        Returns
        -------
        Tensor
            ``(K, 4 * g, 4 * g)`` of the image's dtype.
        """
        side, masks = int(image.shape[0] ** 0.5), len(filters)
        first, norm, _, second, _ = self
        assert isinstance(norm, LayerNorm2d)
        kernels = _as_product(first, image.dtype), _as_product(second, image.dtype)
        at_once = _POSITIONS_AT_ONCE if image.device.type == "cpu" else len(image)
        bands = []
        for band in torch.split(image, at_once):
            x = F.linear(band, *kernels[0]).view(len(band) * 4, -1)
            x = F.gelu(normalise(norm, x))
            x = F.gelu(F.linear(x, *kernels[1]).view(len(band) * 16, -1))
            bands.append(filters.to(x.dtype) @ x.mT)
        # Each position became 2 x 2 cells, and each of these 2 x 2 pixels.
        cells = torch.cat(bands, dim=1).view(masks, side, side, 2, 2, 2, 2)
        return cells.permute(0, 1, 3, 5, 2, 4, 6).reshape(masks, 4 * side, 4 * side)


def _as_product(layer: nn.Module, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """A transposed convolution of size and stride 2 as ``(4 * out, in)`` and a bias ``(4 * out,)``.

    The four outputs are the rows, then the columns, of a 2 x 2 cell.
    """
    assert isinstance(layer, nn.ConvTranspose2d)
    assert layer.bias is not None
    return layer.weight.permute(2, 3, 1, 0).flatten(0, 2).to(dtype), layer.bias.repeat(4).to(dtype)
