"""The search for objects of a kind in one window: prompts at likely places, round by round."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.segment import batching
from napari_cutout.segment.prediction import Prediction
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.refining import found_object
from napari_cutout.segment.similar.guidance import guided
from napari_cutout.segment.similar.maps import WindowMaps, likeness
from napari_cutout.segment.similar.places import peaks
from napari_cutout.segment.similar.ranking import Ranked, SimilarObject, choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.segment.batching import Answer
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.similar.kind import Kind
    from napari_cutout.segment.similar.options import SimilarOptions
    from napari_cutout.segment.windows import Window

BATCH = 16
"""Places that are asked about at once, so that a search can be stopped soon."""


class Search:
    """The search in one window.

    Parameters
    ----------
    segmenter, embedding, window
        Where.
    kind, options
        What for.
    known
        Labels ``(window.rows, window.cols)`` of what is there already, or None.
    drop_cut
        Whether an object that the window cuts is left to another window.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        embedding: Embedding,
        window: Window,
        kind: Kind,
        options: SimilarOptions,
        known: NDArray[np.integer] | None,
        *,
        drop_cut: bool,
    ) -> None:
        self._segmenter, self._embedding, self._window = segmenter, embedding, window
        self._kind, self._options, self._drop_cut = kind, options, drop_cut
        self._maps = WindowMaps.of(segmenter, embedding, window)
        self._features = segmenter.features(embedding, window)
        self._grid = embedding.grid(window)
        self._guide = partial(guided, kind=kind) if options.guided else None
        self._known = self._on_cells(known)
        self._full_size: dict[Ranked, SimilarObject | None] = {}
        self._chosen: tuple[Ranked, ...] = ()

    def steps(self) -> Iterator[float]:
        """Search, and yield between batches which share is done."""
        likely = self._maps.similarity(self._kind.vectors, self._kind.means)
        size = np.median(self._kind.sizes, axis=0) / self._maps.cell_size
        covered = self._known != 0
        options = self._options
        for number in range(options.rounds):
            reach = (float(size[0]), float(size[1]))
            cells = peaks(likely, reach, options.min_similarity, ~covered, options.max_prompts)
            asked = covered
            for first in range(0, len(cells), BATCH):
                found = self._ask(cells[first : first + BATCH])
                self._chosen, covered = choose(
                    (*self._chosen, *found), self._known, options.max_overlap
                )
                yield (number + first / len(cells)) / options.rounds
            # Where there was an answer that isn't one of the kind, asking again won't help.
            covered = covered | asked
            covered[cells[:, 0], cells[:, 1]] = True

    @property
    def objects(self) -> tuple[SimilarObject, ...]:
        """What was found so far, the best first. Only what is new is brought to full size."""
        known = self._full_size
        self._full_size = {
            one: known[one] if one in known else self._full(one) for one in self._chosen
        }
        return tuple(one for one in self._full_size.values() if one is not None)

    def _ask(self, cells: NDArray[np.int64]) -> list[Ranked]:
        points = self._maps.to_frame(cells.astype(float))
        low, high = np.array([self._window.row, self._window.col]), self._embedding.shape
        points = np.clip(points, low, np.array(high) - 1.0)
        prompts = [Prompts(points=point) for point in points]
        answers = batching.decode(
            self._segmenter.memory,
            self._features,
            self._embedding,
            self._window,
            prompts,
            True,
            self._guide,
        )
        return self._ranked(points, answers)

    def _ranked(self, points: NDArray[np.float64], answers: list[Answer]) -> list[Ranked]:
        logits = np.concatenate([one for one, _ in answers])
        scores = np.concatenate([score for _, score in answers])
        of = np.repeat(np.arange(len(answers)), [len(score) for _, score in answers])
        masks = self._maps.without_padding(torch.from_numpy(logits > 0))
        areas = masks.sum(dim=(1, 2)).numpy() * self._maps.cell_area
        alike = likeness(self._maps.vectors(masks, self._kind.means), self._kind.vectors)
        fit = self._kind.size_fit(areas, self._options.size_tolerance)
        # Squared, because all objects of a kind are near 1, and much else is near 0.7.
        ranks = np.clip(alike, 0, 1) ** 2 * np.clip(scores, 0, 1) * fit
        found = []
        for k in np.flatnonzero((ranks >= self._options.min_rank) & (areas > 0)):
            mask, corner = _in_box(masks[int(k)].numpy())
            if self._drop_cut and self._is_cut(mask, corner):
                continue
            row, col = points[of[k]].tolist()
            values = float(scores[k]), float(alike[k]), float(ranks[k])
            found.append(Ranked(mask, corner, logits[k], (row, col), *values))
        return found

    def _full(self, one: Ranked) -> SimilarObject | None:
        upscale = batching.upscaler(self._segmenter.memory, self._grid)
        prediction = Prediction(
            np.array([one.score], np.float32),
            one.logits[None],
            self._window,
            self._embedding.shape,
            self._embedding.key,
            self._grid,
            upscale,
        )
        plain = found_object(prediction, 0, one.point)
        if plain is None:
            return None
        return SimilarObject(
            plain.mask,
            plain.origin,
            plain.score,
            plain.stability,
            plain.window,
            plain.point,
            one.similarity,
            one.rank,
        )

    def _is_cut(self, mask: NDArray[np.bool_], corner: tuple[int, int]) -> bool:
        """Whether a mask reaches a side of the window that isn't the frame's own."""
        window, (rows, cols) = self._window, self._embedding.shape
        last = np.array(corner) + mask.shape - self._maps.valid
        return bool(
            (window.row > 0 and corner[0] == 0)
            or (window.col > 0 and corner[1] == 0)
            or (window.row + window.rows < rows and last[0] == 0)
            or (window.col + window.cols < cols and last[1] == 0)
        )

    def _on_cells(self, known: NDArray[np.integer] | None) -> NDArray[np.integer]:
        """Labels of the window at the middle of each cell."""
        if known is None:
            return np.zeros(self._maps.valid, np.int64)
        picks = []
        starts = (self._window.row, self._window.col)
        for axis, (count, length) in enumerate(zip(self._maps.valid, known.shape, strict=True)):
            line = np.zeros((count, 2))
            line[:, axis] = np.arange(count)
            at = self._maps.to_frame(line)[:, axis] - starts[axis]
            picks.append(np.clip(np.rint(at).astype(int), 0, length - 1))
        return np.asarray(known[np.ix_(*picks)])


def _in_box(mask: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    piece = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return piece, (int(rows[0]), int(cols[0]))
