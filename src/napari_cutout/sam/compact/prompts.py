"""A compact model's prompts: as the network's input sees them, and drawn as maps.

Prompts drawn as maps learn from scratch far faster than positional tokens alone. Two of the maps
use what the dense head knows of the image: pixels whose predicted object centre is the one under
the click. Coordinates here are continuous input pixels: the first pixel covers 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

MAP_CHANNELS = 14
"""Channels of :func:`draw`."""

_STRIDE = 4


@dataclass(frozen=True)
class InputPrompts:
    """Prompts of ``P`` objects in continuous pixels of the network's input.

    Training mixes prompts of different make-up in one batch, so that absence is a value here.

    Parameters
    ----------
    points
        ``(P, N, 2)``, (row, col).
    polarity
        ``(P, N)``: 1, -1, or 0 where there is no point.
    boxes
        ``(P, 4)``: row0, col0, row1, col1, the edges of the box.
    has_box
        ``(P,)``: 1 or 0.
    logits
        ``(P, 1, H / 2, W / 2)``.
    has_logits
        ``(P,)``: 1 or 0.
    """

    points: Tensor
    polarity: Tensor
    boxes: Tensor
    has_box: Tensor
    logits: Tensor
    has_logits: Tensor

    def to(self, device: torch.device) -> InputPrompts:
        """The same on a device."""
        return InputPrompts(*(getattr(self, field.name).to(device) for field in fields(self)))


def grid(height: int, width: int, stride: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Continuous coordinates ``(h, 1)`` and ``(1, w)`` of a map's cell centres."""
    rows = (torch.arange(height, dtype=torch.float32, device=like.device) + 0.5) * stride
    cols = (torch.arange(width, dtype=torch.float32, device=like.device) + 0.5) * stride
    return rows[:, None], cols[None, :]


def draw(prompts: InputPrompts, dense: Tensor) -> Tensor:
    """Draw prompts as maps at stride 4.

    Parameters
    ----------
    prompts
        Of ``P`` objects.
    dense
        ``(P, 4, h, w)`` or ``(1, 4, h, w)`` float32 at stride 4: foreground probability,
        distance, and the offsets (row, col) to the object's centre in input pixels.

    Returns
    -------
    Tensor
        ``(P, 14, h, w)`` float32.
    """
    height, width = dense.shape[-2:]
    rows, cols = grid(height, width, _STRIDE, dense)
    points = _point_maps(prompts, dense, rows, cols)
    boxes = _box_maps(prompts, dense, rows, cols)
    previous = torch.nn.functional.avg_pool2d(torch.tanh(prompts.logits / 2), 2)
    has = prompts.has_logits[:, None, None, None]
    shared = dense[:, :2].expand(len(prompts.points), -1, -1, -1)
    return torch.cat(
        [points, boxes, previous * has, has.expand(-1, 1, height, width), shared], dim=1
    )


def _point_maps(prompts: InputPrompts, dense: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    """``(P, 6, h, w)``: for each polarity a narrow and a wide bump, and the same-object map."""
    count, number = prompts.polarity.shape
    height, width = dense.shape[-2:]
    if number == 0:
        return dense.new_zeros((count, 6, height, width))
    centre_rows, centre_cols = dense[:, 2] + rows, dense[:, 3] + cols
    own = sample(torch.stack([centre_rows, centre_cols], dim=1), prompts.points)
    to_point = _squared(prompts.points, rows, cols)
    to_centre = (centre_rows[:, None] - own[..., 0, None, None]) ** 2 + (
        centre_cols[:, None] - own[..., 1, None, None]
    ) ** 2
    bumps = [
        torch.exp(to_point / (-2 * 4.0**2)),
        torch.exp(to_point / (-2 * 20.0**2)),
        torch.exp(to_centre / (-2 * 10.0**2)),
    ]
    maps = []
    for sign in (1, -1):
        weight = (prompts.polarity == sign).to(torch.float32)[..., None, None]
        maps += [(bump * weight).amax(dim=1) for bump in bumps]
    return torch.stack(maps, dim=1)


def _box_maps(prompts: InputPrompts, dense: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    """``(P, 4, h, w)``: the filled box, its oval, how far inside, and pixels centred like it."""
    row0, col0, row1, col1 = (edge[:, None, None] for edge in prompts.boxes.unbind(-1))
    half_height, half_width = (row1 - row0).clamp(min=1) / 2, (col1 - col0).clamp(min=1) / 2
    middle_row, middle_col = (row0 + row1) / 2, (col0 + col1) / 2
    down = (rows - middle_row) / half_height
    across = (cols - middle_col) / half_width
    inside = torch.minimum(
        half_height - (rows - middle_row).abs(), half_width - (cols - middle_col).abs()
    )
    filled = (inside / _STRIDE + 0.5).clamp(0, 1)
    oval = (down**2 + across**2).clamp(max=4.0) / 4
    to_centre = ((dense[:, 2] + rows - middle_row) / half_height) ** 2
    to_centre = to_centre + ((dense[:, 3] + cols - middle_col) / half_width) ** 2
    maps = torch.stack(
        [filled, oval, (inside / 32).clamp(-1, 1), torch.exp(to_centre / (-2 * 0.35**2))], dim=1
    )
    return maps * prompts.has_box[:, None, None, None]


def _squared(points: Tensor, rows: Tensor, cols: Tensor) -> Tensor:
    """Squared distance of every cell to every point, ``(P, N, h, w)``."""
    return (rows - points[..., 0, None, None]) ** 2 + (cols - points[..., 1, None, None]) ** 2


def sample(maps: Tensor, points: Tensor, stride: int = _STRIDE) -> Tensor:
    """Bilinear values ``(P, N, C)`` of maps ``(P or 1, C, h, w)`` at points ``(P, N, 2)``."""
    height, width = maps.shape[-2:]
    size = points.new_tensor([height, width]) * stride
    where = (points / size * 2 - 1).flip(-1)[:, None]
    maps = maps.expand(len(points), -1, -1, -1)
    values = torch.nn.functional.grid_sample(
        maps, where.to(maps.dtype), padding_mode="border", align_corners=False
    )
    return values[:, :, 0].transpose(1, 2)
