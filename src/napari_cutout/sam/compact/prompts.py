"""A compact model's prompts: as the network's input sees them, and drawn as maps.

Prompts drawn as maps learn from scratch far faster than positional tokens alone. Two of the maps
use what the dense head knows of the image: pixels whose predicted object centre is the one under
the click. Coordinates here are continuous input pixels: the first pixel covers 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

MAP_CHANNELS = 14
"""Channels that the decoder reads: those of :func:`draw`, and those of the image."""

OF_IMAGE = [12, 13]
"""The channels that all prompts share: the image's foreground probability and distance."""

_STRIDE = 4
_FIRST = {1: 0, -1: 3}  # the first channel of a polarity


@dataclass(frozen=True)
class InputPrompts:
    """Prompts of ``P`` objects in continuous pixels of the network's input.

    Training mixes prompts of different make-up in one batch: there absence is a value. What no
    object of the batch has is None, and costs nothing.

    Parameters
    ----------
    points
        ``(P, N, 2)``, (row, col).
    polarity
        ``(P, N)``: 1, -1, or 0 where there is no point.
    boxes
        ``(P, 4)``: row0, col0, row1, col1, the edges of the box; or None.
    has_box
        ``(P,)``: 1 or 0; or None where all have what ``boxes`` says.
    logits
        ``(P, 1, H / 2, W / 2)``, or None.
    has_logits
        ``(P,)``: 1 or 0; or None where all have what ``logits`` says.
    signs
        The polarities that there are.
    """

    points: Tensor
    polarity: Tensor
    boxes: Tensor | None = None
    has_box: Tensor | None = None
    logits: Tensor | None = None
    has_logits: Tensor | None = None
    signs: tuple[int, ...] = (1, -1)

    def to(self, device: torch.device) -> InputPrompts:
        """The same on a device."""
        named: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Any] = {
            name: v.to(device) for name, v in named.items() if isinstance(v, Tensor)
        }
        return replace(self, **moved)


@dataclass(frozen=True)
class Drawn:
    """Prompts as maps at stride 4; see :func:`draw`.

    Parameters
    ----------
    maps
        ``(P, len(channels), h, w)`` float32.
    channels
        Which of the :data:`MAP_CHANNELS` they are; the others are zero everywhere.
    """

    maps: Tensor
    channels: list[int]


def grid(height: int, width: int, stride: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Continuous coordinates ``(h, 1)`` and ``(1, w)`` of a map's cell centres."""
    rows = (torch.arange(height, dtype=torch.float32, device=like.device) + 0.5) * stride
    cols = (torch.arange(width, dtype=torch.float32, device=like.device) + 0.5) * stride
    return rows[:, None], cols[None, :]


def draw(prompts: InputPrompts, dense: Tensor) -> Drawn:
    """Draw prompts as maps at stride 4.

    The channels are, for positive points and then for negative ones, a narrow and a wide bump
    and the same-object map (0 to 5); the box filled, its oval, how far inside, and pixels
    centred like it (6 to 9); the previous mask (10) and whether there is one (11). The last two
    are of the image alone, see :data:`OF_IMAGE`.

    Parameters
    ----------
    prompts
        Of ``P`` objects.
    dense
        ``(P, 4, h, w)`` or ``(1, 4, h, w)`` float32 at stride 4: foreground probability,
        distance, and the offsets (row, col) to the object's centre in input pixels.
    """
    height, width = dense.shape[-2:]
    rows, cols = grid(height, width, _STRIDE, dense)
    count, number = prompts.polarity.shape
    maps: list[Tensor] = []
    channels: list[int] = []
    if number:
        maps += _point_maps(prompts, dense, rows, cols)
        channels += [_FIRST[sign] + bump for sign in prompts.signs for bump in range(3)]
    if prompts.boxes is not None:
        maps += _box_maps(prompts.boxes, prompts.has_box, dense, rows, cols)
        channels += [6, 7, 8, 9]
    if prompts.logits is not None:
        previous = torch.nn.functional.avg_pool2d(torch.tanh(prompts.logits / 2), 2)[:, 0]
        there = prompts.has_logits
        has = previous.new_ones(count) if there is None else there
        has = has[:, None, None]
        maps += [previous * has, has.expand(-1, height, width)]
        channels += [10, 11]
    if not maps:
        return Drawn(dense.new_zeros((count, 0, height, width)), [])
    return Drawn(torch.stack(maps, dim=1), channels)


def _point_maps(prompts: InputPrompts, dense: Tensor, rows: Tensor, cols: Tensor) -> list[Tensor]:
    """Three maps ``(P, h, w)`` for each polarity that there is."""
    centre_rows, centre_cols = dense[:, 2] + rows, dense[:, 3] + cols
    own = sample(torch.stack([centre_rows, centre_cols], dim=1), prompts.points)
    to_centre = (centre_rows[:, None] - own[..., 0, None, None]) ** 2 + (
        centre_cols[:, None] - own[..., 1, None, None]
    ) ** 2
    bumps = [
        _bump(prompts.points, rows, cols, 4.0),
        _bump(prompts.points, rows, cols, 20.0),
        torch.exp(to_centre / (-2 * 10.0**2)),
    ]
    maps = []
    for sign in prompts.signs:
        weight = (prompts.polarity == sign).to(torch.float32)[..., None, None]
        maps += [(bump * weight).amax(dim=1) for bump in bumps]
    return maps


def _box_maps(
    boxes: Tensor, has_box: Tensor | None, dense: Tensor, rows: Tensor, cols: Tensor
) -> list[Tensor]:
    """``(P, h, w)`` each: the filled box, its oval, how far inside, and pixels centred like it."""
    row0, col0, row1, col1 = (edge[:, None, None] for edge in boxes.unbind(-1))
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
    maps = [filled, oval, (inside / 32).clamp(-1, 1), torch.exp(to_centre / (-2 * 0.35**2))]
    if has_box is None:
        return maps
    return [each * has_box[:, None, None] for each in maps]


def _bump(points: Tensor, rows: Tensor, cols: Tensor, sigma: float) -> Tensor:
    """A Gaussian around every point, ``(P, N, h, w)``, made of one along each axis."""
    along_rows, along_cols = (
        torch.exp((places - points[..., axis, None, None]) ** 2 / (-2 * sigma**2))
        for axis, places in enumerate((rows, cols))
    )
    return along_rows * along_cols


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
