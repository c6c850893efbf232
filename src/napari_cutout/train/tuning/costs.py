"""What a run costs, measured on a little of it: a view, a step, an answer."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.sam.family import PromptBatch
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning.examples import MEMORY, Shelf
from napari_cutout.train.tuning.gathering import make_example, view_features
from napari_cutout.train.tuning.judging import MOST_FRAMES, OBJECTS_OF_A_FRAME
from napari_cutout.train.tuning.learner import Learner
from napari_cutout.train.tuning.lessons import Lessons
from napari_cutout.train.tuning.parent import network
from napari_cutout.train.tuning.parts import learns_to_encode
from napari_cutout.train.tuning.views import views

if TYPE_CHECKING:
    from napari_cutout.train.tuning.examples import Example
    from napari_cutout.train.tuning.options import TuningOptions
    from napari_cutout.train.tuning.parent import Model
    from napari_cutout.train.tuning.planning import Decided

_KNOWN_VIEWS = 18
_KNOWN_POINTS = 600
_BYTES_OF_A_WEIGHT = 24
"""Its gradient, the optimiser's two moments, its average, what it was, and what it is meanwhile."""


@dataclass(frozen=True)
class Costs:
    """Of a run.

    Parameters
    ----------
    trainable, parameters
        Weights that learn, and all.
    seconds
        To the last step.
    bytes
        Of memory beyond the model's own.
    """

    trainable: int
    parameters: int
    seconds: float
    bytes: int


def measure(decided: Decided, options: TuningOptions) -> Costs:
    """Try a little of everything. The model is changed by it, and not to be used after that."""
    model, encodes = decided.parent.model, learns_to_encode(decided.what)
    parameters = sum(p.numel() for p in network(model).parameters())
    learner = Learner(model, decided.what, 10, options, decided.device)
    trainable = sum(p.numel() for p in learner.parameters.values())
    seconds_a_view, example = _first_example(decided, encodes)
    with tempfile.TemporaryDirectory() as folder:
        shelf, none = Shelf(Path(folder) / "shelf"), Shelf(Path(folder) / "none")
        shelf.add(example)
        lessons = Lessons(shelf, none, model, options).of(0)
        seconds_a_pass, bytes_a_pass = _one_pass(learner, lessons)
        shelf.close()
    seconds_an_answer = _one_answer(model, example)
    much, remembers = decided.amounts, options.remember > 0
    frames = min(decided.validation_summary.frames, MOST_FRAMES)
    judgements = 1 + -(-much.steps // much.validate_every)
    encodings = frames * (judgements if encodes else 1)
    examples = much.frames * much.views_of_a_frame
    if remembers or not encodes:
        encodings += remembers * _KNOWN_VIEWS + (not encodes) * examples
    answers = judgements * min(decided.validation_summary.objects, frames * OBJECTS_OF_A_FRAME)
    answers += remembers * _KNOWN_POINTS
    passes = much.steps * (options.accumulate + remembers)
    kept = min(MEMORY, examples * example.nbytes)
    return Costs(
        trainable,
        parameters,
        encodings * seconds_a_view + passes * seconds_a_pass + answers * seconds_an_answer,
        kept + trainable * _BYTES_OF_A_WEIGHT + bytes_a_pass,
    )


def _first_example(decided: Decided, encodes: bool) -> tuple[float, Example]:
    """Seconds that encoding a view takes, and the view."""
    model = decided.parent.model
    rng = np.random.default_rng(0)
    for frame in decided.data.frames():
        for view in views(frame, model.info.input_size, 1, rng):
            example = make_example(view, model, keep_features=not encodes, keep_pixels=encodes)
            if example is not None:
                _wait(decided.device)
                started = time.perf_counter()
                view_features(np.array(view.pixels), model)
                _wait(decided.device)
                return time.perf_counter() - started, example
    raise TuningError("no object is large enough to be learned from; label larger objects")


def _one_pass(learner: Learner, lessons: list) -> tuple[float, int]:  # type: ignore[type-arg]
    """Seconds that a pass takes on average, and bytes that are held for its gradients."""
    held: list[int] = []
    seen: set[int] = set()

    def count(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in seen:
            seen.add(tensor.data_ptr())
            held.append(tensor.nbytes)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        learner.learn(lessons[:1])
    _wait(learner.device)
    started = time.perf_counter()
    learner.learn(lessons)
    _wait(learner.device)
    return (time.perf_counter() - started) / len(lessons), sum(held)


@torch.no_grad()
def _one_answer(model: Model, example: Example) -> float:
    """Seconds that an answer takes."""
    features = example.features
    if features is None:
        assert example.pixels is not None
        features = view_features(example.pixels, model)
    prompts = PromptBatch(torch.full((4, 1, 2), 8.0), torch.ones(4, 1, dtype=torch.bool))
    maps = {name: value.float() for name, value in features.maps.items()}
    started = time.perf_counter()
    logits, _ = model.decode(type(features)(maps, features.pixel_size, features.input_size),
                             prompts, True)  # fmt: skip
    model.upscale(logits[:, :1], features.pixel_size)
    return (time.perf_counter() - started) / len(prompts.points)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
