"""Taking an object that a Labels layer has already: by its id, or by a click on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import FrameIndex, frame_slices
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.target.pyramids import is_foreign, pixels_of
from napari_cutout.layers.target.reading import AT_ONCE, VISITED, read_frame
from napari_cutout.layers.target.targets import find_frame
from napari_cutout.layers.target.writing import read
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from napari import Viewer
    from napari.components import Dims
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.annotate.places import Places
    from napari_cutout.layers.target.targets import TargetFrame


def object_in_frame(
    labels: Labels,
    image: Image,
    index: FrameIndex,
    dims: Dims,
    number: int,
    places: Places | None = None,
) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """The pixels of an object in a frame of the image, in their box.

    O(frame); of a large frame O(box of the object), where that is known.

    Parameters
    ----------
    labels
        The layer that it is in, pixel on pixel with the image.
    image, index, dims
        Which frame.
    number
        Its id.
    places
        Where the objects of the labels are, as far as is known.

    Returns
    -------
    mask : ndarray
        ``(h, w)`` bool.
    origin : tuple
        (row, col) of its first pixel in the image's frame.

    Raises
    ------
    TargetError
        If it isn't there.
    """
    frame = find_frame(labels, image, index, dims)
    box = _box(labels, frame, number, places)
    found = np.asarray(read(labels, frame_slices(frame.index, box)) == number)
    rows, cols = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    if number == 0 or not len(rows):
        raise TargetError(
            f"{labels.name!r} has no object {number} in this frame; click one that is there"
        )
    mask = found[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    row, col = (int(at[0]) + part.start for at, part in zip((rows, cols), box, strict=True))
    return mask, (row - frame.offset[0], col - frame.offset[1])


def _box(
    labels: Labels, frame: TargetFrame, number: int, places: Places | None
) -> tuple[slice, slice]:
    """A box of the labels' frame outside of which the object isn't; empty when it is nowhere."""
    rows, cols = frame.shape
    nowhere = slice(0, 0), slice(0, 0)
    if rows * cols > AT_ONCE and places is not None and places.is_whole(number):
        return places.within(number, frame.index) or nowhere
    if rows * cols > VISITED and frame.index[-2:] == (None, None):
        # Piece by piece: all of it may be larger than the memory.
        extent = read_frame(pixels_of(labels), frame.index).get(number)
        return nowhere if extent is None else extent.box
    return slice(0, rows), slice(0, cols)


def number_at(
    labels: Labels, image: Image, index: FrameIndex, dims: Dims, point: NDArray[np.float64]
) -> int:
    """The id at (row, col) of a frame of the image.

    Raises
    ------
    TargetError
        If nothing is labelled there.
    """
    frame = find_frame(labels, image, index, dims)
    row, col = (int(at) for at in np.round(point) + frame.offset)
    inside = 0 <= row < frame.shape[0] and 0 <= col < frame.shape[1]
    place = (slice(row, row + 1), slice(col, col + 1))
    number = int(read(labels, frame_slices(frame.index, place))[0, 0]) if inside else 0
    if number == 0:
        raise TargetError(f"nothing is labelled there in {labels.name!r}; click on an object")
    return number


def uppermost_at(
    layers: Iterable[Any], image: Image, index: FrameIndex, dims: Dims, point: NDArray[np.float64]
) -> Labels | None:
    """The last of some Labels layers that is visible and has an object at a place."""
    for layer in reversed(list(layers)):
        if not layer.visible or is_foreign(layer):
            continue
        try:
            number_at(layer, image, index, dims, point)
        except TargetError:
            continue
        found: Labels = layer
        return found
    return None


class Clicks:
    """Clicks on the canvas, told of while it is on.

    Parameters
    ----------
    viewer
        Whose canvas.
    clicked
        Called with the place in the world.
    """

    def __init__(self, viewer: Viewer, clicked: Callable[[Any], None]) -> None:
        self._callbacks = viewer.mouse_drag_callbacks
        self._clicked = weak_call(clicked)
        self._callback: Callable[..., Any] | None = None

    @property
    def is_on(self) -> bool:
        """Whether clicks are told of."""
        return self._callback is not None

    def switch(self, on: bool) -> None:
        """Tell of clicks, or don't."""
        if on == self.is_on:
            return
        if on:
            self._callback = _click_watcher(self._clicked)
            self._callbacks.append(self._callback)
            return
        if self._callback in self._callbacks:
            self._callbacks.remove(self._callback)
        self._callback = None


def _click_watcher(
    click: Callable[[Any], None],
) -> Callable[[Any, Any], Generator[None, None, None]]:
    """A mouse callback: a press and release without a drag is a click."""

    def watch(_viewer: Any, event: Any) -> Generator[None, None, None]:
        if event.button != 1:
            return
        yield
        if event.type == "mouse_move":
            while event.type == "mouse_move":
                yield
            return
        click(event.position)

    return watch
