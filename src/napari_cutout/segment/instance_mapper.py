"""Maps of a frame from which all instances come, by the models that have a head for them.

How maps of windows become those of a frame is in dense.py and distances.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from napari_cutout.sam.family import Dense, Distances
from napari_cutout.sam.undisturbed import undisturbed
from napari_cutout.segment.dense import FrameMaps, places, region, stitch
from napari_cutout.segment.distances import FrameDistances, blend_distances
from napari_cutout.segment.frame_encoder import FrameEncoder
from napari_cutout.segment.grid import coarser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from napari_cutout.sam.family import DenseMaps, DistanceMaps, Family, Features
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.windows import Window

Maps = TypeVar("Maps")


class InstanceMapper(FrameEncoder):
    """A segmenter as far as it maps all instances in one pass. See :class:`.Segmenter`."""

    @property
    def can_dense(self) -> bool:
        """Whether the model finds all instances in one pass, see :meth:`dense`."""
        return isinstance(self.model, Dense)

    @property
    def can_tell_distances(self) -> bool:
        """Whether the model carries an instance decoder, see :meth:`distances`."""
        return isinstance(self.model, Distances)

    @property
    def can_find_instances(self) -> bool:
        """Whether the model finds all objects in one pass, with :class:`.InstanceOptions`."""
        return self.can_dense or self.can_tell_distances

    def dense(
        self,
        embedding: Embedding,
        piece: Window | None = None,
        seen_in: Iterable[Window] | None = None,
    ) -> FrameMaps:
        """The dense maps of a frame, or of a piece of it.

        Parameters
        ----------
        embedding
            Of the frame.
        piece
            None: the one window of the embedding, or the whole frame.
        seen_in
            Windows that cover the piece, each of which is looked at by itself. None: the piece;
            without one, the frame where that is encoded as a whole, else tiles with overlap.

        Raises
        ------
        TypeError
            If the model can't, see :attr:`can_dense`.
        TooLargeError
            If the frame is lazy, and the maps of all of it wouldn't fit into memory.
        """
        if not self.can_dense:
            raise TypeError(f"{self.name} has no dense head; use the model 'compact'")
        return stitch(self._maps(embedding, piece, seen_in, _dense), piece or region(embedding))

    def distances(
        self,
        embedding: Embedding,
        piece: Window | None = None,
        seen_in: Iterable[Window] | None = None,
    ) -> FrameDistances:
        """Each pixel's place in its object, for a frame or a piece of it.

        Parameters
        ----------
        embedding, piece, seen_in
            As for :meth:`dense`.

        Raises
        ------
        TypeError
            If the model can't, see :attr:`can_tell_distances`.
        TooLargeError
            If the frame is lazy, and the maps of all of it wouldn't fit into memory.
        """
        if not self.can_tell_distances:
            raise TypeError(
                f"{self.name} has no instance decoder; use one of micro-sam's models that has one"
            )
        maps = self._maps(embedding, piece, seen_in, _distances)
        return blend_distances(maps, piece or region(embedding))

    def _maps(
        self,
        embedding: Embedding,
        piece: Window | None,
        seen_in: Iterable[Window] | None,
        compute: Callable[[Family, Features], Maps],
    ) -> Iterator[tuple[Grid, Maps]]:
        """Maps of the windows that a piece is looked at in, each as it was read, or coarser."""
        # Not a generator: what is too large is refused before room is made for it.
        if seen_in is None:
            seen_in = places(embedding) if piece is None else [piece]
        return (self._map(embedding, window, compute) for window in seen_in)

    def _map(
        self, embedding: Embedding, window: Window, compute: Callable[[Family, Features], Maps]
    ) -> tuple[Grid, Maps]:
        grid = embedding.grid(window)
        wanted = max(grid.shape)

        def call(family: Family, size: int) -> tuple[Grid, Maps]:
            # Asked for each time: they may have been moved to where there is memory.
            features, coarse = self.features(embedding, window), coarser(grid, size)
            with undisturbed():
                return coarse, compute(family, replace(features, pixel_size=coarse.shape))

        return self._memory.fit("maps", wanted, call, min(wanted, self.info.input_size))


def _dense(family: Family, features: Features) -> DenseMaps:
    return cast("Dense", family).dense(features)


def _distances(family: Family, features: Features) -> DistanceMaps:
    return cast("Distances", family).distances(features)
