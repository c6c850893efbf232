"""Where a brush paints in labels that are too large for napari's own: a part of them, as a layer.

It holds their pixels at full resolution around what is in view. Each stroke in it is told as the
changes of the labels that it stands for; who writes them is the session. What else is written there
follows here. Which part that is, and where it is in the labels, is in painted_part.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.coordinates import in_data, world_matrix, world_units
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.target.painted_part import PaintedPart
from napari_cutout.layers.target.painting import changes_of
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from napari import Viewer
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.target.targets import TargetFrame
    from napari_cutout.layers.target.writing import Change
    from napari_cutout.segment import Window

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
        self._part: PaintedPart | None = None
        self._is_told = False
        viewer.layers.selection.events.active.connect(self._on_active)

    @property
    def labels(self) -> Labels | None:
        """The labels that are painted in; None while no brush is."""
        is_open = self.layer is not None and bool(self.layer.visible)
        return self._part.labels if is_open and self._part is not None else None

    @property
    def index(self) -> FrameIndex:
        """The frame of the image."""
        return () if self._part is None else self._part.index

    def holds(self, view: Window, index: FrameIndex) -> bool:
        """Whether all that is seen of a frame can be painted in."""
        assert self._part is not None
        return self._part.holds(view, index)

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
        self._part = PaintedPart.around(view, labels, frame, index, LARGEST)
        pixels = self._part.read()
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
        if self.layer is None or self._part is None:
            return
        matrix = np.array(world_matrix(self._image, self._viewer.dims))
        origin = self._part.window.row, self._part.window.col
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
        self.layer = self._part = None
        return True

    def close(self) -> None:
        """Take the layer away."""
        self._viewer.layers.selection.events.active.disconnect(self._on_active)
        layer, self.layer, self._part = self.layer, None, None
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

    def _read_again(self) -> None:
        assert self.layer is not None
        assert self._part is not None
        now, plane = self._part.read(), self._plane()
        if not np.array_equal(now, plane):
            plane[:] = now
            self.layer.refresh(extent=False, highlight=False)

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
        part = self._part
        if self.labels is None or part is None:
            return
        axes = frame_axes(self.index)
        plane = tuple(_in_plane(atom, axes) for atom in event.value)
        changes = changes_of(self._plane().shape, plane)
        moved = [one for change in changes if (one := part.in_labels(change)) is not None]
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


def _in_plane(atom: tuple[Any, ...], axes: tuple[int, int]) -> tuple[Any, ...]:
    """Napari's account of a dab, along the two axes of the frame alone."""
    where, *rest = atom
    flat = tuple(where[axis] for axis in axes)
    if len(atom) == 4 and rest[0] is not None:
        mask = np.asarray(rest[0])
        rest[0] = mask.reshape([mask.shape[axis] for axis in axes]) if mask.ndim > 2 else mask
    return (flat, *rest)
