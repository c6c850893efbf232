"""What was made of the last image embedding, kept for the prompts that follow on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from torch import Tensor

    from napari_cutout.sam.two_way_attention import SharedImage


class LastImage:
    """One :class:`.SharedImage`, for as long as the embedding lives that it was made of.

    Clicks and batches of a grid ask for the same image again and again. The only state is a
    tuple that is replaced whole, so that threads may ask at once: at worst both make it. A copy
    starts empty.
    """

    def __init__(self) -> None:
        self._slot: _Slot | None = None

    def get(
        self, embedding: Tensor, weights: Hashable, make: Callable[[], SharedImage]
    ) -> SharedImage:
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


class _Slot(NamedTuple):
    embedding: ref[Tensor]
    weights: Hashable
    image: SharedImage
