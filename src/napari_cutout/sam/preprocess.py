"""From pixels of any size to the network's square input, and from its logits back to pixels.

Two framings exist. ``"longest_side"`` is SAM's: the long side is resized to the input, the rest
is padded with zeros right and below, after normalising. ``"square"`` is MedSAM's (Ma et al.
2024): both sides are stretched to the input and grey levels to [0, 1].
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_cutout.sam.resizing import resize

if TYPE_CHECKING:
    from napari_cutout.sam.config import Framing, Normalisation

# ImageNet's statistics in grey levels, as SAM was trained with.
_MEAN = (123.675, 116.28, 103.53)
_STD = (58.395, 57.12, 57.375)


def input_extent(rows: int, cols: int, side: int, framing: Framing) -> tuple[int, int]:
    """``(rows, cols)`` of the input that an image covers, before padding.

    A very long image keeps at least one pixel across, where the reference fails.
    """
    if framing == "square":
        return side, side
    scale = side / max(rows, cols)
    return max(1, int(rows * scale + 0.5)), max(1, int(cols * scale + 0.5))


def network_input(
    pixels: Tensor, side: int, framing: Framing, normalisation: Normalisation | None = None
) -> Tensor:
    """Make the input of an image encoder.

    Parameters
    ----------
    pixels
        ``(rows, cols, 3)`` uint8.
    side
        Side of the input, in pixels.
    framing
        How the image is fitted into it.
    normalisation
        Of grey levels. None: SAM's own.

    Returns
    -------
    Tensor
        ``(1, 3, side, side)`` float32 on the CPU.
    """
    pixels = pixels.cpu()
    if framing == "square":
        return _stretched(pixels, side)
    extent = input_extent(pixels.shape[0], pixels.shape[1], side, framing)
    levels = resize_levels(pixels, extent).float()
    own = (_MEAN, _STD) if normalisation is None else (normalisation.mean, normalisation.std)
    # Whatever the program around has made torch's defaults.
    mean, std = (levels.new_tensor(values).view(1, 3, 1, 1) for values in own)
    normalised = (levels - mean) / std
    return F.pad(normalised, (0, side - extent[1], 0, side - extent[0]))


def resize_levels(pixels: Tensor, extent: tuple[int, int]) -> Tensor:
    """Resize ``(rows, cols, 3)`` uint8 to ``(1, 3, *extent)`` uint8, bilinear and antialiased.

    By Pillow, as the reference does it. torch's uint8 kernel is faster, and a grey level off on a
    few pixels in a thousand, which changes an embedding more than all that is rounded later.
    """
    if pixels.shape[:2] == extent:
        return pixels.permute(2, 0, 1)[None]
    # Here because an image that has the input's size doesn't need it.
    from PIL import Image

    rows, cols = extent
    image = Image.fromarray(pixels.numpy()).resize((cols, rows), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)[None]


def _stretched(pixels: Tensor, side: int) -> Tensor:
    """MedSAM's input: cubic resize to a square, levels stretched to [0, 1], no padding."""
    # Here because only MedSAM's weights need it, and it takes a while to import.
    from skimage import transform

    cubic: Any = partial(transform.resize, order=3, preserve_range=True, anti_aliasing=True)
    image = cubic(pixels.numpy(), (side, side))
    levels = torch.from_numpy(image.astype("uint8")).permute(2, 0, 1)[None].float()
    low, high = levels.aminmax()
    return (levels - low) / (high - low).clamp(min=1e-8)


def upscale_logits(
    logits: Tensor, side: int, pixel_size: tuple[int, int], framing: Framing
) -> Tensor:
    """Bring low-resolution logits ``(P, K, h, w)`` to the pixels, ``(P, K, rows, cols)``.

    SAM goes by way of the input: up to its side, without the padding, then to the pixels. Going
    there in one step changes the sign of some logits. MedSAM interpolates probabilities,
    directly; the result is given as logits here too, so that 0 is the threshold of both.
    """
    if framing == "square":
        probability = F.interpolate(logits.sigmoid(), pixel_size, mode="bilinear")
        return probability.logit(eps=1e-6)
    whole = F.interpolate(logits, (side, side), mode="bilinear")
    extent = input_extent(*pixel_size, side, framing)
    covered = whole[..., : extent[0], : extent[1]]
    if extent == pixel_size:
        return covered
    return F.interpolate(covered, pixel_size, mode="bilinear")


def mask_logits(
    masks: Tensor, side: int, low_res: int, framing: Framing, magnitude: float
) -> Tensor:
    """Masks ``(P, rows, cols)`` bool in the frame of the low-resolution logits.

    The mask goes the way of the image: resized, padded (as background), and then averaged down
    to ``(P, 1, low_res, low_res)``. A cell covered by the fraction f has ``(2 f - 1)`` times
    ``magnitude``.
    """
    cover = masks[:, None].float()
    extent = input_extent(masks.shape[1], masks.shape[2], side, framing)
    cover = resize(cover, extent)
    cover = F.pad(cover, (0, side - extent[1], 0, side - extent[0]))
    return (2 * F.adaptive_avg_pool2d(cover, low_res) - 1) * magnitude
