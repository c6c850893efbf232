"""One pass: objects of a view are asked for, answered, corrected and answered again; the loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from napari_cutout.sam.family import Features
from napari_cutout.train.losses import (
    answer_loss,
    focal_dice_loss,
    intersection_over_union,
    mask_loss,
    resemblance_loss,
)
from napari_cutout.train.targets import Scene, choose
from napari_cutout.train.tuning.parent import mask_certainty
from napari_cutout.train.tuning.prompting import (
    corrected,
    first_prompts,
    is_ambiguous,
    some_kind,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.train.targets import Asked
    from napari_cutout.train.tuning.parent import Model

_THIRD_ROUND = 0.33
_CROPPED = 256
_CROP_STEP = 32
_ROOM = 0.7
_KNOWN_SCORES = 20.0
"""What is forgotten first isn't the masks but which of them is the best: that is in the scores."""


@dataclass(frozen=True, eq=False)
class Teacher:
    """A model whose answers are to be kept.

    Parameters
    ----------
    model
        As it was.
    features
        What it makes of the view.
    """

    model: Model
    features: Features


def pass_loss(
    model: Model,
    features: Features,
    asked: Asked,
    rng: np.random.Generator,
    teacher: Teacher | None = None,
) -> Tensor:
    """Loss of some objects of a view over two or three rounds of prompts.

    Parameters
    ----------
    model
        Some of whose weights ask for gradients.
    features
        Of the view, in pixels of the network's input.
    asked
        The objects.
    rng
        Where chance comes from.
    teacher
        Where given, the answers are compared with its, and not with the objects.

    Returns
    -------
    Tensor
        A number with a graph.
    """
    device = next(iter(features.maps.values())).device
    truth = torch.from_numpy(asked.masks).to(device)[:, None]
    compare = mask_loss if model.info.family == "compact" else focal_dice_loss
    prompts = first_prompts(asked, some_kind(rng), mask_certainty(model), rng)
    total, rounds = truth.new_zeros(()), 2 + int(rng.random() < _THIRD_ROUND)
    for number in range(rounds):
        logits, scores = model.decode(features, prompts, None)
        logits, scores = logits.float(), scores.float()
        if teacher is None:
            reached = intersection_over_union(logits.detach(), truth)
            ambiguous = torch.full((len(truth),), is_ambiguous(prompts), device=device)
            total = total + answer_loss(compare(logits, truth), scores, reached, ambiguous)
        else:
            with torch.no_grad():
                known, sure = teacher.model.decode(teacher.features, prompts, None)
            total = total + resemblance_loss(logits, known).mean()
            total = total + _KNOWN_SCORES * (scores - sure).square().mean()
        if number + 1 < rounds:
            prompts = corrected(prompts, logits[:, 0].detach(), asked, rng)
    return total / rounds


def place(scene: Scene, model: Model, count: int, rng: np.random.Generator) -> Place:
    """Which objects of a view are asked for, and which part of it is looked at.

    A compact model decodes at the input's full size, most of which is far from an object: a part
    of it around some objects is as good, and several times as fast.

    Parameters
    ----------
    scene
        Of a view.
    model
        Whose input it lies in.
    count
        How many objects.
    rng
        Where chance comes from.
    """
    anchor = int(rng.choice(scene.large)) - 1
    box, shape = scene.boxes[anchor], np.array(scene.labels.shape)
    is_cropped = model.info.family == "compact" and (shape > _CROPPED).any()
    if not is_cropped or (box[2:] - box[:2]).max() > _ROOM * _CROPPED:
        return Place((0, 0), scene.labels.shape, choose(scene.large, count, rng))
    low = np.maximum(0, np.ceil((box[2:] - _CROPPED) / _CROP_STEP))
    high = np.minimum(shape - np.minimum(shape, _CROPPED), box[:2]) // _CROP_STEP
    high = np.maximum(low, high)
    corner = (rng.integers(low.astype(int), high.astype(int) + 1) * _CROP_STEP).astype(int)
    ends = np.minimum(corner + _CROPPED, shape)
    boxes = scene.boxes[scene.large - 1]
    inside = ((boxes[:, :2] >= corner) & (boxes[:, 2:] <= ends)).all(axis=1)
    chosen = choose(scene.large[inside], count, rng)
    return Place((int(corner[0]), int(corner[1])), (int(ends[0]), int(ends[1])), chosen)


@dataclass(frozen=True, eq=False)
class Place:
    """A part of a view and objects in it.

    Parameters
    ----------
    start, stop
        (row, col) in the network's input, multiples of the coarsest stride.
    chosen
        Labels of the scene.
    """

    start: tuple[int, int]
    stop: tuple[int, ...]
    chosen: np.ndarray[tuple[int, ...], np.dtype[np.int64]]

    def asked(self, scene: Scene, some: slice) -> Asked:
        """Some of the chosen objects of the scene, as they lie in the part."""
        (top, left), (bottom, right), stride = self.start, self.stop, scene.stride
        shift = np.array(self.start, np.float32)
        part = replace(
            scene,
            labels=scene.labels[top:bottom, left:right],
            distance=scene.distance[
                top // stride : bottom // stride, left // stride : right // stride
            ],
            boxes=scene.boxes - np.tile(shift, 2),
            deepest=scene.deepest - shift,
        )
        return part.ask(self.chosen[some])

    def part_of(self, features: Features, shape: tuple[int, ...]) -> Features:
        """The part of the maps, for a scene of ``shape``."""
        if self.start == (0, 0) and tuple(self.stop) == tuple(shape):
            return features
        cut: Callable[[Tensor], Tensor] = self._cutter(shape)
        maps = {name: cut(value) for name, value in features.maps.items()}
        size = self.stop[0] - self.start[0], self.stop[1] - self.start[1]
        return Features(maps, size, size)

    def _cutter(self, shape: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
        def cut(value: Tensor) -> Tensor:
            down, across = shape[0] // value.shape[2], shape[1] // value.shape[3]
            rows = slice(self.start[0] // down, self.stop[0] // down)
            cols = slice(self.start[1] // across, self.stop[1] // across)
            return value[:, :, rows, cols]

        return cut
