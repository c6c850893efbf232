"""What can be judged: models that answer prompts, and models that find objects by themselves.

Protocols alone. A :class:`.Segmenter` is the first as it is; models of other packages are made to
fit in peers/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import Objects
    from napari_cutout.segment.prompts import LowResLogits, Prompts
    from napari_cutout.segment.segmenter import Segmenter


class Answer(Protocol):
    """The candidates for one prompt, best first; a :class:`.Prediction` is one."""

    @property
    def masks(self) -> NDArray[np.bool_]:
        """``(K, rows, cols)`` bool, of the whole frame."""

    @property
    def scores(self) -> NDArray[np.float32]:
        """``(K,)``: the predicted IoU, falling."""

    def feedback(self, k: int = 0) -> LowResLogits:
        """What the next prompt of the same object gives as ``logits``."""


class Annotatable(Protocol):
    """A model that cuts out what a person points at."""

    @property
    def name(self) -> str:
        """What tables and pictures call it."""

    def encode(self, frame: Any) -> Any:
        """A frame ``(rows, cols)`` or ``(rows, cols, 3)``, ready to be prompted."""

    def predict(
        self, embedding: Any, prompts: Sequence[Prompts], multimask: bool
    ) -> Sequence[Answer]:
        """Candidates for each of several objects: three of each, or one."""


class Finder(Protocol):
    """A model that finds the objects of a frame without prompts."""

    @property
    def name(self) -> str:
        """What tables and pictures call it."""

    def find(self, frame: Any) -> Objects:
        """All objects of a frame ``(rows, cols)`` or ``(rows, cols, 3)``."""


@dataclass(frozen=True)
class FindsEverything:
    """A segmenter that finds objects in one way: a :class:`Finder`.

    Parameters
    ----------
    segmenter
        The model.
    options
        How, see :meth:`.Segmenter.everything`.
    """

    segmenter: Segmenter
    options: object = None

    @property
    def name(self) -> str:
        """The segmenter's."""
        return self.segmenter.name

    def find(self, frame: Any) -> Objects:
        """All objects of a frame.

        Raises
        ------
        OptionError
            If the options aren't of a kind that is known.
        """
        return self.segmenter.everything(frame, self.options)
