"""What a prompt log says, as values: headers and edits. No JSON, no files.

Everything that is written is stated as pixels and the labels that they got, undos too, so that a
log is replayed by writing its entries one after another. Objects and their prompts are in
log_objects.py, and can be had from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from napari_cutout.formats.logs.log_objects import (
    Frame,
    LoggedMask,
    LoggedObject,
    LoggedPrompts,
    LoggedShape,
    Numbers,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.segment.rle import Rle

__all__ = [
    "KINDS",
    "STARTS",
    "VERSION",
    "Entry",
    "Frame",
    "Header",
    "ImageFacts",
    "Kind",
    "LoggedMask",
    "LoggedObject",
    "LoggedPrompts",
    "LoggedShape",
    "Numbers",
    "Region",
    "Start",
    "StartKind",
]

VERSION = 1

Kind = Literal["header", "edit", "stroke", "undo", "redo", "closed"]
KINDS: tuple[Kind, ...] = get_args(Kind)

StartKind = Literal["empty", "copy", "stored", "unknown"]
STARTS: tuple[StartKind, ...] = get_args(StartKind)


@dataclass(frozen=True)
class ImageFacts:
    """Which image was cut.

    Parameters
    ----------
    name
        Of its layer.
    path
        Where it was read from; empty for an image that was only in memory.
    shape
        Along the layer's axes: at full resolution, without the channels of RGB.
    dtype
        Of its pixels.
    fingerprint
        A hash of some of its pixels; empty where that would have meant reading it.
    """

    name: str
    path: str
    shape: tuple[int, ...]
    dtype: str
    fingerprint: str = ""


@dataclass(frozen=True)
class Start:
    """What the labels held before the first entry.

    Parameters
    ----------
    kind
        ``"empty"``: nothing. ``"copy"``: what ``path`` holds, a file beside the log. ``"stored"``:
        what the array at ``path`` holds; the entries were written into it too. ``"unknown"``: it
        wasn't kept.
    path
        See ``kind``.
    """

    kind: StartKind
    path: str = ""


@dataclass(frozen=True)
class Header:
    """The labels that the following entries write.

    Parameters
    ----------
    session
        Stands for the session that wrote it.
    layer
        The name of the labels' layer.
    shape, dtype
        Of the labels' data.
    image
        What was cut.
    start
        What was there before.
    place
        From the labels' data to the image's, a homogeneous matrix; None where they are the same.
    versions
        Of the software that wrote it.
    replaces
        The target whose layer got this array instead of its own; None for a layer that is new in
        the log.
    """

    session: str
    layer: str
    shape: tuple[int, ...]
    dtype: str
    image: ImageFacts
    start: Start
    place: tuple[Numbers, ...] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    replaces: int | None = None


@dataclass(frozen=True)
class Region:
    """Pixels of one frame of the labels that got one value.

    Parameters
    ----------
    frame
        In the labels.
    origin
        ``(row, col)`` of the box in the frame.
    pixels
        Those of the box that were written.
    value
        The label that they got.
    """

    frame: Frame
    origin: tuple[int, int]
    pixels: Rle
    value: int


@dataclass(frozen=True)
class Entry:
    """One line of a prompt log.

    Parameters
    ----------
    kind
        ``"header"``: labels that following entries write. ``"edit"``: a commit, a deletion, a
        merge, a split, a change of class. ``"stroke"``: the brush. ``"undo"``, ``"redo"``: of the
        entry ``of``. ``"closed"``: the session ended in an orderly way.
    number
        Its place in the session, from 0.
    time
        ISO 8601, in UTC.
    target
        Which labels, where a session wrote several; from 0.
    text
        What was done, in a word or two.
    regions
        What was written, one after another.
    added
        Objects that came. With a header: those that were there already.
    removed, returned
        Keys of the objects that went, and of those that are there again.
    classes
        ``(id, class before, class after)``.
    of
        The number of the entry that was undone or done again, where that is known.
    header
        With the kind ``"header"`` only.
    """

    kind: Kind
    number: int
    time: str = ""
    target: int = 0
    text: str = ""
    regions: tuple[Region, ...] = ()
    added: tuple[LoggedObject, ...] = ()
    removed: tuple[int, ...] = ()
    returned: tuple[int, ...] = ()
    classes: tuple[tuple[int, str, str], ...] = ()
    of: int | None = None
    header: Header | None = None
