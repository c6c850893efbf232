"""Objects out of maps of a piece of a frame: all of them at once, no prompt is asked.

At which scale the maps are made is decided in zooming.py, how a large frame is cut in tiling.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.segment.automatic.instances.basins import basins, peaks_of
from napari_cutout.segment.automatic.instances.distance_basins import (
    distance_basins,
    smoothed_depth,
)
from napari_cutout.segment.automatic.instances.growing import grown_areas
from napari_cutout.segment.automatic.instances.zooming import (
    Scale,
    choose_scale,
)
from napari_cutout.segment.automatic.known import is_wanted, left_alone
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.automatic.progress import Progress
from napari_cutout.segment.automatic.windowed.tiling import find_in_windows
from napari_cutout.segment.dense import region
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.ground import Ground
    from napari_cutout.segment.automatic.instances.options import InstanceOptions
    from napari_cutout.segment.dense import FrameMaps
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window

    Labels = NDArray[np.int32]

_OFFSET = 1.0
"""How far the thresholds of the stability lie above and below, in logits; as SAM has it."""


def find_by_instances(
    segmenter: Segmenter, embedding: Embedding, options: InstanceOptions, ground: Ground
) -> Iterator[Progress]:
    """Find objects from the dense maps, window by window; see :func:`.find_everything`.

    Raises
    ------
    TypeError
        If the model has neither a dense head nor an instance decoder.
    """
    scale = scale_of(segmenter, embedding, options)

    def find(window: Window) -> Iterator[Progress]:
        found = instances_at(segmenter, embedding, window, scale, options)
        if options.known_objects == "leave alone":
            found = left_alone(found, ground)
        yield Progress(1, 1, tuple(one for one in found if is_wanted(one, ground)))

    yield from find_in_windows(find, embedding, ground, options.tiles)


def instances_at(
    segmenter: Segmenter,
    embedding: Embedding,
    piece: Window,
    scale: Scale,
    options: InstanceOptions,
) -> list[FoundObject]:
    """The objects of a piece of a frame, looked at at a scale, in reading order.

    Raises
    ------
    TypeError
        If the model has neither a dense head nor an instance decoder.
    """
    if segmenter.can_dense or not segmenter.can_tell_distances:
        return instances(segmenter.dense(embedding, piece, scale.windows(piece)), options)
    maps = segmenter.distances(embedding, piece, scale.windows(piece))
    labels = distance_basins(maps, options.foreground)
    kept = np.ones(int(labels.max(initial=0)) + 1, bool)
    return _objects(labels, maps.foreground, smoothed_depth(maps), kept, maps.window, options)


def scale_of(segmenter: Segmenter, embedding: Embedding, options: InstanceOptions) -> Scale:
    """The scale at which a frame is looked at.

    An instance decoder sees a window as a whole, as it was trained.
    """
    if options.zoom is None and not segmenter.can_dense and segmenter.can_tell_distances:
        return Scale(region(embedding), options.tiles.side)

    def diameters(maps: FrameMaps) -> list[float]:
        return [2 * float(np.sqrt(one.area / np.pi)) for one in instances(maps, options)]

    return choose_scale(segmenter, embedding, options.zoom, diameters)


def instances(maps: FrameMaps, options: InstanceOptions) -> list[FoundObject]:
    """The objects of dense maps, in reading order; they share no pixel.

    Parameters
    ----------
    maps
        Of a piece of a frame.
    options
        Where the lines are drawn.

    Returns
    -------
    list of FoundObject
        The score is the mean foreground in the object; the stability compares the object at a
        higher and a lower threshold, within what belongs to it; the point is its deepest.
    """
    distance = np.asarray(ndimage.gaussian_filter(maps.distance, options.smoothing), np.float32)
    labels = basins(distance, maps.foreground > options.foreground, options.split_depth)
    kept = peaks_of(distance, labels) >= options.min_depth
    return _objects(labels, maps.foreground, distance, kept, maps.window, options)


def _objects(
    labels: Labels,
    foreground: NDArray[np.float32],
    depth: NDArray[np.float32],
    kept: NDArray[np.bool_],
    window: Window,
    options: InstanceOptions,
) -> list[FoundObject]:
    """Those of the labels of a window that are large and sure enough, of those to be kept."""
    count = len(kept)
    if count == 1:
        return []
    there = np.flatnonzero(labels)
    value_there = labels.ravel()[there]
    area = np.bincount(value_there, minlength=count)
    total = np.bincount(value_there, foreground.ravel()[there], minlength=count)
    score = total / np.maximum(area, 1)
    kept = kept & (area >= options.min_area) & (score >= options.min_score)
    stability = _stability(foreground, labels, options.foreground, count)
    found = []
    for value, place in enumerate(ndimage.find_objects(labels), 1):
        if kept[value]:
            mask, deepest = _cut_out(labels, depth, value, place, options.fill_holes)
            row, col = window.row + place[0].start, window.col + place[1].start
            found.append(
                FoundObject(
                    mask=Rle.encode(mask),
                    origin=(row, col),
                    score=float(min(score[value], 1.0)),
                    stability=float(stability[value]),
                    window=window,
                    point=(float(row + deepest[0]), float(col + deepest[1])),
                )
            )
    return found


def _cut_out(
    labels: Labels,
    distance: NDArray[np.float32],
    value: int,
    place: tuple[slice, slice],
    fill: bool,
) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """The mask of an object in its box, and its deepest pixel there."""
    there = labels[place]
    mask = there == value
    height = np.where(mask, distance[place], -np.inf)
    row, col = np.unravel_index(int(np.argmax(height)), height.shape)
    if fill:
        # What another object holds stays with it.
        mask |= np.asarray(ndimage.binary_fill_holes(mask), bool) & (there == 0)
    return mask, (int(row), int(col))


def _stability(
    foreground: NDArray[np.float32], labels: Labels, threshold: float, count: int
) -> NDArray[np.float64]:
    """The IoU of each object at a higher and at a lower threshold, ``(count,)``."""
    logit = np.log(threshold / (1 - threshold))
    high, low = (1 / (1 + np.exp(-(logit + sign * _OFFSET))) for sign in (1, -1))
    inner = np.bincount(labels[foreground > high], minlength=count)
    outer = grown_areas(foreground, labels, foreground > low, count)
    return np.asarray(inner / np.maximum(outer, 1), np.float64)
