"""A way of finding everything in one window, run over the windows of a large frame.

The frame is gone through row by row; what neighbouring windows both see is joined in joining.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.segment.automatic.progress import Progress
from napari_cutout.segment.automatic.windowed.joining import Joiner
from napari_cutout.segment.automatic.windowed.lattice import lattice
from napari_cutout.segment.windows import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from napari_cutout.segment.automatic.ground import Ground
    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.automatic.windowed.lattice import Cell
    from napari_cutout.segment.automatic.windowed.tiles import Tiles
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.windows import Window

_PARTS = 100


def find_in_windows(
    find: Callable[[Window], Iterator[Progress]],
    embedding: Embedding,
    ground: Ground,
    tiles: Tiles,
    *,
    nested: bool = False,
) -> Iterator[Progress]:
    """Find objects window by window, and join those that several windows see.

    Parameters
    ----------
    find
        Finds the objects of one window, in coordinates of the frame.
    embedding
        Of the frame; where it has one window, that is gone through.
    ground
        Where objects are looked for; windows beyond are left out.
    tiles
        How the frame is cut.
    nested
        See :class:`.Joiner`.

    Yields
    ------
    Progress
        What no later window can change comes as soon as that is so.
    """
    region = embedding.window or whole(embedding.shape)
    if max(region.rows, region.cols) <= tiles.side:
        yield from find(region)
        return
    cells = [cell for cell in lattice(region, tiles.side, tiles.overlap) if _is_asked(cell, ground)]
    joiner = Joiner(nested=nested)
    total = len(cells) * _PARTS
    for number, cell in enumerate(cells):
        found: list[FoundObject] = []
        tentative: Sequence[FoundObject] = ()
        for step in find(cell.window):
            found.extend(step.objects)
            tentative = step.tentative
            if step.done < step.total:
                done = number * _PARTS + _PARTS * step.done // step.total
                yield Progress(done, total, (), (*joiner.open(), *found, *tentative))
        settled = joiner.add(cell, (*found, *tentative))
        if number + 1 == len(cells):
            settled = (*settled, *joiner.finish())
        yield Progress((number + 1) * _PARTS, total, settled, joiner.open())


def _is_asked(cell: Cell, ground: Ground) -> bool:
    if ground.window is not None and cell.window.shared(ground.window) is None:
        return False
    return ground.mask is None or bool(ground.mask[cell.window.slices].any())
