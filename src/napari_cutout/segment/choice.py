"""Which window of a frame is looked at for a prompt, and whether the prompt can be asked there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.prompts import LowResLogits, Prompts
from napari_cutout.segment.windows import Window, around, fits, sides, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.refining import Placed

EXTENT_SHARE = 0.6
"""The largest share of a window's side that the extent of a prompt may take."""


def choose(prompts: Prompts, shape: tuple[int, int], input_size: int) -> Window:
    """The window for a prompt: the smallest that shows it with enough around it.

    Parameters
    ----------
    prompts
        Of one object. A window that its ``logits`` belong to is kept while it holds the prompt.
    shape
        ``(rows, cols)`` of the frame.
    input_size
        Of the model.
    """
    reach = extent(prompts, shape)
    if isinstance(prompts.logits, LowResLogits):
        kept = prompts.logits.window
        if reach is None or kept.holds(reach):
            return kept
    if reach is None:
        return whole(shape)
    size = float(max(reach[2] - reach[0], reach[3] - reach[1])) + 1
    for side in sides(shape, input_size):
        if size <= EXTENT_SHARE * side:
            return around((reach[:2] + reach[2:]) / 2, side, shape)
    return whole(shape)


def window_of(prompts: Prompts, embedding: Embedding) -> Window:
    """The window for a prompt: the one that the embedding has, or the one that is chosen."""
    if embedding.window is not None:
        return embedding.window
    return choose(prompts, embedding.shape, embedding.input_size)


def by_window(masks: Sequence[Placed], embedding: Embedding) -> dict[Window, list[int]]:
    """Which of some masks are looked at in which window.

    Raises
    ------
    PromptError
        If one is empty, or lies outside the frame.
    """
    found: dict[Window, list[int]] = {}
    for number, (mask, origin) in enumerate(masks):
        asked = Prompts(mask=mask, mask_origin=origin)
        check(asked, embedding)
        found.setdefault(window_of(asked, embedding), []).append(number)
    return found


def extent(prompts: Prompts, shape: tuple[int, int]) -> NDArray[np.float64] | None:
    """(row0, col0, row1, col1) of the positive points, the box and the mask, in the frame."""
    corners = [prompts.points[prompts.positive]] if prompts.positive.any() else []
    if not corners and len(prompts.points):
        corners = [prompts.points]
    if prompts.box is not None:
        corners.append(prompts.box.reshape(2, 2))
    if prompts.mask is not None:
        rows, cols = (np.flatnonzero(prompts.mask.any(axis=axis)) for axis in (1, 0))
        ends = np.array([[rows[0], cols[0]], [rows[-1], cols[-1]]], float)
        corners.append(ends + (prompts.mask_origin or (0, 0)))
    if not corners:
        return None
    stacked = np.concatenate(corners)
    limits = np.array([shape[0] - 1, shape[1] - 1], float)
    low, high = stacked.min(axis=0), stacked.max(axis=0)
    return np.concatenate([np.clip(low, 0, limits), np.clip(high, 0, limits)])


def fixed(
    window: Literal["whole"] | Window | None, shape: tuple[int, int], input_size: int
) -> Window | None:
    """The one window that all prompts of a frame use; None where each gets its own.

    Raises
    ------
    ValueError
        If there is no such window.
    """
    if isinstance(window, Window):
        return inside(window, shape)
    if window not in (None, "whole"):
        raise ValueError(f"window is None, 'whole' or a Window, not {window!r}")
    if window == "whole" or not sides(shape, input_size):
        return whole(shape)
    return None


def inside(window: Window, shape: tuple[int, int]) -> Window:
    """The window, if it lies inside the frame.

    Raises
    ------
    ValueError
        If it doesn't.
    """
    if not fits(window, shape):
        raise ValueError(f"{window} does not lie inside the frame of {shape}")
    return window


def check(prompts: Prompts, embedding: Embedding) -> None:
    """Check a prompt against the frame, the window and the answers that it may feed back.

    Raises
    ------
    PromptError
        If it doesn't fit.
    """
    prompts.check(embedding.shape)
    if isinstance(prompts.logits, LowResLogits) and prompts.logits.key != embedding.key:
        raise PromptError(
            "the logits are of another frame, intensity mapping or model; feed back only what "
            "was predicted from the same embedding"
        )
    if embedding.window is not None:
        reach = extent(prompts, embedding.shape)
        points_outside = any(not embedding.window.holds(np.tile(p, 2)) for p in prompts.points)
        if points_outside or (reach is not None and not embedding.window.meets(reach)):
            raise PromptError(
                f"the prompt lies outside {embedding.window}, the one window that this embedding "
                "was made for; encode the frame without window="
            )
