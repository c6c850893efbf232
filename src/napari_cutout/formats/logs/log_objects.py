"""What a prompt log says of objects, as values: what was committed, and what it was made from.

What happened to them is in log_entries.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from napari_cutout.segment.mask_options import MaskOptions

if TYPE_CHECKING:
    from napari_cutout.formats.logs.found import Found
    from napari_cutout.segment.intensity import IntensityMapping
    from napari_cutout.segment.rle import Rle

_AS_IT_COMES = MaskOptions()

Frame: TypeAlias = tuple[int | None, ...]
"""One entry an axis: a position, or None on the two axes of the frame."""

Numbers: TypeAlias = tuple[float, ...]


@dataclass(frozen=True)
class LoggedShape:
    """A drawn prompt: its kind, its ``(V, ndim)`` vertices in the image, its object's number."""

    kind: str
    vertices: tuple[Numbers, ...]
    group: int = 0
    positive: bool = True


@dataclass(frozen=True)
class LoggedMask:
    """A mask given as a prompt, in its box of a frame of the image."""

    frame: Frame
    origin: tuple[int, int]
    mask: Rle
    group: int = 0


@dataclass(frozen=True)
class LoggedPrompts:
    """Prompts in data coordinates of the image.

    Parameters
    ----------
    points
        ``(N, ndim)``.
    positive, groups
        ``(N,)``: of each point, whether it lies inside the object, and the object's number.
    shapes, masks
        The others.
    """

    points: tuple[Numbers, ...] = ()
    positive: tuple[bool, ...] = ()
    groups: tuple[int, ...] = ()
    shapes: tuple[LoggedShape, ...] = ()
    masks: tuple[LoggedMask, ...] = ()

    def __len__(self) -> int:
        """The number of points, shapes and masks."""
        return len(self.points) + len(self.shapes) + len(self.masks)


@dataclass(frozen=True)
class LoggedObject:
    """An object that was committed, in one frame.

    Parameters
    ----------
    key
        Its number in the log, which no other object of the session has.
    id, class_name
        Its label, and its class, empty without one.
    frame
        In the image.
    origin, mask
        What was committed, in its box of the frame.
    score
        The predicted IoU; None where there was none.
    prompts
        What it was made from.
    candidate, options
        Which answer of the model was taken, and how it became a mask.
    model, fingerprint
        The model's name, and the hash of its weights.
    intensity
        How intensities were mapped; None where that isn't known.
    channels
        The axis of the image that holds channels, and the one or three that were taken; None
        where none were chosen.
    found
        How it was found, of an object that nobody prompted.
    """

    key: int
    id: int
    frame: Frame
    origin: tuple[int, int]
    mask: Rle
    prompts: LoggedPrompts = LoggedPrompts()
    score: float | None = None
    class_name: str = ""
    candidate: int = 0
    options: MaskOptions = _AS_IT_COMES
    model: str = ""
    fingerprint: str = ""
    intensity: IntensityMapping | None = None
    channels: tuple[int, tuple[int, ...]] | None = None
    found: Found | None = None

    @property
    def area(self) -> int:
        """The number of pixels."""
        return self.mask.area

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(row0, col0, row1, col1), both corners inside."""
        (row, col), (height, width) = self.origin, self.mask.size
        return row, col, row + height - 1, col + width - 1
