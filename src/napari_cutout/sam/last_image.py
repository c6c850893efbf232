"""What was made of the last image embedding, kept for the prompts that follow on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from torch import Tensor


Made = TypeVar("Made")


class LastImage(Generic[Made]):
    """What a decoder made of one embedding, for as long as that embedding lives.

    Clicks and batches of a grid ask for the same image again and again. The only state is a
    tuple that is replaced whole, so that threads may ask at once: at worst both make it. A copy
    starts empty.
    """

    def __init__(self) -> None:
        self._slot: _Slot[Made] | None = None

    def get(self, embedding: Tensor, weights: Hashable, make: Callable[[], Made]) -> Made:
        """The image made of an embedding with weights, made now if it is another than before."""
        slot = self._slot
        if slot is not None and slot.embedding() is embedding and slot.weights == weights:
            return slot.image
        image = make()
        self._slot = _Slot(ref(embedding, self._forget), weights, image)
        return image

    def _forget(self, embedding: ref[Tensor]) -> None:
        self._slot = None

    def __reduce__(self) -> tuple[Any, ...]:
        return LastImage, ()


@dataclass(frozen=True, eq=False)
class _Slot(Generic[Made]):
    embedding: ref[Tensor]
    weights: Hashable
    image: Made
