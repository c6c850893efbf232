"""Where a brush paints in labels that are too large for napari's own: a part of them, as a layer.

It holds their pixels at full resolution around what is in view. Each stroke in it is told as the
changes of the labels that it stands for; who writes them is the session. What else is written there
follows here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, frame_slices
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.coordinates import in_data, world_matrix, world_units
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.target.painting import changes_of
from napari_cutout.layers.target.writing import Change, read
from napari_cutout.layers.weak import weak_call
from napari_cutout.segment import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from napari import Viewer
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.target.targets import TargetFrame

LARGEST = 1 << 24
"""Pixels of the largest part: napari colours all of it when it comes into view."""


class PaintWindow:
    """A part of a target that napari's brushes paint in.

    Parameters
    ----------
    viewer, image
        Where it lies.
    painted
        Called with the changes of the target that a stroke stands for; nothing is written yet.
    """

    def __init__(
        self, viewer: Viewer, image: Image, painted: Callable[[Sequence[Change]], None]
    ) -> None:
        self._viewer, self._image = viewer, image
        self._painted = weak_call(painted)
        self.layer: Labels | None = None
        """The layer; None until it is needed, and once it was deleted."""
        self.index: FrameIndex = ()
        """The frame of the image."""
        self._labels: Labels | None = None
        self._frame: TargetFrame | None = None
        self._window = Window(0, 0, 0, 0)
        self._is_told = False
        viewer.layers.selection.events.active.connect(self._on_active)

    @property
    def labels(self) -> Labels | None:
        """The labels that are painted in; None while no brush is."""
        is_open = self.layer is not None and bool(self.layer.visible)
        return self._labels if is_open else None

    def holds(self, view: Window, index: FrameIndex) -> bool:
        """Whether all that is seen of a frame can be painted in."""
        assert self._frame is not None
        mine, wanted = self._window, _within(view, self._frame)
        return (
            index == self.index
            and mine.row <= wanted.row
            and mine.col <= wanted.col
            and wanted.row + wanted.rows <= mine.row + mine.rows
            and wanted.col + wanted.cols <= mine.col + mine.cols
        )

    def show(self, labels: Labels, frame: TargetFrame, index: FrameIndex, view: Window) -> Labels:
        """Show what is in a view, and some way around it.

        Parameters
        ----------
        labels, frame
            What is painted in, and where the image's frame lies there.
        index
            The frame of the image.
        view
            What is seen of the frame.

        Returns
        -------
        Labels
            The layer, which keeps the mode that it has.

        Raises
        ------
        SessionError
            If more is in view than can be painted in.
        """
        if view.rows * view.cols > LARGEST:
            side = int(LARGEST**0.5)
            raise SessionError(
                f"{view.rows:,} x {view.cols:,} pixels are in view, and a brush paints in "
                f"{side:,} x {side:,} at most; zoom in first"
            )
        self._labels, self._frame, self.index = labels, frame, index
        self._window = _within(_around(view), frame)
        pixels = self._read(self._window)
        if self.layer is None:
            self.layer = self._make(labels, pixels.dtype)
        layer, mode = self.layer, self.layer.mode
        shape = [1] * self._image.ndim
        for axis, length in zip(frame_axes(index), pixels.shape, strict=True):
            shape[axis] = length
        if layer.data.shape == tuple(shape) and layer.data.dtype == pixels.dtype:
            self._plane()[:] = pixels
            layer.refresh(extent=False, highlight=False)
        else:
            layer.data = pixels.reshape(shape)
        layer.colormap = labels.colormap
        self.place()
        layer.visible = True
        # napari takes the brush away when data are set, or while nothing is to be seen.
        layer.mode = mode
        return layer

    def place(self) -> None:
        """Be where the part is in the image."""
        if self.layer is None:
            return
        matrix = np.array(world_matrix(self._image, self._viewer.dims))
        origin = self._window.row, self._window.col
        matrix[:-1, -1] += matrix[:-1, :-1] @ in_data([origin], self.index)[0]
        self.layer.units = world_units(self._image, self._viewer.dims)
        self.layer.affine = matrix

    def follow(self, changes: Iterable[Change]) -> None:
        """Something was written into the labels: show it, where it isn't there yet."""
        if self.labels is None or self._is_told:
            return
        if any(True for _ in changes):
            self._read_again()

    def hide(self) -> None:
        """Paint no more; the layer stays, for another time."""
        if self.layer is not None:
            self.layer.visible = False

    def forget(self, layer: object) -> bool:
        """Let go of the layer, if it is this one. Returns whether it was."""
        if self.layer is None or layer != self.layer:
            return False
        self.layer = self._labels = None
        return True

    def close(self) -> None:
        """Take the layer away."""
        self._viewer.layers.selection.events.active.disconnect(self._on_active)
        layer, self.layer, self._labels = self.layer, None, None
        if layer is not None and layer in self._viewer.layers:
            layer.visible = False
            self._viewer.layers.remove(layer)

    def _make(self, labels: Labels, dtype: np.dtype[Any]) -> Labels:
        from napari.layers import Labels as Layer

        layer = Layer(
            np.zeros((1,) * self._image.ndim, dtype),
            name=f"brush for {labels.name}",
            opacity=labels.opacity,
            visible=False,
            axis_labels=self._image.axis_labels,
        )
        layer.selected_label = labels.selected_label
        layer.preserve_labels = labels.preserve_labels
        layers = self._viewer.layers
        with keeping_selection(self._viewer):
            place = layers.index(labels) + 1 if labels in layers else len(layers)
            layers.insert(place, layer)
        layer.events.paint.connect(self._on_paint)
        return layer

    def _read(self, window: Window) -> NDArray[np.integer]:
        assert self._labels is not None
        return np.array(read(self._labels, self._slices(window)))

    def _read_again(self) -> None:
        assert self.layer is not None
        now, plane = self._read(self._window), self._plane()
        if not np.array_equal(now, plane):
            plane[:] = now
            self.layer.refresh(extent=False, highlight=False)

    def _slices(self, window: Window) -> tuple[int | slice, ...]:
        """Where a part of the image's frame is in the labels."""
        assert self._frame is not None
        row, col = np.add(self._frame.offset, (window.row, window.col)).tolist()
        box = slice(row, row + window.rows), slice(col, col + window.cols)
        return frame_slices(self._frame.index, box)

    def _plane(self) -> NDArray[np.integer]:
        """The layer's pixels ``(rows, cols)``; writing there writes to the layer."""
        assert self.layer is not None
        data: NDArray[np.integer] = self.layer.data
        return data.reshape([data.shape[axis] for axis in frame_axes(self.index)])

    def _on_active(self) -> None:
        layer = self.layer
        if layer is None or not layer.visible:
            return
        # None is what napari tells of between two layers, too.
        active = self._viewer.layers.selection.active
        if active is not None and active != layer:
            layer.visible = False

    def _on_paint(self, event: Any) -> None:
        if self.labels is None:
            return
        axes = frame_axes(self.index)
        plane = tuple(_in_plane(atom, axes) for atom in event.value)
        changes = changes_of(self._plane().shape, plane)
        moved = [one for change in changes if (one := self._in_labels(change)) is not None]
        if not moved:
            return
        self._is_told = True
        try:
            self._painted(moved)
        except Exception:
            self._read_again()
            raise
        finally:
            self._is_told = False

    def _in_labels(self, change: Change) -> Change | None:
        """A change of the part as one of the labels; None where it changes nothing there."""
        rows, cols = (part for part in change.slices if isinstance(part, slice))
        height, width = change.pixels.shape
        mine = self._window
        slices = self._slices(Window(mine.row + rows.start, mine.col + cols.start, height, width))
        assert self._labels is not None
        there = read(self._labels, slices)
        after = np.zeros_like(there)
        after[change.pixels] = change.after
        pixels = change.pixels & (there != after)
        if not pixels.any():
            return None
        new = after[pixels]
        return Change(slices, pixels, there[pixels], int(new[0]) if (new == new[0]).all() else new)


def _in_plane(atom: tuple[Any, ...], axes: tuple[int, int]) -> tuple[Any, ...]:
    """Napari's account of a dab, along the two axes of the frame alone."""
    where, *rest = atom
    flat = tuple(where[axis] for axis in axes)
    if len(atom) == 4 and rest[0] is not None:
        mask = np.asarray(rest[0])
        rest[0] = mask.reshape([mask.shape[axis] for axis in axes]) if mask.ndim > 2 else mask
    return (flat, *rest)


def _around(view: Window) -> Window:
    """Half a view more on each side, where that isn't too much."""
    down, across = view.rows // 2, view.cols // 2
    if (view.rows + 2 * down) * (view.cols + 2 * across) > LARGEST:
        return view
    return Window(view.row - down, view.col - across, view.rows + 2 * down, view.cols + 2 * across)


def _within(window: Window, frame: TargetFrame) -> Window:
    """The part of it that the labels have."""
    spans = []
    sides = ((window.row, window.rows), (window.col, window.cols))
    for (first, length), offset, size in zip(sides, frame.offset, frame.shape, strict=True):
        low = min(max(first, -offset), size - offset)
        high = max(min(first + length, size - offset), low)
        spans.append((low, high - low))
    (row, rows), (col, cols) = spans
    if not rows or not cols:
        raise SessionError("what is in view lies outside the labels; move to where they are")
    return Window(row, col, rows, cols)
