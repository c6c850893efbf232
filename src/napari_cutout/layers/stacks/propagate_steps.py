"""The steps of carrying objects through frames; arrays only, in any thread.

What is carried from where is said in carry_plan.py.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.stacks.run import At, Equipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from napari_cutout.layers.model.equipping import Equipment
    from napari_cutout.layers.stacks.carry_plan import CarryPlan
    from napari_cutout.segment import Embedding, EmbeddingStore
    from napari_cutout.stacks.propagating.values import CarriedObject, Start

    Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PropagateTask:
    """What is to be carried.

    Parameters
    ----------
    equip
        Gives the model and the intensity mapping.
    plan
        What is carried where.
    starts
        Objects as they are known, by frame.
    store
        Where embeddings are kept besides.
    """

    equip: Callable[[], Equipment]
    plan: CarryPlan
    starts: Mapping[Index, Sequence[Start]]
    store: EmbeddingStore | None = None


@dataclass(frozen=True, eq=False)
class CarriedTo(At):
    """What a frame has; it takes the place of what was said of it before.

    Parameters
    ----------
    objects
        All that are carried there, share no pixel; and those that end there.
    problem
        Why the frame can't be read; empty where it can.
    """

    objects: Sequence[CarriedObject] = ()
    problem: str = ""


def propagate_steps(task: PropagateTask) -> Iterator[At]:
    """Carry objects, frame after frame. Closing it ends it; what it told stays right."""
    # In the thread that works: it imports torch, which takes seconds.
    from napari_cutout.stacks.propagating.propagate import propagate

    plan = task.plan
    stack, total = plan.stack, len(plan.places)
    segmenter, mapping = equipment = task.equip()
    yield Equipped(0, total, None, equipment)
    window: Any = stack.looked_at

    def embedding_of(index: Index) -> Embedding:
        return segmenter.encode(stack.pixels(index), mapping, window, store=task.store)

    work = propagate(
        segmenter,
        stack,
        task.starts,
        plan.frames,
        plan.options,
        direction=plan.direction,
        stops=plan.stops,
        intensity=mapping,
        embedding_of=embedding_of,
    )
    with closing(work) as steps:
        for one in steps:
            yield CarriedTo(one.done, one.total, one.index, one.objects, one.problem)
