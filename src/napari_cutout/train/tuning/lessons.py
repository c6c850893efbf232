"""What each pass of each step is about: the same whenever it is asked, made a few steps ahead."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.train.tuning.teaching import Place, place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from napari_cutout.train.tuning.examples import Example, Shelf
    from napari_cutout.train.tuning.options import TuningOptions
    from napari_cutout.train.tuning.parent import Model

_AHEAD = 2


@dataclass(frozen=True, eq=False)
class Lesson:
    """One pass.

    Parameters
    ----------
    example
        The view.
    place
        Which part of it, and which objects.
    seed
        Of its prompts.
    is_known
        Whether the model is to answer as it did before.
    """

    example: Example
    place: Place
    seed: tuple[int, ...]
    is_known: bool


class Lessons:
    """The lessons of a run.

    Parameters
    ----------
    shelf
        Views of the new objects.
    known
        Views that the model is to answer as before; may be empty.
    model
        For its sizes.
    options
        For the seed and how much a step is.
    """

    def __init__(self, shelf: Shelf, known: Shelf, model: Model, options: TuningOptions) -> None:
        self._shelf, self._known = shelf, known
        self._model, self._options = model, options

    def of(self, step: int) -> list[Lesson]:
        """The lessons of a step, one a pass."""
        passes = range(self._options.accumulate)
        lessons = [self._lesson(self._shelf, step, number, False) for number in passes]
        if len(self._known):
            lessons.append(self._lesson(self._known, step, len(passes), True))
        return lessons

    def from_step(self, start: int, stop: int) -> Iterator[list[Lesson]]:
        """The lessons of some steps, a few made ahead in a thread."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            waiting: list[Future[list[Lesson]]] = []
            for step in range(start, stop):
                waiting.append(pool.submit(self.of, step))
                if len(waiting) > _AHEAD:
                    yield waiting.pop(0).result()
            for future in waiting:
                yield future.result()

    def _lesson(self, shelf: Shelf, step: int, number: int, is_known: bool) -> Lesson:
        seed = self._options.seed, 4, step, number
        rng = np.random.default_rng(seed)
        example = shelf[int(rng.integers(len(shelf)))]
        chosen = place(example.scene, self._model, self._options.objects_per_pass, rng)
        return Lesson(example, chosen, (*seed, 1), is_known)
