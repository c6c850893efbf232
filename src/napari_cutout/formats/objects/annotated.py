"""Images with their objects, as files of annotations hold them. Values only.

Each format reads and writes them in a module of its own; labels are in annotated_labels.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from napari_cutout.segment.rle import Rle


@dataclass(frozen=True)
class AnnotatedObject:
    """One object of an image.

    Parameters
    ----------
    id
        Its number.
    mask
        In its box.
    origin
        (row, col) of that box in the image.
    class_name
        Empty without one.
    score
        The predicted IoU, or how sure somebody was; None where nobody said.
    stability
        The IoU of the masks at a higher and a lower threshold; None where nobody said.
    point
        (row, col) of the prompt that it answers, pixel centres at integers.
    crop_box
        The piece of the image in which it was found.
    is_crowd
        Whether the mask stands for many objects that weren't told apart.
    measurements
        Names and values of what else is known, finite numbers.
    """

    id: int
    mask: Rle
    origin: tuple[int, int]
    class_name: str = ""
    score: float | None = None
    stability: float | None = None
    point: tuple[float, float] | None = None
    crop_box: Window | None = None
    is_crowd: bool = False
    measurements: tuple[tuple[str, float], ...] = ()

    @property
    def area(self) -> int:
        """The number of pixels."""
        return self.mask.area

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(row0, col0, row1, col1), both corners inside."""
        (row, col), (height, width) = self.origin, self.mask.size
        return row, col, row + height - 1, col + width - 1

    @property
    def slices(self) -> tuple[slice, slice]:
        """The box, for indexing the image."""
        row0, col0, row1, col1 = self.box
        return slice(row0, row1 + 1), slice(col0, col1 + 1)


@dataclass(frozen=True)
class AnnotatedImage:
    """An image and its objects.

    Parameters
    ----------
    file_name
        Of the image, as the file of annotations has it.
    shape
        ``(rows, cols)``.
    objects
        In the order of the file.
    frame
        Where it is in a stack: its place on each leading axis. Empty for an image by itself.
    id
        The number that a file gives to the image; None: whoever writes chooses one.

    Raises
    ------
    FormatError
        If an object doesn't lie in the image.
    """

    file_name: str
    shape: tuple[int, int]
    objects: tuple[AnnotatedObject, ...] = ()
    frame: tuple[int, ...] = ()
    id: int | None = None

    def __post_init__(self) -> None:
        rows, cols = self.shape
        for one in self.objects:
            row0, col0, row1, col1 = one.box
            if min(row0, col0) < 0 or row1 >= rows or col1 >= cols:
                raise FormatError(
                    f"object {one.id} of {self.file_name} is at {one.box}, outside of the image's "
                    f"{rows} rows and {cols} columns"
                )

    @classmethod
    def of_found(cls, found: Objects, file_name: str) -> AnnotatedImage:
        """What was found in an image without prompts; ids are 1, 2, ... in that order."""
        objects = tuple(
            AnnotatedObject(
                number,
                one.mask,
                one.origin,
                score=_finite(one.score),
                stability=_finite(one.stability),
                point=one.point,
                crop_box=one.window,
            )
            for number, one in enumerate(found, 1)
        )
        return cls(file_name, found.shape, objects)

    def found(self) -> Objects:
        """The same as what is found without prompts, in the order of the file.

        What nobody said is NaN for numbers, and the whole image for the crop box.
        """
        whole = Window(0, 0, *self.shape)
        objects = tuple(
            FoundObject(
                one.mask,
                one.origin,
                math.nan if one.score is None else one.score,
                math.nan if one.stability is None else one.stability,
                one.crop_box or whole,
                one.point,
            )
            for one in self.objects
        )
        return Objects(objects, self.shape)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
