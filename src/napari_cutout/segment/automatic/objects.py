"""What was found in a frame: objects in their boxes. No array of the frame's size is kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.segment.rle import Rle
    from napari_cutout.segment.windows import Window


@dataclass(frozen=True)
class FoundObject:
    """One object that was found without a person's prompt.

    Parameters
    ----------
    mask
        In its bounding box, which it touches on all four sides.
    origin
        ``(row, col)`` of that box in the frame.
    score
        The predicted IoU.
    stability
        The IoU of the masks at a higher and a lower threshold of the logits, 0 to 1.
    window
        The piece of the frame in which it was found; SAM's crop box.
    point
        ``(row, col)`` of the prompt that it answers, in the frame; None where there was none.
    """

    mask: Rle
    origin: tuple[int, int]
    score: float
    stability: float
    window: Window
    point: tuple[float, float] | None = None

    @cached_property
    def area(self) -> int:
        """The number of pixels."""
        return self.mask.area

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(row0, col0, row1, col1), both corners inside."""
        (row, col), (height, width) = self.origin, self.mask.size
        return row, col, row + height - 1, col + width - 1

    def decode(self) -> NDArray[np.bool_]:
        """The mask ``(h, w)`` bool in its box."""
        return self.mask.decode()


@dataclass(frozen=True)
class Objects:
    """All objects that were found in a frame, the best first.

    Parameters
    ----------
    found
        The objects.
    shape
        ``(rows, cols)`` of the frame.
    """

    found: tuple[FoundObject, ...]
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[FoundObject]:
        return iter(self.found)

    def __getitem__(self, index: int) -> FoundObject:
        return self.found[index]
