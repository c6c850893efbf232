"""From labelled frames to examples on a shelf: views are made and encoded, one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.sam.family import Features
from napari_cutout.train.errors import TuningError
from napari_cutout.train.tuning.examples import Example, Shelf, in_input, scene_of
from napari_cutout.train.tuning.views import View, views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_cutout.formats.labelled import LabelledFrame
    from napari_cutout.train.tuning.amounts import Amounts
    from napari_cutout.train.tuning.parent import Model


def chosen_frames(
    frames: Iterable[LabelledFrame], count: int, wanted: int, seed: int
) -> Iterator[LabelledFrame]:
    """``wanted`` of ``count`` frames, by a seed, in their order."""
    rng = np.random.default_rng((seed, 1))
    chosen = set(rng.permutation(count)[:wanted].tolist())
    for number, frame in enumerate(frames):
        if number in chosen:
            yield frame


def gather(
    shelf: Shelf,
    frames: Iterable[LabelledFrame],
    model: Model,
    amounts: Amounts,
    seed: int,
    *,
    keep_features: bool,
    keep_pixels: bool,
    may_be_empty: bool = False,
) -> Iterator[int]:
    """Put views of frames on a shelf; yields their number so far after each frame's view.

    Parameters
    ----------
    shelf
        Where they go.
    frames
        With their labels.
    model
        That encodes them.
    amounts
        How many views of each.
    seed
        Of the views.
    keep_features, keep_pixels
        What is learned from, or compared with.
    may_be_empty
        Whether it is well where there is no object.

    Raises
    ------
    TuningError
        If no object is large enough to be learned from, or the disk is full.
    """
    seen = 0
    for number, frame in enumerate(frames):
        rng = np.random.default_rng((seed, 2, number))
        for view in views(frame, model.info.input_size, amounts.views_of_a_frame, rng):
            example = make_example(
                view, model, keep_features=keep_features, keep_pixels=keep_pixels
            )
            if example is not None:
                shelf.add(example)
            seen += 1
            yield seen
    if not len(shelf) and not may_be_empty:
        raise TuningError(
            "no object is large enough to be learned from: of all frames none shows one of "
            "24 pixels of the model's input; label larger objects, or give the frames enlarged"
        )


def make_example(
    view: View, model: Model, *, keep_features: bool, keep_pixels: bool
) -> Example | None:
    """A view to be learned from; None where it shows no object that is large enough."""
    pixels = np.array(view.pixels)  # torch warns of arrays that are read-only
    sizes = view_features(pixels, model) if keep_features else _sizes(pixels, model)
    scene = scene_of(view.labels, sizes, model)
    if scene is None:
        return None
    features = None
    if keep_features:
        maps = {name: value.cpu().half() for name, value in sizes.maps.items()}
        features = replace(in_input(sizes), maps=maps)
    return Example(scene, features, pixels if keep_pixels else None)


def view_features(pixels: NDArray[np.uint8], model: Model) -> Features:
    """What the encoder makes of pixels, without a graph."""
    # Grad mode belongs to a thread, and inference-mode tensors could not be trained on.
    with torch.no_grad():
        return model.encode(torch.from_numpy(pixels))


def _sizes(pixels: NDArray[np.uint8], model: Model) -> Features:
    """Features of which only the sizes are known."""
    rows, cols = int(pixels.shape[0]), int(pixels.shape[1])
    return Features({}, (rows, cols), model.input_extent((rows, cols)))
