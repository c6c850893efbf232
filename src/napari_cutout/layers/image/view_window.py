"""The window of a frame that the canvas shows, and where a window lies, to be outlined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes
from napari_cutout.annotate.named import known_name
from napari_cutout.layers.image.coordinates import displayed_axes, frame_shape, from_world, in_data
from napari_cutout.segment import Window

if TYPE_CHECKING:
    from napari.components import Dims
    from napari.layers import Image
    from numpy.typing import ArrayLike, NDArray

LookedAt = Literal["auto", "whole", "view"]
"""``"auto"``: chosen for each prompt; ``"whole"``: the frame; ``"view"``: what the canvas shows."""

_LATTICE = 16


def check_choice(window: str) -> LookedAt:
    """The choice, if it is one.

    Raises
    ------
    ValueError
        If it isn't.
    """
    return known_name(window, get_args(LookedAt), "window")


def window_for(
    choice: LookedAt,
    image: Image,
    index: FrameIndex,
    dims: Dims,
    prompts: ArrayLike = (),
    seen: Seen | None = None,
) -> Literal["whole"] | Window | None:
    """What a segmenter is given as ``window`` for a person's choice.

    Parameters
    ----------
    choice
        See :data:`LookedAt`.
    image, index, dims, seen
        See :func:`view_window`.
    prompts
        ``(N, 2)`` positions of the frame that the window must hold: points, corners of boxes and
        masks. None of them is left out because the canvas doesn't show it any more.
    """
    if choice == "auto":
        return None
    shown = view_window(image, index, dims, seen) if choice == "view" else None
    return "whole" if shown is None else _holding(shown, prompts, frame_shape(image, index))


def view_window(
    image: Image, index: FrameIndex, dims: Dims, seen: Seen | None = None
) -> Window | None:
    """The window of a frame that the canvas shows, None where it shows nothing of it.

    Its sides lie on a lattice of about a sixteenth of the view, so that a small move of the camera
    doesn't make another window.

    Parameters
    ----------
    image
        Multiscale or not.
    index
        The frame. One with other axes than those shown isn't on the canvas.
    dims
        The viewer's.
    seen
        What the canvas sees of the world. None: what napari last drew of the image, which may be
        more: of a pyramid whole chunks, and what was drawn before zooming in. Without a canvas
        that is the whole frame.
    """
    if dims.ndisplay != 2 or displayed_axes(image.ndim, dims) != frame_axes(index):
        return None
    shape, axes = frame_shape(image, index), list(frame_axes(index))
    if seen is not None:
        corners = np.array([from_world(image, dims, corner)[axes] for corner in seen.corners(dims)])
        return _on_lattice(corners.min(axis=0) + 0.5, corners.max(axis=0) + 0.5, shape)
    drawn = np.asarray(image.corner_pixels, float)[:, axes]
    level: Any = image.data[image.data_level] if image.multiscale else image.data
    factors = np.array(shape) / np.array([level.shape[axis] for axis in axes])
    return _on_lattice(drawn[0] * factors, (drawn[1] + 1) * factors, shape)


@dataclass(frozen=True)
class Seen:
    """What a canvas sees of the world.

    Parameters
    ----------
    center
        ``viewer.scene.camera.center``: its last two are the middle, along the two displayed axes.
    zoom
        ``viewer.scene.camera.zoom``: pixels of the canvas for a unit of the world.
    canvas
        ``(height, width)`` of the canvas in its pixels.
    """

    center: tuple[float, ...]
    zoom: float
    canvas: tuple[float, float]

    def corners(self, dims: Dims) -> list[NDArray[np.float64]]:
        """The four corners as positions in the world of a viewer."""
        found = []
        for down, across in ((-1, -1), (-1, 1), (1, 1), (1, -1)):
            corner = np.array(dims.point, float)
            corner[dims.displayed[-2]] = self.center[-2] + down * self.canvas[0] / 2 / self.zoom
            corner[dims.displayed[-1]] = self.center[-1] + across * self.canvas[1] / 2 / self.zoom
            found.append(corner)
        return found


def outline(window: Window, index: FrameIndex) -> NDArray[np.float64]:
    """The corners of a window in data coordinates of the image, ``(4, ndim)``, round about.

    They lie on the outer edges of its pixels, half a pixel beyond their centres.
    """
    top, left = window.row - 0.5, window.col - 0.5
    bottom, right = top + window.rows, left + window.cols
    return in_data([(top, left), (top, right), (bottom, right), (bottom, left)], index)


def _on_lattice(
    low: NDArray[np.float64], high: NDArray[np.float64], shape: tuple[int, int]
) -> Window | None:
    low, high = np.clip(low, 0, shape), np.clip(high, 0, shape)
    if (high <= low).any():
        return None
    step = 2 ** max(int(np.log2(max((high - low).max() / _LATTICE, 1))), 0)
    start = np.floor(low / step) * step
    stop = np.minimum(np.ceil(high / step) * step, shape)
    rows, cols = stop - start
    return Window(int(start[0]), int(start[1]), int(rows), int(cols))


def _holding(window: Window, prompts: ArrayLike, shape: tuple[int, int]) -> Window:
    """The smallest window that holds another one and positions of the frame."""
    points = np.clip(np.asarray(prompts, float).reshape(-1, 2), 0, np.subtract(shape, 1))
    corners = [(window.row, window.col), (window.row + window.rows, window.col + window.cols)]
    low = np.concatenate([corners[:1], np.floor(points)]).min(axis=0)
    high = np.concatenate([corners[1:], np.floor(points) + 1]).max(axis=0)
    rows, cols = high - low
    return Window(int(low[0]), int(low[1]), int(rows), int(cols))
