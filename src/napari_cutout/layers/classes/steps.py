"""The steps of proposing classes: frames are made ready, objects looked at, classes learned.

Arrays only: this runs in any thread. What is looked at is laid out in laying_out.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.classes.proposals import Proposal, Proposals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from napari_cutout.layers.classes.laying_out import ClassTask
    from napari_cutout.layers.frame_of_objects import FrameOfObjects
    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.segment.classes.looks import Looks

_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class ClassStep:
    """How far it is.

    Parameters
    ----------
    done, total
        Objects that were looked at, and all.
    made
        A frame that was made ready, in the step that did it.
    where
        That frame.
    proposals
        In the last step.
    """

    done: int
    total: int
    made: Made | None = None
    where: FrameOfObjects | None = None
    proposals: Proposals | None = None


def class_steps(task: ClassTask, cancelled: Event) -> Iterator[ClassStep]:
    """Look at all objects, then learn and propose; nothing is proposed when it is cancelled.

    Raises
    ------
    ClassError
        If there are too few classes or examples.
    """
    # In the thread that works: it imports torch, which takes seconds.
    from napari_cutout.segment.classes.learning import check_examples
    from napari_cutout.segment.classes.looks import looks_of

    given = {number for frame in task.frames for number in frame.extents} & task.classes.keys()
    check_examples([task.classes[number] for number in given])
    numbers: list[int] = []
    looks: Looks | None = None
    done = 0
    for frame in task.frames:
        if cancelled.is_set():
            return
        made = frame.prepare()
        yield ClassStep(done, len(task), made, frame)
        segmenter, embedding = made[0], made[2].embedding
        ids = list(frame.extents)
        for start in range(0, len(ids), _AT_ONCE):
            if cancelled.is_set():
                return
            some = ids[start : start + _AT_ONCE]
            placed = {number: mask for number in some if (mask := frame.mask(number)) is not None}
            done += len(some)
            if placed:
                new = looks_of(segmenter, embedding, list(placed.values()))
                looks = new if looks is None else looks + new
                numbers += placed
            yield ClassStep(done, len(task))
    if looks is not None and not cancelled.is_set():
        yield ClassStep(done, len(task), proposals=_proposed(numbers, looks, task))


def _proposed(numbers: list[int], looks: Looks, task: ClassTask) -> Proposals:
    from napari_cutout.segment.classes.learning import learn_classes

    given = [place for place, number in enumerate(numbers) if number in task.classes]
    rest = [place for place, number in enumerate(numbers) if number not in task.classes]
    others = looks.of(rest)
    model = learn_classes(
        looks.of(given), [task.classes[numbers[place]] for place in given], others
    )
    proposed = model.propose(others)
    by_id = {
        numbers[place]: Proposal(name, float(confidence))
        for place, name, confidence in zip(rest, proposed.names, proposed.confidence, strict=True)
    }
    return Proposals(by_id, dict(zip(model.classes, model.counts, strict=True)), model.accuracy)
