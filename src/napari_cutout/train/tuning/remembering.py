"""Keeping what the model knew: it is to answer as before on the images in the package.

A model that learns one kind of object forgets others. So beside each step on the new objects there
is a pass on images that have nothing to do with them, where the answers of the model as it was are
what is right, whatever is in the image.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.sam.family import PromptBatch
from napari_cutout.sample_data import fluorescence, histology, phase_contrast
from napari_cutout.segment.intensity import to_pixels
from napari_cutout.train.tuning.parts import image_encoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.train.tuning.parent import Model

_IMAGES = {
    "fluorescence": fluorescence,
    "phase contrast": phase_contrast,
    "histology": histology,
}
_POINTS_A_SIDE = 14
_AT_ONCE = 8
_LEAST_SCORE = 0.6
_LARGEST_SHARE = 0.2


def as_it_was(model: Model) -> Model:
    """A frozen copy of all but the image encoder, which the two share.

    What it is asked about has been encoded before.
    """
    encoder = image_encoder(model)
    return copy.deepcopy(model, {id(encoder): encoder})


def known_frames(model: Model) -> Iterator[LabelledFrame]:
    """The images in the package with objects as the model sees them."""
    for name, image in _IMAGES.items():
        pixels = to_pixels(image(), "percentile")
        yield LabelledFrame(name, pixels, seen_objects(model, pixels))


@torch.no_grad()
def seen_objects(model: Model, pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """What the model finds at points of a grid, as labels ``(rows, cols)``; the surest on top."""
    rows, cols = pixels.shape[:2]
    features = model.encode(torch.from_numpy(np.array(pixels)))
    steps = (np.arange(_POINTS_A_SIDE) + 0.5) / _POINTS_A_SIDE
    grid = np.stack(np.meshgrid(steps * rows, steps * cols, indexing="ij"), axis=-1) - 0.5
    points = torch.from_numpy(grid.reshape(-1, 1, 2).astype(np.float32))
    found: list[tuple[float, NDArray[np.bool_]]] = []
    for some in torch.split(points, _AT_ONCE):
        prompts = PromptBatch(some, torch.ones(some.shape[:2], dtype=torch.bool))
        logits, scores = model.decode(features, prompts, True)
        best = scores.argmax(dim=1)
        chosen = logits[torch.arange(len(some)), best.to(logits.device)][:, None]
        masks = (model.upscale(chosen, (rows, cols))[:, 0] > 0).cpu().numpy()
        found += zip(scores.max(dim=1).values.tolist(), masks, strict=True)
    labels = np.zeros((rows, cols), np.int32)
    ranked = sorted(enumerate(found), key=lambda item: item[1][0])
    for number, (score, mask) in ranked:
        if score >= _LEAST_SCORE and mask.mean() <= _LARGEST_SHARE:
            labels[mask] = number + 1
    return labels
