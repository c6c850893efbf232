"""The steps of carrying objects through frames; arrays only, in any thread.

What is carried from where is chosen in propagating.py.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.stacks.run import At

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from napari_cutout.layers.model.equipping import Equipment
    from napari_cutout.layers.stacks.layer_stack import LayerStack
    from napari_cutout.segment import Embedding, EmbeddingStore
    from napari_cutout.stacks.propagating.options import PropagateOptions
    from napari_cutout.stacks.propagating.plan import Direction
    from napari_cutout.stacks.propagating.values import CarriedObject, Start

    Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PropagateTask:
    """What is to be carried.

    Parameters
    ----------
    equip
        Gives the model and the intensity mapping.
    stack, frames
        Through which frames of it, in order.
    starts
        Objects as they are known, by frame.
    options, direction, stops
        See :func:`.propagate`.
    store
        Where embeddings are kept besides.
    """

    equip: Callable[[], Equipment]
    stack: LayerStack
    frames: Sequence[Index]
    starts: Mapping[Index, Sequence[Start]]
    options: PropagateOptions
    direction: Direction
    stops: frozenset[tuple[int, Index]]
    store: EmbeddingStore | None = None


@dataclass(frozen=True, eq=False)
class EquippedToCarry(At):
    """The model is loaded, and how intensities are mapped is known."""

    found: Any = None


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

    stack, total = task.stack, len(task.frames)
    segmenter, mapping = equipment = task.equip()
    yield EquippedToCarry(0, total, None, equipment)
    window: Any = stack.looked_at

    def embedding_of(index: Index) -> Embedding:
        return segmenter.encode(stack.pixels(index), mapping, window, store=task.store)

    work = propagate(
        segmenter,
        stack,
        task.starts,
        task.frames,
        task.options,
        direction=task.direction,
        stops=task.stops,
        intensity=mapping,
        embedding_of=embedding_of,
    )
    with closing(work) as steps:
        for one in steps:
            yield CarriedTo(one.done, one.total, one.index, one.objects, one.problem)
