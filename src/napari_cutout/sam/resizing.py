"""Bringing maps of floating point to another size, as Pillow does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional as F

if TYPE_CHECKING:
    from torch import Tensor


def resize(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize ``(N, C, h, w)`` to ``(N, C, *size)``, bilinear, antialiased where it shrinks."""
    if tuple(maps.shape[-2:]) == tuple(size):
        return maps
    if size[1] == 1:
        # Of a result of one column torch's kernel gives other values; of one row it does not.
        return _resized(maps.mT, (1, size[0])).mT
    return _resized(maps, size)


def _resized(maps: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(maps, size, mode="bilinear", antialias=True)
