"""What labelled frames come to: how many, how large their objects are, and a hash of them all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.formats.labelled import LabelledFrame

NAMES = 20
"""So many names of sources a summary has, at most."""

_SHARES = (5, 50, 95)


@dataclass(frozen=True)
class DataSummary:
    """What labelled frames come to.

    Parameters
    ----------
    frames
        Those with objects.
    objects
        In all of them; an object of a stack counts in each of its frames.
    diameters
        Of the objects in pixels: 5 % of them are smaller than the first, half than the second and
        95 % than the third. A diameter is that of the disc with as many pixels. Zeros where there
        is no object.
    names
        Of the first sources, at most 20.
    sources
        How many there are.
    sha256
        Of the pixels and labels of the frames with objects, whatever their order and names.
    without_objects
        Frames that were left out, as they hold no object.
    """

    frames: int
    objects: int
    diameters: tuple[float, float, float]
    names: tuple[str, ...]
    sources: int
    sha256: str
    without_objects: int = 0

    def to_json(self) -> dict[str, Any]:
        """The same as values that JSON has."""
        return {
            "frames": self.frames,
            "objects": self.objects,
            "diameters": list(self.diameters),
            "names": list(self.names),
            "sources": self.sources,
            "sha256": self.sha256,
            "without_objects": self.without_objects,
        }


class Tally:
    """Adds frames up, one after another, for whoever reads them anyway."""

    def __init__(self) -> None:
        self.frames = 0
        self.without_objects = 0
        self._areas: list[np.ndarray[Any, np.dtype[np.int64]]] = []
        self._digests: list[bytes] = []

    @property
    def objects(self) -> int:
        """So far."""
        return sum(len(areas) for areas in self._areas)

    def add(self, frame: LabelledFrame) -> None:
        """Count a frame. O(its pixels)."""
        ids, areas = np.unique(frame.labels, return_counts=True)
        areas = areas[ids != 0]
        if not len(areas):
            self.without_objects += 1
            return
        self.frames += 1
        self._areas.append(areas)
        self._digests.append(_digest(frame))

    def summary(self, names: Sequence[str]) -> DataSummary:
        """What was added, of sources with these names."""
        everything = hashlib.sha256(b"".join(sorted(self._digests))).hexdigest()
        diameters = (0.0, 0.0, 0.0)
        if self._areas:
            found = np.sqrt(np.concatenate(self._areas) * (4 / np.pi))
            low, middle, high = np.percentile(found, _SHARES).tolist()
            diameters = (low, middle, high)
        return DataSummary(
            self.frames,
            self.objects,
            diameters,
            tuple(names[:NAMES]),
            len(names),
            everything,
            self.without_objects,
        )


def _digest(frame: LabelledFrame) -> bytes:
    labels = np.ascontiguousarray(frame.labels, np.int64)
    pixels = np.ascontiguousarray(frame.frame)
    # In one byte order, so that the machine that reads them makes no difference.
    pixels = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    digest = hashlib.sha256(f"{pixels.dtype.str} {pixels.shape} {labels.shape}".encode())
    digest.update(pixels.data)
    digest.update(labels.astype("<i8", copy=False).data)
    return digest.digest()
