"""What earlier sessions knew of the objects of an image, when it is opened again: from their log.

The labels are there already: from a file of their own. A session that ended by accident is another
matter, see journal/recovery.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.log import record_of
from napari_cutout.annotate.replay import header_of, left_objects, sections
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.prompt_log import LogError, read_log
from napari_cutout.layers.journal.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_cutout.annotate import ObjectRecord
    from napari_cutout.formats.logs.log_entries import Entry


def read_earlier(logs: Iterable[Path], labels: Any) -> Known | None:
    """What the last session knew that was closed. Touches files and arrays only, in any thread.

    Labels may have been changed elsewhere since: an object is known again only if its id still has
    more of its mask than any other.

    Parameters
    ----------
    logs
        Files that there may be.
    labels
        Of the image, of any kind.

    Returns
    -------
    Known or None
        None where nothing is known.
    """
    found = [entries for log in logs if (entries := _closed(log))]
    latest = max(found, key=lambda entries: entries[-1].time, default=())
    # What was written last to labels of this shape.
    fitting = [one for one in sections(latest) if header_of(one).shape == tuple(labels.shape)]
    if not fitting or header_of(fitting[-1]).place is not None:
        return None
    objects, classes = left_objects(fitting[-1])
    records = [record_of(one) for one in objects]
    kept = tuple(record for record in records if _is_there(record, labels))
    gone = {record.id for record in records} - {record.id for record in kept}
    named = {number: name for number, name in classes.items() if number not in gone}
    return Known(kept, named) if kept or named else None


def _closed(log: Path) -> tuple[Entry, ...]:
    """The entries of a log up to the end of the last session that was closed."""
    if not log.exists():
        return ()
    try:
        entries = read_log(log).entries
    except LogError as error:
        entries = error.entries
    except FormatError:
        return ()
    ends = [place for place, entry in enumerate(entries, start=1) if entry.kind == "closed"]
    return entries[: ends[-1]] if ends else ()


def _is_there(record: ObjectRecord, labels: Any) -> bool:
    """Whether most of an object's mask has its id. O(box)."""
    (row, col), (rows, cols) = record.origin, record.mask.shape
    slices = frame_slices(record.frame, (slice(row, row + rows), slice(col, col + cols)))
    try:
        region = np.asarray(labels[slices])
    except IndexError:
        return False
    if region.shape != record.mask.shape:
        return False
    values, counts = np.unique(region[record.mask], return_counts=True)
    return bool(values.size) and int(values[np.argmax(counts)]) == record.id
