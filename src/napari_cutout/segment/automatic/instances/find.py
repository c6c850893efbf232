"""Objects out of maps of a piece of a frame: all of them at once, no prompt is asked.

At which scale the maps are made is decided in zooming.py, how a large frame is cut in tiling.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.segment.automatic.instances.basins import basins
from napari_cutout.segment.automatic.instances.distance_basins import (
    distance_basins,
    smoothed_depth,
)
from napari_cutout.segment.automatic.instances.growing import grown_areas
from napari_cutout.segment.automatic.instances.looking import Scale
from napari_cutout.segment.automatic.instances.outlines import outlines
from napari_cutout.segment.automatic.instances.zooming import choose_scale
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
    options = fitted(options, embedding)
    scale = scale_of(segmenter, embedding, options)

    def find(window: Window) -> Iterator[Progress]:
        found = instances_at(segmenter, embedding, window, scale, options)
        if options.known_objects == "leave alone":
            found = left_alone(found, ground)
        yield Progress(1, 1, tuple(one for one in found if is_wanted(one, ground)))

    yield from find_in_windows(find, embedding, ground, options.tiles)


def fitted(options: InstanceOptions, embedding: Embedding) -> InstanceOptions:
    """Options with windows that suit the frame, see :meth:`.Tiles.fitted`."""
    looked_at = region(embedding)
    return replace(options, tiles=options.tiles.fitted(looked_at.rows, looked_at.cols))


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
    return _objects(labels, maps.foreground, smoothed_depth(maps), -np.inf, maps.window, options)


def scale_of(segmenter: Segmenter, embedding: Embedding, options: InstanceOptions) -> Scale:
    """The scale at which a frame is looked at.

    An instance decoder sees a window as a whole, as it was trained.
    """
    if options.zoom is None and not segmenter.can_dense and segmenter.can_tell_distances:
        return Scale(region(embedding), options.tiles.side)

    def find(maps: FrameMaps) -> list[FoundObject]:
        return instances(maps, options)

    return choose_scale(segmenter, embedding, options.zoom, find)


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
    return _objects(labels, maps.foreground, distance, options.min_depth, maps.window, options)


def _objects(
    labels: Labels,
    foreground: NDArray[np.float32],
    depth: NDArray[np.float32],
    min_depth: float,
    window: Window,
    options: InstanceOptions,
) -> list[FoundObject]:
    """Those of the labels of a window that are large, deep and sure enough."""
    there = np.flatnonzero(labels != 0)
    if not len(there):
        return []
    value, sure = labels.ravel()[there].astype(np.intp), foreground.ravel()[there]
    area = np.bincount(value)
    score = np.bincount(value, sure) / np.maximum(area, 1)
    deepest, peak = _deepest(value, depth.ravel()[there])
    kept = (peak >= min_depth) & (area >= options.min_area) & (score >= options.min_score)
    if not kept.any():
        return []
    stability = _stability(foreground, labels, value, sure, options.foreground)
    found = outlines(labels, kept)
    points = np.stack(np.divmod(there[deepest], labels.shape[1]), axis=1)
    points += (window.row, window.col)
    return [
        FoundObject(
            mask=_filled(labels, one, box, mask) if options.fill_holes and has_holes else mask,
            origin=(window.row + box[0], window.col + box[1]),
            score=float(min(score[one], 1.0)),
            stability=float(stability[one]),
            window=window,
            point=(float(points[one, 0]), float(points[one, 1])),
        )
        for one, box, mask, has_holes in zip(
            found.values.tolist(), found.boxes.tolist(), found.masks, found.has_holes, strict=True
        )
    ]


def _deepest(
    value: NDArray[np.intp], depth: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The first of the deepest pixels of each label, and how deep it is; of none where it is."""
    count = int(value.max()) + 1
    peak = np.full(count, -np.inf, np.float32)
    np.maximum.at(peak, value, depth)
    deepest = np.flatnonzero(depth == peak[value])
    first = np.zeros(count, np.intp)
    # Of several for one label the last stays.
    first[value[deepest[::-1]]] = deepest[::-1]
    return first, peak


def _filled(labels: Labels, value: int, box: list[int], mask: Rle) -> Rle:
    """A mask with the background that it surrounds. What another object holds stays with it."""
    row, col, rows, cols = box
    there = labels[row : row + rows, col : col + cols]
    inside = there == value
    return Rle.encode(inside | (ndimage.binary_fill_holes(inside) & (there == 0)))


def _stability(
    foreground: NDArray[np.float32],
    labels: Labels,
    value: NDArray[np.intp],
    sure: NDArray[np.float32],
    threshold: float,
) -> NDArray[np.float64]:
    """The IoU of each label at a higher and at a lower threshold, ``(count,)``.

    Its pixels, one after the other, are given by their label and their foreground.
    """
    count = int(value.max()) + 1
    logit = np.log(threshold / (1 - threshold))
    high, low = (1 / (1 + np.exp(-(logit + sign * _OFFSET))) for sign in (1, -1))
    inner = np.bincount(value[sure > high], minlength=count)
    outer = grown_areas(foreground, labels, foreground > low, count)
    return np.asarray(inner / np.maximum(outer, 1), np.float64)
