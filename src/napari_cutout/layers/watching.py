"""What a session is made of, and what it does when something happens in the viewer.

What a person or a script asks of it is in previewing.py, prompting.py and session.py.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any
from weakref import ref

from napari_cutout.annotate import FrameIndex, ObjectTable, OverlapPolicy, PromptState
from napari_cutout.layers.answers import Answer, Answers, apart
from napari_cutout.layers.coordinates import shown_frame
from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.layers.hovering import Hover
from napari_cutout.layers.jobs import Runner, run_at_once
from napari_cutout.layers.keys import KeyBindings
from napari_cutout.layers.picking import Picker
from napari_cutout.layers.predictor import Predictor
from napari_cutout.layers.preview import Preview
from napari_cutout.layers.prompt_layers import PromptLayers
from napari_cutout.layers.steps import PromptStep, StrokeStep, TouchStep
from napari_cutout.layers.target import Target
from napari_cutout.layers.undo import Undo
from napari_cutout.segment.mask_options import MaskOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from napari import Viewer
    from napari.layers import Image, Labels

    from napari_cutout.layers.steps import Step
    from napari_cutout.layers.undo import Action
    from napari_cutout.segment import Segmenter

ANSWERS_KEPT = 16
"""Objects whose answers are kept, so that undoing their commit shows the very same preview."""

_EVENTS = (
    "dirty",
    "answer",
    "status",
    "polarity",
    "options",
    "labels",
    "objects",
    "edited",
    "closed",
)
_PLACE = ("scale", "translate", "rotate", "shear", "affine", "units")


class Watching:
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
    ) -> None:
        from napari.utils.events import EmitterGroup

        _check_image(viewer, image)
        self.events = EmitterGroup(source=self, **dict.fromkeys(_EVENTS))
        self.viewer, self.image = viewer, image
        self.policy: OverlapPolicy = policy
        self._objects = ObjectTable()
        self.is_closed = False
        self._positive, self._group, self._separate = True, 0, False
        self._options = MaskOptions()
        self.same_object = False
        self.reopened: int | None = None
        self._last_id: int | None = None
        self._hover, self._picker = Hover(ref(self)), Picker(ref(self))
        self._dirty = True
        self._status = ""
        self._refused = ""
        self._frame: FrameIndex | None = None
        self._shown: tuple[Answer, ...] = ()
        self._active = 0
        self._answers = Answers()
        self._kept_answers: deque[Answers] = deque(maxlen=ANSWERS_KEPT)
        self._predictor = Predictor(
            image,
            model,
            intensity,
            run or run_at_once,
            self._on_answers,
            self._on_pixels_in_place,
            self._say,
        )
        self._target = Target(
            viewer, image, run or run_at_once, self._on_stroke, self._on_labels_replaced
        )
        self._target.use(labels)
        self._undo = Undo(self._objects, self._target, self._on_edited)
        self._preview = Preview(viewer, image, touched=self._on_touched)
        self._layers = PromptLayers(viewer, image, self._sync, self._on_prompts)
        self._state = self._layers.read()
        self._keys = KeyBindings(self, report)
        self._bind_keys()
        self._listen(True)
        self._on_view()

    @property
    def frame(self) -> FrameIndex:
        """The frame of the image that the viewer shows.

        Raises
        ------
        ViewError
            If none is shown that could be prompted.
        """
        return shown_frame(self.image, self.viewer.dims)

    def _listen(self, on: bool) -> None:
        dims, image, layers = self.viewer.dims.events, self.image.events, self.viewer.layers.events
        watched: list[tuple[Any, Callable[..., None]]] = [
            *((getattr(dims, name), self._on_view) for name in ("point", "order", "ndisplay")),
            *((getattr(image, name), self._on_place) for name in _PLACE),
            (dims.units, self._on_place),
            (image.data, self._on_pixels),
            (layers.removed, self._on_removed),
        ]
        for emitter, call in watched:
            (emitter.connect if on else emitter.disconnect)(call)

    def _on_prompts(self) -> None:
        self._set_dirty()

    def _on_view(self) -> None:
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
        self._on_view()
        self._show()

    def _on_pixels(self) -> None:
        self._predictor.forget()
        self._start_over()

    def _on_pixels_in_place(self) -> None:
        self._on_pixels()
        self.update()

    def update(self) -> None:
        """Ask for the candidates of the prompts as they are now."""
        raise NotImplementedError

    def _on_removed(self, event: Any) -> None:
        layer = event.value
        self._keys.release(layer)
        if layer == self.image:
            self._say("The image was removed.")
            self.close()
        elif self._layers.forget(layer):
            self._state = self._layers.read()
            self._start_over()
        elif self._preview.layer is not None and layer == self._preview.layer:
            self._preview.layer = None
            self._start_over()
        elif self._hover.forget(layer):
            self._hover.switch(False)
            self.events.options()
        elif self._target.layer is not None and layer == self._target.layer:
            self._undo.forget_layer(layer)
            self.labels = None
            self._say("The target was removed; choose another one.")

    def _on_stroke(self, labels: Labels, painted: Sequence[tuple[Any, ...]] = ()) -> None:
        self._sync()
        self._undo.push(StrokeStep(labels, tuple(painted)))
        self.events.objects()

    def _on_touched(self) -> None:
        """The person painted in the preview: that is what will be committed."""
        self._sync()
        before = tuple(answer.touched for answer in self._shown)
        after = tuple(self._preview.masks())
        step = TouchStep(self._shown, before, after)
        step.show(back=False)
        self._undo.push(step)
        self._say("The preview was touched up. C commits what is shown.")
        self.events.answer()

    def _on_edited(self, step: Step, action: Action) -> None:
        self.events.edited(step=step, action=action)

    def _on_labels_replaced(self, labels: Labels) -> None:
        self._undo.forget_layer(labels)
        self.events.objects()

    def _on_answers(self, shown: tuple[Answer, ...], answers: Answers) -> None:
        if answers is not self._answers or self.is_closed:
            return
        known = [answer.prompts for answer in self._shown]
        new = [k for k, answer in enumerate(shown) if answer.prompts not in known]
        self._active = new[-1] if new else min(self._active, len(shown) - 1)
        for answer in shown:
            answers.add(answer)
        self._shown = shown
        self._show()

    def _sync(self) -> None:
        """Make an undo step of what was done to the prompt layers since the last one."""
        state = self._layers.read()
        if state != self._state:
            self._undo.push(PromptStep(self._state, state))
            self._state = state

    def _show_prompts(self, state: PromptState) -> None:
        self._layers.write(state)
        self._state = self._layers.read()

    def _show(self) -> None:
        """Show what was answered, as the options say."""
        if not self._shown:
            return
        answer = self._shown[self._active]
        masks = apart([shown.crop(self._options) for shown in self._shown])
        self._preview.show(masks, answer.source.index, self.viewer.dims)
        what = f"candidate {answer.chosen + 1} of {len(answer.prediction.scores)}"
        if len(self._shown) > 1:
            what = f"{len(self._shown)} objects, the last one {what}"
        if not self._preview.is_shown:
            self._say("The mask is empty. Add a point, choose another candidate, or Ctrl+Z.")
        else:
            self._say(f"Preview of {what}, score {answer.score:.2f}. C commits.")
        self.events.answer()

    def _drop_answer(self) -> None:
        self._shown, self._active = (), 0
        self._preview.hide()
        self.events.answer()

    def _start_over(self) -> None:
        """What was answered doesn't hold any more; the prompts do."""
        self._predictor.withdraw()
        self._answers = Answers()
        self._kept_answers.clear()
        self._drop_answer()
        self._set_dirty()

    def _set_dirty(self) -> None:
        self._dirty = True
        if not self.is_closed:
            self.events.dirty()

    def _say(self, text: str) -> None:
        self._status = text
        self.events.status()

    def _bind_keys(self) -> None:
        ours = [*self._layers.layers, self._preview.layer, self.image]
        self._keys.bind([self.viewer, *(layer for layer in ours if layer is not None)])
        if self._target.layer is not None:
            self._keys.bind([self._target.layer], everywhere_only=True)

    def _check_open(self) -> None:
        if self.is_closed:
            raise SessionError("this session is closed; make a new one")

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
        self._hover.switch(False)
        self._picker.switch(False)
        self._keys.close()
        self._predictor.forget()
        self._target.close()
        self._layers.close()
        self._drop_answer()
        self._preview.close()
        self.events.closed()
        self.events.disconnect()


def _check_image(viewer: Viewer, image: Image) -> None:
    from napari.layers import Image

    if not isinstance(image, Image):
        raise SessionError(f"a session cuts an Image layer, not {image!r}")
    if image not in viewer.layers:
        raise SessionError(f"{image.name!r} isn't in the viewer; add it first")
