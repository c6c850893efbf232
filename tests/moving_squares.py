"""Bright squares that move over a dark ground, and a model that always sees them exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from exact_family import ExactFamily
from napari_cutout.segment import Segmenter
from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.errors import FrameReadError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.stacks.propagating.propagate import propagate
from napari_cutout.stacks.propagating.values import Start

SHAPE = (60, 80)
SIDE = 14

AS_SEEN = PropagateOptions(keep_shape=0)
"""Masks are what the model says, and no mixture with what was expected."""


class SeeingFamily(ExactFamily):
    """The bright region under the point, whatever mask or box comes with it, and surely."""

    def decode(self, features, prompts, multimask):
        logits, scores = super().decode(
            features, replace(prompts, logits=None, boxes=None), multimask
        )
        return logits * 10, scores


def seeing_segmenter():
    family = SeeingFamily()
    segmenter = Segmenter.from_family(family, "seeing")
    segmenter.family = family
    return segmenter


class BrokenStack(ArrayStack):
    """Some of its frames can't be read; ``read_places`` keeps which were asked for."""

    def __init__(self, data, broken=()):
        super().__init__(data, axes="tyx")
        self.broken, self.read_places = set(broken), []

    def _read(self, index):
        self.read_places.append(index[0])
        if index[0] in self.broken:
            raise FrameReadError(index, "the file is damaged", self.axes)
        return super()._read(index)


def movie(*ways, side=SIDE, shape=SHAPE):
    """``(T, rows, cols)`` uint8: a square for each list of (row, col) of its first pixel.

    None where it isn't there. What would lie outside the frame is cut.
    """
    frames = np.full((len(ways[0]), *shape), 20, np.uint8)
    for way in ways:
        for frame, at in zip(frames, way, strict=True):
            if at is not None:
                rows, cols = (slice(max(x, 0), max(x + side, 0)) for x in at)
                frame[rows, cols] = 220
    return frames


def start(number, at, side=SIDE):
    height, width = side if isinstance(side, tuple) else (side, side)
    return Start(number, Rle.encode(np.ones((height, width), bool)), at)


def straight(count, begin=(20, 10), step=(1, 3)):
    return [(begin[0] + step[0] * k, begin[1] + step[1] * k) for k in range(count)]


def carried(frames, starts, options=AS_SEEN, broken=(), **how):
    """All reports, in order."""
    stack = BrokenStack(frames, broken)
    indices = [(place,) for place in range(len(frames))]
    return list(propagate(seeing_segmenter(), stack, starts, indices, options, **how))


def final(reports):
    """What each frame has in the end, by frame and id."""
    return {one.index[0]: {each.id: each for each in one.objects} for one in reports}


def places(reports, number):
    """Where an object's box begins, by frame; those frames only in which it has a mask."""
    found = final(reports)
    return {
        place: found[place][number].origin
        for place in sorted(found)
        if number in found[place] and found[place][number].mask.area
    }


def painted(objects, shape=SHAPE):
    """How many objects each pixel has."""
    counts = np.zeros(shape, int)
    for one in objects:
        (row, col), mask = one.origin, one.mask.decode()
        counts[row : row + mask.shape[0], col : col + mask.shape[1]] += mask
    return counts
