"""A mask from elsewhere, or a previous answer, as the mask prompt of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.prompts import LowResLogits

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from napari_cutout.sam.family import Family
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.prompts import Prompts
    from napari_cutout.segment.windows import Window


def mask_prompt(
    family: Family, embedding: Embedding, window: Window, prompts: Prompts
) -> Tensor | None:
    """The mask prompt ``(1, 1, h, w)`` of one object; None where it has none.

    Raises
    ------
    PromptError
        If logits have a size that isn't this model's.
    """
    grid = embedding.grid(window)
    if prompts.mask is not None:
        mask = _on_grid(prompts.mask, prompts.mask_origin or (0, 0), grid)
        return family.mask_prompt(torch.from_numpy(mask)[None])
    if prompts.logits is None:
        return None
    if not isinstance(prompts.logits, LowResLogits):
        values = prompts.logits
    elif prompts.logits.window == window:
        values = prompts.logits.values
    else:
        mask = _moved(family, prompts.logits, embedding.grid(prompts.logits.window), grid)
        return family.mask_prompt(torch.from_numpy(mask)[None])
    expected = family.logits_size(grid.shape)
    if values.shape != expected:
        raise PromptError(
            f"logits have shape {values.shape}, here this model's are {expected}; "
            "use prediction.feedback(k) of a prediction on the same embedding"
        )
    return torch.from_numpy(np.array(values, np.float32))[None, None]


def _on_grid(mask: NDArray[np.bool_], origin: tuple[int, int], grid: Grid) -> NDArray[np.bool_]:
    """A mask in its box as one of a grid ``(h, w)``, by the frame's pixel nearest to each centre.

    Where it is too thin to be met by any, by all pixels that it touches.
    """
    found = np.zeros(grid.shape, bool)
    picks, places = [], []
    for centres, start, length in zip(grid.centres(), origin, mask.shape, strict=True):
        nearest = np.floor(centres + 0.5).astype(int) - start
        inside = (nearest >= 0) & (nearest < length)
        picks.append(nearest[inside])
        places.append(np.flatnonzero(inside))
    found[np.ix_(*places)] = mask[np.ix_(*picks)]
    if not found.any():
        touched = grid.from_frame(np.argwhere(mask).astype(float) + origin)
        touched = np.floor(touched + 0.5).astype(int)
        touched = touched[((touched >= 0) & (touched < grid.shape)).all(axis=1)]
        found[touched[:, 0], touched[:, 1]] = True
    return found


def _moved(family: Family, logits: LowResLogits, old: Grid, grid: Grid) -> NDArray[np.bool_]:
    """A previous answer of another window as a mask ``(h, w)`` of this one's grid."""
    low = torch.from_numpy(np.array(logits.values, np.float32))[None, None]
    full = family.upscale(low, old.shape)[0, 0].cpu().numpy()
    found = np.zeros(grid.shape, bool)
    crossing, places = [], []
    sides = ((old.window.row, old.window.rows), (old.window.col, old.window.cols))
    for centres, (start, length) in zip(grid.centres(), sides, strict=True):
        inside = (centres > start - 0.5) & (centres < start + length - 0.5)
        crossing.append(centres[inside])
        places.append(np.flatnonzero(inside))
    if all(len(at) for at in places):
        found[np.ix_(*places)] = old.sample_at(full, *crossing) > 0
    return found
