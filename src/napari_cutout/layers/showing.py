"""What a session shows and remembers: answers, the preview, the state of the prompts, a status.

What makes it change is in watching.py.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.layers.answers import Answer, Answers, apart
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.channels import check_sliced
from napari_cutout.layers.image.coordinates import shown_frame
from napari_cutout.layers.image.frames import frame_source
from napari_cutout.layers.image.view_window import window_for
from napari_cutout.layers.jobs import Job
from napari_cutout.layers.steps import PromptStep, TouchStep
from napari_cutout.layers.weak import weak_call
from napari_cutout.segment.mask_options import MaskOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from napari.layers import Image

    from napari_cutout.annotate import FrameIndex, OverlapPolicy, PromptState
    from napari_cutout.annotate.review import Review
    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.image.channels import Channels
    from napari_cutout.layers.image.frames import FrameSource
    from napari_cutout.layers.image.view_window import LookedAt
    from napari_cutout.layers.image.window_outline import WindowOutline
    from napari_cutout.layers.jobs import Runner
    from napari_cutout.layers.model.predictor import Predictor
    from napari_cutout.layers.preview import Preview
    from napari_cutout.layers.prompt_layers import PromptLayers
    from napari_cutout.layers.undo import Undo

ANSWERS_KEPT = 16
"""Objects whose answers are kept, so that undoing their commit shows the very same preview."""

_BEYOND = "It reaches beyond what was looked at; choose 'The whole frame'. "

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


class Showing:
    """The state of a session, and showing it. See :class:`.Session`."""

    _predictor: Predictor
    _layers: PromptLayers
    _preview: Preview
    _outline: WindowOutline
    _undo: Undo
    _run: Runner
    _state: PromptState

    def __init__(self, viewer: Viewer, image: Image, policy: OverlapPolicy) -> None:
        from napari.utils.events import EmitterGroup

        self.events = EmitterGroup(source=self, **dict.fromkeys(_EVENTS))
        self.viewer, self.image = viewer, image
        self.policy: OverlapPolicy = policy
        self.is_closed = False
        self.same_object = False
        self.reopened: int | None = None
        self._last_id: int | None = None
        self._positive, self._group, self._separate = True, 0, False
        self._options = MaskOptions()
        self._review: Review | None = None
        self._window: LookedAt = "auto"
        self._channels: Channels | None = None
        self._dirty, self._status, self._refused = True, "", ""
        self._frame: FrameIndex | None = None
        self._shown: tuple[Answer, ...] = ()
        self._active = 0
        self._answers = Answers()
        self._kept_answers: deque[Answers] = deque(maxlen=ANSWERS_KEPT)

    @property
    def frame(self) -> FrameIndex:
        """The frame of the image that the viewer shows.

        Raises
        ------
        ViewError
            If none is shown that could be prompted.
        """
        return shown_frame(self.image, self.viewer.dims)

    def _on_answers(self, shown: tuple[Answer, ...], answers: Answers) -> None:
        if answers is not self._answers or self.is_closed:
            return
        known = [answer.prompts for answer in self._shown]
        new = [k for k, answer in enumerate(shown) if answer.prompts not in known]
        self._active = new[-1] if new else min(self._active, len(shown) - 1)
        for answer in shown:
            answers.add(answer)
        is_news = [id(answer) for answer in shown] != [id(answer) for answer in self._shown]
        self._shown = shown
        # Asked again after an undo, which showed them already.
        if is_news or not self._preview.is_shown:
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
        index = answer.source.index
        self._preview.show(masks, index, self.viewer.dims)
        self._outline_window()
        what = f"candidate {answer.chosen + 1} of {len(answer.prediction.scores)}"
        if len(self._shown) > 1:
            what = f"{len(self._shown)} objects, the last one {what}"
        if not self._preview.is_shown:
            self._say("The mask is empty. Add a point, choose another candidate, or Ctrl+Z.")
        else:
            note = _BEYOND if answer.is_cut else ""
            self._say(f"{note}Preview of {what}, score {answer.score:.2f}. C commits.")
        self.events.answer()

    def _drop_answer(self) -> None:
        self._shown, self._active = (), 0
        self._preview.hide()
        self._outline_window()
        self.events.answer()

    def _outline_window(self) -> None:
        """Outline what was looked at, after the mask: a layer of shapes takes as long as that."""
        window = self._shown[self._active].prediction.window if self._shown else None
        if self.is_closed or self._outline.shows(window, self._frame):
            return
        show = weak_call(self._show_window)
        self._run(Job("outline", "", lambda: None, lambda _: show(), lambda _: None, lambda: None))

    def _show_window(self) -> None:
        if self.is_closed:
            return
        if not self._shown:
            self._outline.hide()
            return
        answer = self._shown[self._active]
        self._outline.show(answer.prediction.window, answer.source.index)

    def _source(self) -> FrameSource:
        """The shown frame, as the choice of channels and window says."""
        index = self.frame
        if self._channels is not None:
            check_sliced(self._channels, index)
        here = self._state.of_frame(index)
        places = [here.frame_points(index), *(s.frame_vertices(index) for s in here.shapes)]
        places += [np.add(given.origin, [[0, 0], given.mask.shape]) for given in here.masks]
        dims = self.viewer.dims
        window = window_for(self._window, self.image, index, dims, np.concatenate(places))
        return frame_source(self.image, index, self._channels, window)

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

    def _on_touched(self, masks: Sequence[Crop]) -> None:
        """The person painted in the preview: that is what will be committed."""
        self._sync()
        before = tuple(answer.touched for answer in self._shown)
        after = tuple(masks)
        step = TouchStep(self._shown, before, after)
        step.show(back=False)
        self._undo.push(step)
        self._say("The preview was touched up. C commits what is shown.")
        self.events.answer()

    def _check_open(self) -> None:
        if self.is_closed:
            raise SessionError("this session is closed; make a new one")
        while self.lay_next():
            pass

    def lay_next(self) -> bool:
        """Add one of the layers that the session was made without."""
        raise NotImplementedError
