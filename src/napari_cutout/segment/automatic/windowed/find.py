"""A grid of points in each window of a large frame, so that its objects aren't shrunk away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cutout.segment.automatic.grid.find import find_by_grid
from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.automatic.windowed.tiling import find_in_windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.segment.automatic.ground import Ground
    from napari_cutout.segment.automatic.progress import Progress
    from napari_cutout.segment.automatic.windowed.options import InWindows
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window


def find_by_windows(
    segmenter: Segmenter, embedding: Embedding, options: InWindows, ground: Ground
) -> Iterator[Progress]:
    """Ask a grid of points in each window; see :func:`.find_everything`."""
    size = segmenter.info.input_size

    def find(window: Window) -> Iterator[Progress]:
        here = replace(embedding, window=window)
        yield from find_by_grid(segmenter, here, options.grid, ground)

    tiles = options.tiles or Tiles(size, size // 4)
    yield from find_in_windows(find, embedding, ground, tiles, nested=True)
