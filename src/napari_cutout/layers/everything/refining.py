"""The steps of refining what a layer gives, see given.py.

They touch arrays only. What the model is asked is in segment/refining.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_cutout.layers.everything.found_set import FoundSet
from napari_cutout.layers.everything.run import Step
from napari_cutout.segment.automatic.objects import Objects
from napari_cutout.segment.refining import refine_prompts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

    from napari_cutout.layers.everything.given import Given
    from napari_cutout.layers.gathering import FoundBy
    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.segment.automatic.objects import FoundObject


@dataclass(frozen=True, eq=False)
class RefiningTask:
    """What is to be refined.

    Parameters
    ----------
    prepare
        Makes the frame ready, see :meth:`.Encoder.preparing`.
    given
        The prompts.
    by
        What the log says of it; the model's fingerprint is added.
    passes
        See :func:`.refine`.
    """

    prepare: Callable[[], Made]
    given: Given
    by: FoundBy
    passes: int = 2


def refining_steps(task: RefiningTask, cancelled: Event) -> Iterator[Step]:
    """Refine, until all is done or it is cancelled; the last step has all that was found.

    Arrays only: this runs in any thread, as the steps of a :class:`.LongJob`.
    """
    if cancelled.is_set():
        return
    made = task.prepare()
    segmenter, _, encoded = made
    yield Step(made=made)
    given, frame = task.given.prompts, task.given.frame
    by = replace(task.by, fingerprint=segmenter.fingerprint)
    kept: list[FoundObject] = []
    done = 0
    for batch in refine_prompts(segmenter, encoded.embedding, given, task.passes):
        kept += [one for one in batch if one is not None]
        done += len(batch)
        if cancelled.is_set() or done == len(given):
            break
        yield Step(done, len(given), len(kept))
    best_first = tuple(sorted(kept, key=lambda one: -one.score))
    found = FoundSet(Objects(best_first, encoded.embedding.shape), by, frame)
    yield Step(done, len(given), len(kept), found)
