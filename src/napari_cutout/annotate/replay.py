"""What a prompt log comes to: the labels pixel for pixel, and the objects that are left in the end.

Asking the model again is next door, in recompute.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.log_regions import as_written, write
from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from napari_cutout.formats.logs.log_entries import Entry, Header, LoggedObject

IN_MEMORY = 1 << 30
"""Bytes up to which labels are a numpy array; larger ones are compressed in chunks."""

_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Replayed:
    """What a log comes to.

    Parameters
    ----------
    labels
        The array: of numpy, of zarr, or the one that was given.
    objects
        Those that are there in the end, in the order in which they came.
    classes
        Of ids that have one.
    """

    labels: Any
    objects: tuple[LoggedObject, ...]
    classes: Mapping[int, str]


def sections(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """The entries of each labels layer of each session, the layer written last coming last.

    Each begins with its header. What says that a session was closed is left out.
    """
    found: dict[tuple[str, int], list[Entry]] = {}
    session = ""
    for entry in entries:
        if entry.header is not None:
            session = entry.header.session
        if entry.kind != "closed":
            # Taken out and put in again, it comes last.
            section = found.pop((session, entry.target), [])
            section.append(entry)
            found[session, entry.target] = section
    return tuple(tuple(section) for section in found.values())


def header_of(section: Sequence[Entry]) -> Header:
    """The header that a section begins with.

    Raises
    ------
    FormatError
        If there is none.
    """
    header = section[0].header if section else None
    if header is None:
        raise FormatError("a log begins with a header")
    return header


def replay(section: Sequence[Entry], start: Any = None, out: Any = None) -> Replayed:
    """Write what the entries say, one after another.

    Parameters
    ----------
    section
        A header and the entries that follow it, of one labels layer: see :func:`sections`.
    start
        What the labels held before, where they weren't empty; it isn't changed.
    out
        An array to write into, which holds that already. By default a new one is made: of numpy up
        to 1 GiB; beyond, of zarr in memory, of which only what is written takes room.

    Raises
    ------
    FormatError
        If the labels weren't empty and neither is given, or they have another shape or dtype.
    """
    header = header_of(section)
    if start is None and out is None and header.start.kind != "empty":
        raise FormatError(
            f"{header.layer!r} wasn't empty when the log began, and what it held isn't in the log; "
            "give it too"
        )
    given = start if out is None else out
    if given is not None:
        check_labels(given, header)
    labels = empty_labels(header.shape, header.dtype) if given is None else given
    if out is None and start is not None:
        labels = np.array(start)
    for entry in section:
        for region in entry.regions:
            write(labels, as_written(region))
    objects, classes = left_objects(section)
    return Replayed(labels, objects, classes)


def left_objects(section: Sequence[Entry]) -> tuple[tuple[LoggedObject, ...], dict[int, str]]:
    """The objects and the classes that a section leaves, without its pixels.

    Returns
    -------
    objects : tuple of LoggedObject
        Those that are there in the end, in the order in which they came.
    classes : dict of int to str
        Of ids that have one.
    """
    objects: dict[int, LoggedObject] = {}
    known: dict[int, LoggedObject] = {}
    classes: dict[int, str] = {}
    for entry in section:
        for key in entry.removed:
            objects.pop(key, None)
        known |= {one.key: one for one in entry.added}
        objects |= {one.key: one for one in entry.added}
        objects |= {key: known[key] for key in entry.returned if key in known}
        classes |= {one.id: one.class_name for one in entry.added if one.class_name}
        classes |= {number: after for number, _, after in entry.classes}
    named = {number: name for number, name in classes.items() if name}
    return tuple(objects.values()), named


def empty_labels(shape: Sequence[int], dtype: str) -> Any:
    """Labels that hold nothing: of numpy up to 1 GiB; beyond, of zarr in memory, in chunks."""
    kind = np.dtype(dtype)
    if math.prod(shape) * kind.itemsize <= IN_MEMORY:
        return np.zeros(tuple(shape), kind)
    return sparse_labels(shape, dtype)


def sparse_labels(shape: Sequence[int], dtype: str) -> Any:
    """Labels that hold nothing, of zarr in memory: chunks that were written take room."""
    import zarr

    kind = np.dtype(dtype)
    chunks = (*(1,) * (len(shape) - 2), *(min(size, _CHUNK) for size in shape[-2:]))
    store = zarr.storage.MemoryStore()
    return zarr.create_array(store, shape=tuple(shape), chunks=chunks, dtype=kind, fill_value=0)


def check_labels(labels: Any, header: Header) -> None:
    """Make sure that labels are such as the header says.

    Raises
    ------
    FormatError
        If they have another shape or dtype.
    """
    shape = tuple(int(size) for size in labels.shape)
    if shape != header.shape or np.dtype(labels.dtype) != np.dtype(header.dtype):
        raise FormatError(
            f"the log is about labels of {header.shape} {header.dtype}, and those given are "
            f"{shape} {labels.dtype}"
        )
