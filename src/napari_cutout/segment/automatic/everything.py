"""One generator for everything in a frame, whichever way it is found: the options say which.

The ways themselves have files of their own; reports and how they add up are in progress.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.grid.find import find_by_grid
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.ground import Ground
from napari_cutout.segment.automatic.instances.find import find_by_instances
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.progress import Gathered, Progress, gather
from napari_cutout.segment.automatic.seeds.find import find_by_seeds
from napari_cutout.segment.automatic.seeds.options import SeedOptions
from napari_cutout.segment.automatic.windowed.find import find_by_windows
from napari_cutout.segment.automatic.windowed.options import InWindows
from napari_cutout.segment.embedding import Embedding
from napari_cutout.segment.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window

__all__ = ["Gathered", "Progress", "find_everything", "gather"]


def find_everything(
    segmenter: Segmenter,
    frame: object,
    options: object = None,
    *,
    within: Window | ArrayLike | None = None,
    known: ArrayLike | None = None,
) -> Iterator[Progress]:
    """Find every object of a frame, step by step.

    Stop asking between two steps, and what was found stays: see :class:`.Gathered`.

    Parameters
    ----------
    segmenter
        The model.
    frame
        An :class:`.Embedding` of it, or a frame as :meth:`.Segmenter.encode` takes it.
    options
        :class:`.GridOptions`, which are the default, :class:`.InstanceOptions`,
        :class:`.SeedOptions`, or :class:`.InWindows` for a grid of points in each window.
    within
        Where objects are looked for: a window, or a mask ``(rows, cols)`` bool of the frame.
        Points outside aren't asked; an object may reach beyond.
    known
        Labels ``(rows, cols)`` that are in the frame already; 0 is none. What is done with them
        is said by the options.

    Yields
    ------
    Progress
        In order.

    Raises
    ------
    OptionError
        If the options aren't of a kind that is known, or ``within`` or ``known`` don't fit the
        frame.
    FrameError
        If the frame isn't one.
    """
    options = GridOptions() if options is None else options
    embedding = frame if isinstance(frame, Embedding) else segmenter.encode(frame)
    ground = Ground.of(embedding.shape, within, known)
    match options:
        case GridOptions():
            yield from find_by_grid(segmenter, embedding, options, ground)
        case InstanceOptions():
            yield from find_by_instances(segmenter, embedding, options, ground)
        case SeedOptions():
            labels = None if known is None else np.asarray(known)
            yield from find_by_seeds(segmenter, embedding, options, ground, labels)
        case InWindows():
            yield from find_by_windows(segmenter, embedding, options, ground)
        case _:
            raise OptionError(
                "options are GridOptions(...), InstanceOptions(...), SeedOptions(...) or "
                f"InWindows(...), not {type(options).__name__}"
            )
