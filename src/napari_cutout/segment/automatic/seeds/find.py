"""Finding everything from seeds: one model finds where objects are, another cuts them out.

As many decodes as objects. How objects are found is in instances/, how a model is asked to cut
them out in asking.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.segment.automatic.instances.find import fitted, instances_at, scale_of
from napari_cutout.segment.automatic.instances.looking import Scale
from napari_cutout.segment.automatic.known import is_wanted, left_alone
from napari_cutout.segment.automatic.progress import Progress
from napari_cutout.segment.automatic.seeds.asking import Seed, cut_out
from napari_cutout.segment.automatic.seeds.sharing import shared_out
from napari_cutout.segment.automatic.windowed.tiling import find_in_windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.ground import Ground
    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.automatic.seeds.options import SeedOptions
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window


def find_by_seeds(
    segmenter: Segmenter,
    embedding: Embedding,
    options: SeedOptions,
    ground: Ground,
    known: NDArray[np.integer] | None = None,
) -> Iterator[Progress]:
    """Find objects from seeds, batch by batch; see :func:`.find_everything`.

    Parameters
    ----------
    segmenter, embedding
        What cuts out.
    options
        How; they may name another model that finds.
    ground
        Where objects are looked for.
    known
        Labels ``(rows, cols)`` that are in the frame already.

    Yields
    ------
    Progress
        After each batch.
    """
    finder = options.finder or default_finder(segmenter)
    seen = embedding if finder is segmenter else finder.reread(embedding)
    instances = fitted(options.instances, seen)
    scale = scale_of(finder, seen, instances)
    zoom = finder.info.input_size / scale.side
    views = Scale(scale.region, max(round(segmenter.info.input_size / zoom), 1))

    def find(window: Window) -> Iterator[Progress]:
        found = instances_at(finder, seen, window, scale, instances)
        seeds = _wanted_seeds(found, window, options, ground, known)
        total = -(-len(seeds) // options.batch) + 1
        done: list[FoundObject] = []
        batches = cut_out(segmenter, embedding, seeds, views.windows(window), options)
        for number, batch in enumerate(batches, 1):
            done.extend(batch)
            yield Progress(number, total, (), tuple(done))
        objects = shared_out(done, window, options.max_overlap)
        if options.known_objects == "leave alone":
            objects = left_alone(objects, ground)
        yield Progress(total, total, tuple(objects))

    yield from find_in_windows(find, embedding, ground, instances.tiles)


def default_finder(segmenter: Segmenter) -> Segmenter:
    """The model that finds where objects are: the one that cuts out if it can, else ``compact``."""
    if segmenter.can_find_instances:
        return segmenter
    return type(segmenter)("compact", device=segmenter.device or "auto")


def _wanted_seeds(
    found: list[FoundObject],
    window: Window,
    options: SeedOptions,
    ground: Ground,
    known: NDArray[np.integer] | None,
) -> list[Seed]:
    if options.known_objects != "ignore":
        found = [one for one in found if not ground.is_on_known(one)]
    seeds = [Seed(one.box, one.point) for one in found if one.point and is_wanted(one, ground)]
    if options.known_objects == "use as seeds" and known is not None:
        again = _known_seeds(np.asarray(known[window.slices]), window)
        seeds += [seed for seed in again if ground.holds(np.array([seed.point]))[0]]
    return seeds


def _known_seeds(labels: NDArray[np.integer], window: Window) -> Iterator[Seed]:
    """A seed for each label of a window: its box there, and its deepest point."""
    values, numbers = np.unique(labels, return_inverse=True)
    numbers = numbers.reshape(labels.shape) + (values[:1] != 0).any()
    for value, place in enumerate(ndimage.find_objects(numbers), 1):
        mask = np.pad(numbers[place] == value, 1)
        depth = ndimage.distance_transform_edt(mask)[1:-1, 1:-1]
        row, col = np.unravel_index(int(np.argmax(depth)), depth.shape)
        top, left = window.row + place[0].start, window.col + place[1].start
        box = (top, left, top + depth.shape[0] - 1, left + depth.shape[1] - 1)
        yield Seed(box, (float(top + row), float(left + col)))
