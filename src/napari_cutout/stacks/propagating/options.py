"""How objects are carried, and when that ends, as data."""

from __future__ import annotations

from dataclasses import dataclass

from napari_cutout.segment.automatic.option_checks import check_number
from napari_cutout.segment.errors import OptionError


@dataclass(frozen=True)
class PropagateOptions:
    """How objects are carried from frame to frame, and when one is stopped.

    No value depends on the size of a pixel.

    Parameters
    ----------
    min_score
        An object is doubted where its score is lower, 0 to 1. The score is the IoU that the model
        predicts, times how well its mask agrees with the one that was expected.
    patience
        Over so many successive frames a doubted object is carried on; in the next one it is
        stopped. One poor frame is no end.
    max_area_change
        The factor by which an object's area may grow or shrink from one frame to the next.
    min_overlap
        The least IoU of an object with the mask that was expected where it should have moved.
    use_motion
        Whether masks are moved as the image moves. Without it they are expected where they were.
    keep_shape
        The least share that the expected mask has in a new one, 0 to 1; the rest is the model's.
        It is larger where the model differs from the expected mask by hardly more than it does
        from the mask that a person gave.
    largest_gap
        Over so many successive frames that can't be read an object is carried.
    min_area_share
        An object is doubted, too, where its area is less than this share of the largest that it
        had.
    use_looks
        Whether an object is doubted where its pixels look rather like what was around it where a
        person gave it, as far as these differ.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    min_score: float = 0.5
    patience: int = 1
    max_area_change: float = 3.0
    min_overlap: float = 0.2
    use_motion: bool = True
    keep_shape: float = 0.3
    largest_gap: int = 3
    min_area_share: float = 0.05
    use_looks: bool = True

    def __post_init__(self) -> None:
        check_number("min_score", self.min_score, 0, 1)
        check_number("min_area_share", self.min_area_share, 0, 1)
        check_number("max_area_change", self.max_area_change, 1, 1e6)
        check_number("min_overlap", self.min_overlap, 0, 1)
        check_number("keep_shape", self.keep_shape, 0, 1)
        for name in ("use_looks", "use_motion"):
            if not isinstance(getattr(self, name), bool):
                raise OptionError(f"{name} is True or False, not {getattr(self, name)!r}")
        for name in ("patience", "largest_gap"):
            value = getattr(self, name)
            check_number(name, value, 0, 1e6)
            if value != int(value):
                raise OptionError(f"{name} is a whole number of frames, not {value!r}")
