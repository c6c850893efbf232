"""What a session is made of, and what it does when something happens in the viewer.

What is shown at any time is in showing.py, layers that are added later in laying.py; what a person
or a script asks of a session, in looking.py, previewing.py, prompting.py, pointing.py,
committing.py and session.py.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from weakref import ref

from napari_cutout.layers.answers import Answers
from napari_cutout.layers.anticipating import Anticipation
from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.layers.hovering import Hover
from napari_cutout.layers.image.window_outline import WindowOutline
from napari_cutout.layers.jobs import Runner, run_at_once
from napari_cutout.layers.keys import KeyBindings
from napari_cutout.layers.laying import Laying
from napari_cutout.layers.model.models import AUTO, Loading
from napari_cutout.layers.model.predictor import Predictor
from napari_cutout.layers.picking import Clicks
from napari_cutout.layers.preview import Preview
from napari_cutout.layers.prompt_layers import PromptLayers
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.steps import StrokeStep
from napari_cutout.layers.target.target import Target
from napari_cutout.layers.undo import Undo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.annotate import OverlapPolicy
    from napari_cutout.layers.steps import Step
    from napari_cutout.layers.undo import Action
    from napari_cutout.segment import Segmenter

_PLACE = ("scale", "translate", "rotate", "shear", "affine", "units")


class Watching(Laying):
    """The state of a session, kept in step with the viewer. See :class:`.Session`."""

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        model: str | Path | Segmenter = "compact",
        labels: Labels | None = None,
        run: Runner | None = None,
        *,
        intensity: str = "percentile",
        policy: OverlapPolicy = "new_on_top",
        report: Callable[[Exception], None] | None = None,
        loading: Loading = AUTO,
        lay: bool = True,
    ) -> None:
        _check_image(viewer, image)
        super().__init__(viewer, image, policy)
        self._run = run = run or run_at_once
        self._hover = Hover(ref(self))
        self._anticipation = Anticipation(ref(self))
        self._picking = Clicks(viewer, self._on_pick)
        self._predictor = Predictor(
            image,
            model,
            intensity,
            run,
            self._on_answers,
            self._on_pixels_in_place,
            self._say,
            loading,
        )
        self._target = Target(
            viewer,
            image,
            run,
            self._on_stroke,
            self._on_labels_replaced,
            self._on_found,
            self._on_labels_drawn,
        )
        self._target.use(labels)
        self._undo = Undo(self._target, self._on_edited)
        with keeping_selection(viewer):
            self._preview = Preview(viewer, image, touched=self._on_touched)
        self._outline = WindowOutline(viewer, image)
        self._layers = PromptLayers(viewer, image, self._sync, self._on_prompts, lay)
        self._state = self._layers.read()
        self._keys = KeyBindings(self, report)
        self._bind_keys()
        self._batches = 0
        self._listen(True)
        self._on_view()

    def _listen(self, on: bool) -> None:
        dims, image, layers = self.viewer.dims.events, self.image.events, self.viewer.layers.events
        watched: list[tuple[Any, Callable[..., None]]] = [
            *((getattr(dims, name), self._on_view) for name in ("point", "order", "ndisplay")),
            *((getattr(image, name), self._on_place) for name in _PLACE),
            (dims.units, self._on_place),
            (image.data, self._on_pixels),
            (layers.removed, self._on_removed),
            (layers.begin_batch, self._on_batch),
            (layers.end_batch, self._on_batch),
        ]
        for emitter, call in watched:
            (emitter.connect if on else emitter.disconnect)(call)

    def _on_prompts(self) -> None:
        self._set_dirty()

    def _on_view(self) -> None:
        # napari tells of the dims before it tells that a layer was removed.
        if self.image not in self.viewer.layers:
            return
        try:
            index = self.frame
        except ViewError as error:
            index = None
            self._say(str(error))
        if index != self._frame:
            self._frame = index
            self._predictor.withdraw()
            self._answers = Answers()
            self._hover.drop()
            self.reopened = None
            self._drop_answer()
            self._set_dirty()

    def _on_place(self) -> None:
        self._layers.place()
        self._outline.place()
        self._on_view()
        self._show()

    def _on_pixels(self) -> None:
        self._predictor.forget()
        self._start_over()

    def _on_pixels_in_place(self, is_answered: bool) -> None:
        """The pixels aren't those that were encoded: ask again, but for what a brush touched."""
        if is_answered and any(answer.touched is not None for answer in self._shown):
            self._predictor.forget()
            self._answers = Answers()
            self._say("The image changed since this was cut out and touched up.")
            return
        self._on_pixels()
        self.update()

    def update(self) -> None:
        """Ask for the candidates of the prompts as they are now."""
        raise NotImplementedError

    def _on_pick(self, position: Any) -> None:
        """Somebody clicked on an object to take it."""
        raise NotImplementedError

    def _on_removed(self, event: Any) -> None:
        layer = event.value
        self._keys.release(layer)
        if layer == self.image:
            self._say("The image was removed.")
            self.close()
        elif layer in self._layers.layers:
            # What was done to it last is a step that can be undone.
            self._sync()
            self._layers.forget(layer)
            self._state = self._layers.read()
            self._start_over()
        elif self._preview.layer is not None and layer == self._preview.layer:
            self._preview.layer = None
            self._start_over()
        elif self._outline.forget(layer):
            self._say("The window isn't outlined any more.")
        elif self._hover.forget(layer):
            self._hover.switch(False)
            self.events.options()
        elif self._target.layer is not None and layer == self._target.layer:
            self._undo.forget_layer(layer)
            self.labels = None
            self._say("The target was removed; choose another one.")
        else:
            self._undo.forget_layer(layer)

    def _on_batch(self, event: Any) -> None:
        # One inside another, where another session ends.
        self._batches = max(0, self._batches + (1 if event.type == "begin_batch" else -1))

    def _on_stroke(self, labels: Labels, painted: Sequence[tuple[Any, ...]] = ()) -> None:
        self._sync()
        self._undo.push(StrokeStep(labels, tuple(painted)))
        self.events.objects()

    def _on_edited(self, step: Step, action: Action) -> None:
        self.events.edited(step=step, action=action)

    def _on_found(self) -> None:
        """Objects were found that the target had already."""
        self.events.objects()

    def _on_labels_drawn(self, _: Labels) -> None:
        """Napari may have undone a step by itself, or done it again."""
        if self._undo.reconcile():
            self.events.objects()

    def _on_labels_replaced(self, labels: Labels) -> None:
        self._undo.forget_layer(labels)
        self.events.objects()

    @property
    def labels(self) -> Labels | None:
        """The target; None until the first commit makes one."""
        return self._target.layer

    @labels.setter
    def labels(self, labels: Labels | None) -> None:
        if self._target.layer is not None:
            self._keys.release(self._target.layer)
        self._last_id = self.reopened = None
        self._target.use(labels)
        self._bind_keys()
        self.events.labels()

    def close(self) -> None:
        """Take away our layers, keys and callbacks. The labels stay."""
        if self.is_closed:
            return
        self.is_closed = True
        self._listen(False)
        self._picking.switch(False)
        self._anticipation.switch(False)
        self._keys.close()
        self._predictor.forget()
        self._target.close()
        self._take_layers_away()
        self.events.closed()
        self.events.disconnect()

    def _take_layers_away(self) -> None:
        ours = [*self._layers.layers, self._preview.layer, self._outline.layer, self._hover.layer]
        there = [layer for layer in ours if layer is not None and layer in self.viewer.layers]
        # One by one, napari would draw all anew, and collect garbage, for each.
        together = self.viewer.layers.batched_update() if len(there) > 1 else nullcontext()
        # While napari removes those that are selected, it has to find each of them itself.
        left = set(self.viewer.layers.selection) if self._batches else set()
        with together:
            self._hover.switch(False)
            self._layers.close(left)
            self._drop_answer()
            self._preview.close(left)
            self._outline.close()


def _check_image(viewer: Viewer, image: Image) -> None:
    from napari.layers import Image

    if not isinstance(image, Image):
        raise SessionError(f"a session cuts an Image layer, not {image!r}")
    if image not in viewer.layers:
        raise SessionError(f"{image.name!r} isn't in the viewer; add it first")
