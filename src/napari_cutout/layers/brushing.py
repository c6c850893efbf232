"""Brushes in the hand of a person: in the preview, and in labels too large for napari's own.

Of those, what is in view is painted in, see target/paint_window.py; each stroke is an edit, which
is undone and logged as any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError, TargetError, ViewError
from napari_cutout.layers.gathering import Gathering
from napari_cutout.layers.image.view_window import view_window
from napari_cutout.layers.jobs import Job
from napari_cutout.layers.preview import BRUSHES
from napari_cutout.layers.steps import Edit, EditStep
from napari_cutout.layers.target.paint_window import PaintWindow
from napari_cutout.layers.target.pyramids import is_ours
from napari_cutout.layers.target.targets import check_writable, find_frame
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Labels

    from napari_cutout.layers.steps import Step
    from napari_cutout.layers.target.writing import Change
    from napari_cutout.layers.undo import Action


class Brushing(Gathering):
    """A session as far as brushes. See :class:`.Session`."""

    _paint: PaintWindow | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._paint = PaintWindow(self.viewer, self.image, self._on_painted)
        self._listen_to_brushes(True)

    @property
    def own_labels(self) -> tuple[Any, ...]:
        """The Labels layers that the session shows something in; None for one that isn't there."""
        return (*super().own_labels, None if self._paint is None else self._paint.layer)

    @property
    def can_touch_up(self) -> bool:
        """Whether there is anything for :meth:`touch_up`."""
        return bool(self._shown) or self._paints_in_labels

    @property
    def brush(self) -> str | None:
        """The brush that is in the hand, in the preview or in the labels; None for none of ours."""
        active = self.viewer.layers.selection.active
        painted = None if self._paint is None else self._paint.layer
        ours = [layer for layer in (self.preview, painted) if layer is not None]
        if active is None or not any(active == layer for layer in ours):
            return None
        return str(active.mode) if str(active.mode) in BRUSHES else None

    def touch_up(self, brush: str = "paint") -> None:
        """Take a brush to the preview: what is shown is what will be committed.

        Without a preview, and where the labels are too large for napari's brushes, take it to them:
        to what is in view, at full resolution. Each stroke is written as it ends.

        Parameters
        ----------
        brush
            ``"paint"``, ``"erase"``, ``"fill"`` or ``"polygon"``, napari's own.

        Raises
        ------
        SessionError
            If nothing is shown, or too much of the labels is in view.
        TargetError
            If the labels can't be written.
        """
        self._check_open()
        labels = self.labels
        if self._preview.is_shown or labels is None or not self._paints_in_labels:
            super().touch_up(brush)
            return
        check_writable(labels)
        layer = self._show_window_of(labels)
        if self._last_id is not None:
            with layer.events.selected_label.blocker(self._on_number):
                layer.selected_label = self._last_id
        self._bind_keys()
        self.viewer.layers.selection.active = layer
        layer.mode = brush
        self._say(
            f"Paint in {labels.name!r} where it is in view; every stroke is written at once. "
            "M takes a new id, Ctrl+Z takes a stroke back."
        )

    @property
    def _paints_in_labels(self) -> bool:
        return self.labels is not None and is_ours(self.labels)

    def _show_window_of(self, labels: Labels) -> Labels:
        assert self._paint is not None, "it is made with the session"
        index, dims = self.frame, self.viewer.dims
        view = view_window(self.image, index, dims)
        if view is None:
            raise SessionError(f"{self.image.name!r} isn't in view; move to where it is")
        is_new = self._paint.layer is None
        layer = self._paint.show(labels, find_frame(labels, self.image, index, dims), index, view)
        if is_new:
            new_id = weak_call(self._take_new_id)
            layer.bind_key("M", lambda _: new_id(), overwrite=True)
            layer.events.selected_label.connect(self._on_number)
            self.events.labels()
        return layer

    def _take_new_id(self) -> None:
        """Paint another object: one that no part of the labels has yet, in view or not."""
        labels, paint = self.labels, self._paint
        if labels is None or paint is None or paint.layer is None:
            return
        try:
            frame = find_frame(labels, self.image, self.frame, self.viewer.dims)
            paint.layer.selected_label = self._target.next_id(frame)
        except (TargetError, ViewError) as error:
            self._say(str(error))

    def _on_number(self) -> None:
        """What napari takes for new is so in the window; an object out of view may have it."""
        layer = None if self._paint is None else self._paint.layer
        if layer is not None and layer.selected_label == int(layer.data.max()) + 1:
            self._take_new_id()

    def _on_painted(self, changes: Sequence[Change]) -> None:
        """A stroke ended."""
        self._sync()
        self._undo.reconcile()
        self._apply(Edit("Brush stroke", tuple(changes)))

    def _on_edited(self, step: Step, action: Action) -> None:
        super()._on_edited(step, action)
        paint = self._paint
        painted = None if paint is None else paint.labels
        if paint is None or painted is None or not isinstance(step, EditStep):
            return
        if painted == step.labels:
            paint.follow(step.edit.changes)

    def _listen_to_brushes(self, on: bool) -> None:
        camera, selection = self.viewer.scene.camera.events, self.viewer.layers.selection.events
        for emitter, call in (
            (camera.center, self._on_camera),
            (camera.zoom, self._on_camera),
            (selection.active, self._on_active),
            (self.events.labels, self._on_target),
        ):
            (emitter.connect if on else emitter.disconnect)(call)

    def _on_camera(self) -> None:
        """The view moved: when it rests, what is painted in follows."""
        if self._paint is None or self._paint.labels is None:
            return
        follow = weak_call(self._follow_view)
        self._run(Job("brush", "", lambda: None, lambda _: follow(), lambda _: None, lambda: None))

    def _follow_view(self) -> None:
        paint = self._paint
        labels = None if paint is None else paint.labels
        if self.is_closed or paint is None or labels is None:
            return
        try:
            view = view_window(self.image, self.frame, self.viewer.dims)
            if view is not None and not paint.holds(view, self.frame):
                self._show_window_of(labels)
        except (SessionError, TargetError, ViewError) as error:
            self._say(str(error))

    def _on_view(self) -> None:
        super()._on_view()
        paint = self._paint
        if paint is None or paint.labels is None or paint.index == self._frame:
            return
        if self._frame is None:
            paint.hide()
        else:
            self._follow_view()

    def _on_place(self) -> None:
        super()._on_place()
        if self._paint is not None and self._paint.labels is not None:
            self._paint.place()

    def _on_target(self) -> None:
        """Other labels are painted in from now on, if any."""
        paint = self._paint
        if paint is not None and paint.labels is not None and paint.labels != self.labels:
            paint.hide()

    def _on_active(self) -> None:
        """Say why napari's brushes are grey, where somebody may reach for them."""
        active = self.viewer.layers.selection.active
        if self._paints_in_labels and active is not None and active == self.labels:
            self._say(
                f"{active.name!r} is too large for napari's brushes. 'Brush' and 'Eraser' of Cut "
                "Out paint in what is in view."
            )

    def _on_removed(self, event: Any) -> None:
        if self._paint is not None and self._paint.forget(event.value):
            self._keys.release(event.value)
            return
        super()._on_removed(event)

    def _bind_keys(self) -> None:
        super()._bind_keys()
        if self._paint is not None and self._paint.layer is not None:
            self._keys.bind([self._paint.layer], everywhere_only=True)

    def _take_layers_away(self) -> None:
        self._listen_to_brushes(False)
        super()._take_layers_away()
        if self._paint is not None:
            self._paint.close()
