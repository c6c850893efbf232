"""Labelled frames as one value: sources that are read when they are asked for, split and summed up.

Where they come from is in opening.py and in_memory.py.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from napari_cutout.train.data.data_summary import DataSummary, Tally
from napari_cutout.train.errors import TrainError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.formats.labelled import LabelledFrame


class LabelledSource(Protocol):
    """What belongs together and is never split: an image with its planes, or a stack."""

    @property
    def name(self) -> str:
        """``folder/file``."""
        ...

    def frames(self) -> Iterator[LabelledFrame]:
        """Its frames, each read when it is its turn; those without objects too."""
        ...


@dataclass(frozen=True)
class LabelledData:
    """Labelled frames, read lazily.

    Parameters
    ----------
    sources
        In their order.
    """

    sources: tuple[LabelledSource, ...] = ()

    def __len__(self) -> int:
        """The number of sources."""
        return len(self.sources)

    def __add__(self, other: LabelledData) -> LabelledData:
        """The sources of both."""
        return LabelledData((*self.sources, *other.sources))

    def frames(self) -> Iterator[LabelledFrame]:
        """The frames with objects, source by source, each read when it is its turn.

        Raises
        ------
        FormatError
            If one can't be read.
        """
        for source in self.sources:
            for frame in source.frames():
                if frame.labels.any():
                    yield frame

    def split(self, share: float = 0.125, seed: int = 0) -> tuple[LabelledData, LabelledData]:
        """Leave sources out to judge on, chosen by a hash of their names.

        A source stays on its side when others come or go, unless their number would be less than
        half the share or more than twice as many. Sources of the same name stay together.

        Parameters
        ----------
        share
            Of the sources, from 0 to below 1. Of two sources or more at least one is left out,
            unless it is 0.
        seed
            Another one chooses others.

        Returns
        -------
        train, validation : LabelledData
            In the order of the sources. One source alone is all for training.

        Raises
        ------
        TrainError
            If it is no share.
        """
        if not 0 <= share < 1:
            raise TrainError(f"the share to validate on is from 0 to below 1, not {share}")
        places = {source.name: _place(source.name, seed) for source in self.sources}
        ranked = sorted(places, key=places.__getitem__)
        count = _held_out(sum(place < share for place in places.values()), len(ranked), share)
        held_out = set(ranked[:count])
        train = tuple(source for source in self.sources if source.name not in held_out)
        rest = tuple(source for source in self.sources if source.name in held_out)
        return LabelledData(train), LabelledData(rest)

    def summary(self) -> DataSummary:
        """What there is. All frames are read, one at a time.

        Raises
        ------
        FormatError
            If one can't be read.
        """
        tally = Tally()
        for source in self.sources:
            for frame in source.frames():
                tally.add(frame)
        return tally.summary([source.name for source in self.sources])


def _place(name: str, seed: int) -> float:
    """From 0 to below 1, evenly spread."""
    digest = hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _held_out(wanted: int, count: int, share: float) -> int:
    """How many of some sources are left out, of which so many would be by their hash alone."""
    if count < 2 or share == 0:
        return 0
    fewest = max(1, math.floor(count * share / 2))
    most = max(1, min(math.ceil(2 * count * share), count - 1))
    return min(max(wanted, fewest), most)
