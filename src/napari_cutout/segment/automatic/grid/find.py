"""SAM's automatic mask generation: a frame and its crops are asked with grids of points.

The order of things, and what each filter compares, are those of the reference, so that the same
weights give the same masks. What differs is where: an answer is dropped as soon as its score, or
its logits as they came, say so; only what may stay is brought to the frame's resolution, along
its outline; and only what stays becomes a mask. Memory follows the objects found, not the frame
times the points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.grid.asking import ask, at_once
from napari_cutout.segment.automatic.grid.candidates import Candidate, Made
from napari_cutout.segment.automatic.grid.crop_windows import crop_windows
from napari_cutout.segment.automatic.grid.judging import hopeful, judged
from napari_cutout.segment.automatic.grid.keeping import Keeping
from napari_cutout.segment.automatic.grid.points import Covered, points_of
from napari_cutout.segment.automatic.grid.suppression import suppress
from napari_cutout.segment.automatic.grid.tidying import tidied
from napari_cutout.segment.automatic.grid.upscaling import upscaling
from napari_cutout.segment.automatic.progress import Progress
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.sam.family import Family
    from napari_cutout.segment.automatic.grid.asking import Answers
    from napari_cutout.segment.automatic.grid.crop_windows import CropWindow
    from napari_cutout.segment.automatic.grid.judging import Judged
    from napari_cutout.segment.automatic.grid.options import GridOptions
    from napari_cutout.segment.automatic.grid.upscaling import Upscaling
    from napari_cutout.segment.automatic.ground import Ground
    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter

NEAR = 20
"""A mask that ends within so many pixels of a crop's side was cut by it."""


def find_by_grid(
    segmenter: Segmenter, embedding: Embedding, options: GridOptions, ground: Ground
) -> Iterator[Progress]:
    """Find objects with a grid of points, step by step.

    Parameters
    ----------
    segmenter
        The model.
    embedding
        Of the frame. Its window, or else all of the frame, is what the reference calls the image.
    options
        See there.
    ground
        Where objects are looked for, and where some are.

    Yields
    ------
    Progress
        After each batch of points, with all that stays so far as tentative; at last the objects,
        in the reference's order.
    """
    image = embedding.window or whole(embedding.shape)
    crops = crop_windows(image, options.crop_n_layers, options.crop_overlap_ratio)
    asked = [points_of(crop, options, ground) for crop in crops]
    total, done = sum(map(len, asked)), 0
    keeping = Keeping(options, len(crops))
    for crop, points in zip(crops, asked, strict=True):
        keeping.begin_crop()
        for count, new in _in_crop(segmenter, embedding, crop, points, options, image):
            done += count
            for one in new:
                if not _is_known(one, options, ground):
                    keeping.add(one)
            if done < total:
                yield Progress(done, total, tentative=Made(keeping.candidates))
    objects = list(Made(keeping.candidates))
    if options.min_mask_region_area:
        objects = _tidy(objects, embedding.shape, options)
    yield Progress(total, total, tuple(objects))


@dataclass(frozen=True, eq=False)
class _Place:
    """A crop, and what is needed to make objects of answers there."""

    crop: Window
    image: Window
    scale: Upscaling
    options: GridOptions


def _in_crop(
    segmenter: Segmenter,
    embedding: Embedding,
    crop: CropWindow,
    points: NDArray[np.float64],
    options: GridOptions,
    image: Window,
) -> Iterator[tuple[int, list[Candidate]]]:
    """Batch by batch how many points are done, and what passes the filters, in order."""
    if not len(points):
        return
    memory, grid = segmenter.memory, embedding.grid(crop.window)
    features = segmenter.features(embedding, crop.window)
    place = _Place(crop.window, image, upscaling(memory.family, grid), options)
    size = at_once(memory.family, memory.device, grid.shape, options.points_per_batch)
    covered = Covered(points)
    waiting = np.arange(len(points))
    while len(waiting):

        def call(
            family: Family, count: int, waiting: NDArray[np.intp] = waiting
        ) -> tuple[Answers, int]:
            there = grid.from_frame(points[waiting[:count]])
            return ask(family, features, there, options.pred_iou_thresh), count

        answers, asked = memory.fit("prompts", min(size, len(waiting)), call)
        batch, rest = waiting[:asked], waiting[asked:]
        found = []
        for index, score, answer in _passing(answers, place):
            row, col = points[batch[index]]
            found.append(Candidate(answer, score, (float(row), float(col)), crop.window))
            if options.adaptive:
                silhouette = answer.silhouette
                covered.add(silhouette.mask(), _in_frame(silhouette.box, crop.window))
        # The next batch needs the room on the device.
        del answers
        waiting = rest[~covered.is_covered[rest]] if options.adaptive else rest
        yield len(batch) + len(rest) - len(waiting), found


def _passing(answers: Answers, place: _Place) -> Iterator[tuple[int, float, Judged]]:
    """Answers that are stable and not cut by the crop: which point, its score, its mask."""
    may_pass = np.flatnonzero(hopeful(answers.logits, place.scale, place.options))
    for index in may_pass:
        logits = answers.logits[int(index)].cpu().numpy()
        answer = judged(logits, place.scale, place.options)
        if answer is not None and not _is_cut(answer.silhouette.box, place):
            yield int(answers.points[index]), float(answers.scores[index]), answer


def _is_cut(box: Window, place: _Place) -> bool:
    """Whether a box of the crop ends near a side of it that isn't near the image's own."""
    ends = _corners(_in_frame(box, place.crop), inside=True)
    at_crop = np.abs(ends - _corners(place.crop)) <= NEAR
    at_image = np.abs(ends - _corners(place.image)) <= NEAR
    return bool((at_crop & ~at_image).any())


def _is_known(one: Candidate, options: GridOptions, ground: Ground) -> bool:
    # Without objects that are there, none has to be made to be compared.
    is_asked = options.known_objects == "leave alone" and ground.known is not None
    return is_asked and ground.is_on_known(one.object)


def _tidy(
    found: Sequence[FoundObject], shape: tuple[int, int], options: GridOptions
) -> list[FoundObject]:
    """Small holes and pieces gone; of objects that became nearly equal, rather those unchanged."""
    tidy, unchanged = list(found), np.ones(len(found), np.float32)
    for index, one in enumerate(found):
        changed = tidied(one.decode(), one.origin, shape, options.min_mask_region_area)
        if changed is not None:
            mask, origin = changed
            tidy[index] = replace(one, mask=Rle.encode(mask), origin=origin)
            unchanged[index] = 0
    threshold = max(options.box_nms_thresh, options.crop_nms_thresh)
    kept = suppress([one.box for one in tidy], unchanged, threshold)
    return [tidy[index] for index in kept]


def _in_frame(box: Window, crop: Window) -> Window:
    return Window(box.row + crop.row, box.col + crop.col, box.rows, box.cols)


def _corners(window: Window, inside: bool = False) -> NDArray[np.int64]:
    """(row0, col0, row1, col1); the second corner just outside, unless it is to be inside."""
    last = int(inside)
    stop = window.row + window.rows - last, window.col + window.cols - last
    return np.array([window.row, window.col, *stop])
