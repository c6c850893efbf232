"""Taking an object that a Labels layer has already: by its id, or by a click on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import FrameIndex, frame_axes, frame_slices
from napari_cutout.layers.coordinates import from_world
from napari_cutout.layers.errors import TargetError, ViewError
from napari_cutout.layers.targets import find_frame
from napari_cutout.layers.weak import weak_call
from napari_cutout.layers.writing import read

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from weakref import ReferenceType

    from napari.components import Dims
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.session import Session


def object_in_frame(
    labels: Labels, image: Image, index: FrameIndex, dims: Dims, number: int
) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """The pixels of an object in a frame of the image, in their box. O(frame).

    Parameters
    ----------
    labels
        The layer that it is in, pixel on pixel with the image.
    image, index, dims
        Which frame.
    number
        Its id.

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
    found = np.asarray(read(labels, frame_slices(frame.index)) == number)
    rows, cols = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    if number == 0 or not len(rows):
        raise TargetError(
            f"{labels.name!r} has no object {number} in this frame; click one that is there"
        )
    mask = found[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return mask, (int(rows[0]) - frame.offset[0], int(cols[0]) - frame.offset[1])


class Picker:
    """Clicks that take an object of a session's target, while it is on.

    Parameters
    ----------
    session
        Held weakly.
    """

    def __init__(self, session: ReferenceType[Session]) -> None:
        self._session = session
        self._callback: Callable[..., Any] | None = None

    @property
    def is_on(self) -> bool:
        """Whether clicks pick."""
        return self._callback is not None

    def switch(self, on: bool) -> None:
        """Make clicks pick, or don't."""
        session = self._session()
        if session is None or on == self.is_on:
            return
        callbacks = session.viewer.mouse_drag_callbacks
        if on:
            self._callback = _click_watcher(weak_call(self._on_click))
            callbacks.append(self._callback)
            return
        if self._callback in callbacks:
            callbacks.remove(self._callback)
        self._callback = None

    def number_at(self, point: NDArray[np.float64], labels: Labels | None = None) -> int:
        """The id at (row, col) of the shown frame.

        Raises
        ------
        TargetError
            If there are no labels, or nothing is labelled there.
        """
        session = self._session()
        layer = None if session is None else session.labels if labels is None else labels
        if session is None or layer is None:
            raise TargetError(
                "there are no labels to pick from; commit an object, or choose labels"
            )
        frame = find_frame(layer, session.image, session.frame, session.viewer.dims)
        row, col = (int(at) for at in np.round(point) + frame.offset)
        inside = 0 <= row < frame.shape[0] and 0 <= col < frame.shape[1]
        place = (slice(row, row + 1), slice(col, col + 1))
        number = int(read(layer, frame_slices(frame.index, place))[0, 0]) if inside else 0
        if number == 0:
            raise TargetError(f"nothing is labelled there in {layer.name!r}; click on an object")
        return number

    def _on_click(self, position: Any) -> None:
        session = self._session()
        if session is None or session.is_closed or session.tool != "pick":
            return
        data = from_world(session.image, session.viewer.dims, position)
        try:
            point = data[list(frame_axes(session.frame))]
            session.pick(point, self._layer_at(point))
        except (TargetError, ViewError) as error:
            session._say(str(error))

    def _layer_at(self, point: NDArray[np.float64]) -> Labels | None:
        """The uppermost visible Labels layer with an object there; None for the target."""
        from napari.layers import Labels

        session = self._session()
        assert session is not None
        for layer in reversed(list(session.viewer.layers)):
            ours = session.preview is not None and layer == session.preview
            if not isinstance(layer, Labels) or ours or not layer.visible or layer.multiscale:
                continue
            try:
                self.number_at(point, layer)
            except TargetError:
                continue
            return layer
        return None


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
