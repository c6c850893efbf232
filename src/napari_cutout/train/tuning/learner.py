"""The weights that learn, their optimiser and their average: one optimiser step at a time."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from napari_cutout.sam.sam import Sam
from napari_cutout.segment.memory import is_out_of_memory
from napari_cutout.train.errors import TuningError
from napari_cutout.train.losses import dense_loss
from napari_cutout.train.targets import dense_targets
from napari_cutout.train.tuning.examples import in_input
from napari_cutout.train.tuning.parent import products
from napari_cutout.train.tuning.parts import learning_rate, learns_to_encode, let_learn
from napari_cutout.train.tuning.remembering import as_it_was
from napari_cutout.train.tuning.teaching import Teacher, pass_loss

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from napari_cutout.sam.family import Features
    from napari_cutout.train.tuning.lessons import Lesson
    from napari_cutout.train.tuning.options import TuningOptions
    from napari_cutout.train.tuning.parent import Model

_WARM_UP = 0.05
_LEAST_RATE = 0.02
_AVERAGE_DECAY = 0.98
_GRADIENT_CLIP = 1.0
_DENSE_WEIGHT = 2.0


class Learner:
    """What changes in a run.

    Parameters
    ----------
    model
        Frozen; becomes this learner's own.
    what
        ``"decoder"``, ``"lora"`` or ``"all"``.
    steps
        Of the whole run, for the learning rate's course.
    options
        As they were given.
    device
        Where it computes.

    Attributes
    ----------
    step
        How many are done.
    at_once
        Objects of a pass that are answered at once; halved where memory doesn't suffice.
    """

    def __init__(
        self, model: Model, what: str, steps: int, options: TuningOptions, device: torch.device
    ) -> None:
        self.model, self.device, self.steps, self.what = model, device, steps, what
        self._products = products(options.precision, device)
        if isinstance(model, Sam):
            model.prepare_training(device, self._products)
        self.teacher = as_it_was(model)
        self.parameters = let_learn(model, what, options)
        self.averaged = self._original = self._copies()
        self._rate = learning_rate(model, what, options)
        self._remember, self._blend = options.remember, options.blend
        self._passes = options.accumulate
        self.at_once = options.objects_per_pass
        self.step = 0
        self._optimiser = torch.optim.AdamW(
            list(self.parameters.values()), lr=self._rate, betas=(0.9, 0.98), weight_decay=0.0
        )

    def learn(self, lessons: Sequence[Lesson]) -> tuple[float, str]:
        """One optimiser step; the loss, and a sentence where memory didn't suffice.

        Raises
        ------
        TuningError
            If there isn't memory for one object at a time, or the numbers went astray.
        """
        message = ""
        while True:
            try:
                self._optimiser.zero_grad(set_to_none=True)
                loss = sum(self._pass(lesson) for lesson in lessons)
                break
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                problem = str(error).strip().partition("\n")[0]
            # Outside of the handler: the error holds on to what was allocated.
            message = self._ask_less(problem)
        if not math.isfinite(loss):
            raise TuningError(
                f"the loss is {loss} at step {self.step + 1}: give a smaller learning rate than "
                f"{self._rate:g}, or precision 'float32'"
            )
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * self._course()
        torch.nn.utils.clip_grad_norm_(list(self.parameters.values()), _GRADIENT_CLIP)
        self._optimiser.step()
        self.step += 1
        self._average()
        return loss, message

    @contextmanager
    def averaged_weights(self) -> Iterator[None]:
        """The model has what is judged and written meanwhile: averaged weights, blended."""
        blended = {n: was.lerp(self.averaged[n], self._blend) for n, was in self._original.items()}
        with self._having(blended):
            yield

    @contextmanager
    def original_weights(self) -> Iterator[None]:
        """The model is as it was meanwhile, also in a run that goes on."""
        with self._having(self._original):
            yield

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on."""
        return {
            "step": self.step,
            "at_once": self.at_once,
            "weights": {name: p.detach() for name, p in self.parameters.items()},
            "averaged": self.averaged,
            "optimiser": self._optimiser.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self._put(state["weights"])
        self.averaged = {name: v.to(self.device) for name, v in state["averaged"].items()}
        self._optimiser.load_state_dict(state["optimiser"])
        self.step, self.at_once = state["step"], state["at_once"]

    @contextmanager
    def _having(self, values: Mapping[str, Tensor]) -> Iterator[None]:
        own = self._copies()
        self._put(values)
        try:
            yield
        finally:
            self._put(own)

    def _copies(self) -> dict[str, Tensor]:
        return {name: p.detach().clone() for name, p in self.parameters.items()}

    def _pass(self, lesson: Lesson) -> float:
        """The loss of a lesson, after its gradients were added to the others'."""
        rng, count = np.random.default_rng(lesson.seed), len(lesson.place.chosen)
        weight = self._remember if lesson.is_known else 1 / self._passes
        total = 0.0
        for first in range(0, count, self.at_once):
            share = min(self.at_once, count - first) / count
            loss = self._loss(lesson, slice(first, first + self.at_once), rng) * (weight * share)
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        return total

    def _loss(self, lesson: Lesson, some: slice, rng: np.random.Generator) -> Tensor:
        scene, place = lesson.example.scene, lesson.place
        shape = scene.labels.shape
        with self._autocast(True):
            features = self._features(lesson)
        teacher = None
        if lesson.is_known:
            assert lesson.example.features is not None
            known = _on(lesson.example.features, self.device)
            teacher = Teacher(self.teacher, place.part_of(known, shape))
        # SAM's decoder has a precision of its own, in which positions stay exact.
        with self._autocast(not isinstance(self.model, Sam)):
            part, asked = place.part_of(features, shape), place.asked(scene, some)
            loss = pass_loss(self.model, part, asked, rng, teacher)
        if "dense" in features.maps and features.maps["dense"].requires_grad and teacher is None:
            loss = loss + _DENSE_WEIGHT * self._dense(lesson, features)
        return loss

    def _features(self, lesson: Lesson) -> Features:
        if not learns_to_encode(self.what):
            assert lesson.example.features is not None
            return _on(lesson.example.features, self.device)
        assert lesson.example.pixels is not None
        return in_input(self.model.encode(torch.from_numpy(lesson.example.pixels)))

    def _dense(self, lesson: Lesson, features: Features) -> Tensor:
        targets = dense_targets(lesson.example.scene)
        maps = (
            torch.from_numpy(value)[None].to(self.device)
            for value in (targets.foreground, targets.distance, targets.offsets)
        )
        return dense_loss(features.maps["dense"].float(), *maps)

    def _autocast(self, wanted: bool) -> torch.autocast:
        is_on = wanted and self._products == torch.bfloat16
        return torch.autocast(self.device.type, torch.bfloat16, enabled=is_on)

    def _course(self) -> float:
        """A linear warm-up and a cosine to nearly nothing."""
        warm = min(1.0, (self.step + 1) / max(1.0, _WARM_UP * self.steps))
        return warm * max(_LEAST_RATE, 0.5 * (1 + math.cos(math.pi * self.step / self.steps)))

    def _ask_less(self, problem: str) -> str:
        if self.at_once == 1:
            raise TuningError(
                f"there is too little memory on {self.device} for one object at a time "
                f"({problem}); close what else uses it, train the decoder only, or take a "
                "smaller model such as 'compact'"
            )
        self._optimiser.zero_grad(set_to_none=True)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self.at_once = (self.at_once + 1) // 2
        return f"Memory doesn't suffice: {self.at_once} objects are answered at once from now on."

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(_AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
        self.averaged = {
            name: mean.lerp(self.parameters[name].detach(), 1 - decay)
            for name, mean in self.averaged.items()
        }

    @torch.no_grad()
    def _put(self, values: Mapping[str, Tensor]) -> None:
        for name, parameter in self.parameters.items():
            parameter.copy_(values[name])


def _on(features: Features, device: torch.device) -> Features:
    maps = {name: value.to(device).float() for name, value in features.maps.items()}
    return type(features)(maps, features.pixel_size, features.input_size)
