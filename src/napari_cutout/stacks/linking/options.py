"""How objects are linked over frames, and joined over slices, as data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from napari_cutout.segment.errors import OptionError

_MOST_FRAMES = 1_000_000


@dataclass(frozen=True)
class LinkOptions:
    """What may be the same object in successive frames, which may be volumes.

    The defaults go by the objects' own sizes, so that they fit any magnification.

    Parameters
    ----------
    max_distance
        The farthest that an object moves from one frame to the next beside what is expected of
        it, in the units of the spacing. None: twice the diameter, that of a disc of its area, or
        of a ball of its volume; of two the geometric mean counts.
    min_overlap
        The least IoU of an object with the one that it was, where that is expected to be; 0: they
        need not touch.
    max_gap
        In so many successive frames an object may be missing and still be the same.
    divisions
        Whether objects may divide into two.
    drift
        Whether a shift that all objects have in common is looked for, as when the stage moves.
    motion
        The share of its last movement that an object is expected to repeat, 0 to 1.
    min_length
        Objects seen in fewer frames are left out, unless they divide or come of a division.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    max_distance: float | None = None
    min_overlap: float = 0.0
    max_gap: int = 1
    divisions: bool = True
    drift: bool = True
    motion: float = 0.2
    min_length: int = 1

    def __post_init__(self) -> None:
        far = self.max_distance
        if far is not None and not (math.isfinite(far) and far > 0):
            raise OptionError(f"max_distance is above 0, or None, not {far!r}")
        _check_share("min_overlap", self.min_overlap)
        _check_share("motion", self.motion)
        _check_count("max_gap", self.max_gap, 0)
        _check_count("min_length", self.min_length, 1)


@dataclass(frozen=True)
class VolumeOptions:
    """What is one object in the slices of a volume.

    Parameters
    ----------
    min_overlap
        The least share of the smaller one of two masks that lies in the other, 0 to 1.
    max_gap
        In so many successive slices an object may be missing.
    min_extent
        Objects that span fewer slices are left out, those where it is missing counted.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    min_overlap: float = 0.5
    max_gap: int = 1
    min_extent: int = 2

    def __post_init__(self) -> None:
        _check_share("min_overlap", self.min_overlap)
        _check_count("max_gap", self.max_gap, 0)
        _check_count("min_extent", self.min_extent, 1)


@dataclass(frozen=True)
class VolumeLinkOptions:
    """What is one object in volumes over time.

    Parameters
    ----------
    slices
        What is one object in the slices of a volume; ``min_extent`` is at most all of them. None:
        what has one id in a volume is one already.
    link
        What may be the same object in successive volumes.
    """

    slices: VolumeOptions | None = field(default_factory=VolumeOptions)
    link: LinkOptions = field(default_factory=LinkOptions)


def _check_share(name: str, value: float) -> None:
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise OptionError(f"{name} goes from 0 to 1, not {value!r}")


def _check_count(name: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST_FRAMES:
        raise OptionError(f"{name} is a whole number from {least} to {_MOST_FRAMES}, not {value!r}")
