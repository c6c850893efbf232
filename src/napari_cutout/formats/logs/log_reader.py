"""Reading the entries of a prompt log one after another, each checked against those before it.

No files here: prompt_log.py reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_json import entry_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cutout.formats.logs.log_entries import (
        Entry,
        Frame,
        Header,
        LoggedObject,
        LoggedPrompts,
        Region,
    )

_INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}


def read_entries(values: Iterable[object]) -> tuple[Entry, ...]:
    """The entries of a log that is in memory, as the metadata of a layer has it.

    Parameters
    ----------
    values
        JSON objects.

    Raises
    ------
    FormatError
        If they are no log.
    """
    reader = LogReader()
    return tuple(reader.read(value) for value in values)


class LogReader:
    """What is known of a log after the entries that were read."""

    def __init__(self) -> None:
        self._session: str | None = None
        self._number = -1
        self._headers: dict[int, Header] = {}
        self._keys: set[int] = set()

    def read(self, value: object) -> Entry:
        """The next entry, from its JSON object.

        Raises
        ------
        FormatError
            If it is none, or doesn't go with those before it.
        """
        entry = entry_from_json(value)
        if entry.header is not None and entry.header.session != self._session:
            self._session, self._number = entry.header.session, -1
            self._headers, self._keys = {}, set()
        if self._session is None:
            raise FormatError(f"a log begins with a header, not with an entry {entry.kind!r}")
        if entry.number <= self._number:
            raise FormatError(f"entry {entry.number} follows entry {self._number}")
        self._number = entry.number
        if entry.header is not None:
            self._add(entry.target, entry.header)
        if entry.kind != "closed":
            self._check(entry)
        self._keys |= {one.key for one in entry.added}
        return entry

    def _add(self, target: int, header: Header) -> None:
        if target in self._headers:
            raise FormatError(f"there is a second header for target {target}")
        if header.dtype not in _INTEGERS:
            raise FormatError(f"labels are integers, not {header.dtype!r}")
        if len(header.shape) < 2 or len(header.image.shape) < 2:
            raise FormatError("labels and images have two axes or more")
        if header.place is not None and len(header.place) != len(header.image.shape) + 1:
            raise FormatError(f"the place of {header.layer!r} is no matrix into the image's axes")
        self._headers[target] = header

    def _check(self, entry: Entry) -> None:
        header = self._headers.get(entry.target)
        if header is None:
            raise FormatError(f"target {entry.target} has no header")
        for region in entry.regions:
            _check_region(region, header)
        for one in entry.added:
            _check_object(one, header)
            if one.key in self._keys:
                raise FormatError(f"a second object has the key {one.key}")
        for key in (*entry.removed, *entry.returned):
            if key not in self._keys:
                raise FormatError(f"there is no object with the key {key}")


def _check_region(region: Region, header: Header) -> None:
    _check_box(region.frame, region.origin, region.pixels.size, header.shape, "labels")
    limits = np.iinfo(np.dtype(header.dtype))
    if not limits.min <= region.value <= limits.max:
        raise FormatError(f"the label {region.value} is no {header.dtype}")


def _check_object(one: LoggedObject, header: Header) -> None:
    shape = header.image.shape
    _check_box(one.frame, one.origin, one.mask.size, shape, "image")
    check_masks(one.prompts, shape)
    if one.channels is not None:
        axis, positions = one.channels
        if axis >= len(shape) or one.frame[axis] is None or max(positions) >= shape[axis]:
            raise FormatError(f"there are no channels {positions} on axis {axis} of {shape}")


def check_masks(prompts: LoggedPrompts, shape: tuple[int, ...]) -> None:
    """Make sure that the masks of prompts lie inside an image of some shape.

    Raises
    ------
    FormatError
        If they don't.
    """
    for mask in prompts.masks:
        _check_box(mask.frame, mask.origin, mask.mask.size, shape, "image")


def _check_box(
    frame: Frame,
    origin: tuple[int, int],
    size: tuple[int, int],
    shape: tuple[int, ...],
    whose: str,
) -> None:
    if len(frame) != len(shape):
        raise FormatError(f"the frame {list(frame)} is none of an array of shape {shape}")
    corners = iter(zip(origin, size, strict=True))
    for position, length in zip(frame, shape, strict=True):
        first, count = next(corners) if position is None else (position, 1)
        if first + count > length:
            raise FormatError(
                f"a box at {list(origin)} of {list(size)} pixels in the frame {list(frame)} "
                f"doesn't lie in the {whose} of shape {shape}"
            )
