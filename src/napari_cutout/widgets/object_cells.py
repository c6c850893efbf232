"""What stands in the cells of the table of objects, and what its columns are sorted by.

The table itself is in object_table.py.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from napari_cutout.annotate.frame_index import FrameIndex
    from napari_cutout.annotate.objects import ObjectRow
    from napari_cutout.annotate.review import Decision
    from napari_cutout.layers.classes import Proposal

ID, CLASS, AREA, SCORE, FRAMES, PROMPTS, REVIEW = range(7)

TITLES = ("Id", "Class", "Area", "Score", "Frames", "Prompts", "Review")
TIPS = (
    "The label of the object",
    "Its class; a double click or F2 edits it",
    "Its pixels, over all frames that were read",
    "The lowest predicted IoU of its frames; none for what was in the labels already",
    "The frames that it lies in",
    "The number of prompts that it was made from",
    "What was decided in the review",
)

DECISIONS: Mapping[Decision, str] = {
    "accepted": "✓ right",
    "rejected": "✗ wrong",
    "corrected": "✎ corrected",
}
"""Each with its sign, and never by colour."""

UNDER_REVIEW = "▶ now"

_NOTHING = "-"


def cell_text(row: ObjectRow, column: int, decision: Decision | None, is_current: bool) -> str:
    """What stands in a cell.

    Parameters
    ----------
    row
        The object.
    column
        Of :data:`TITLES`.
    decision
        Of the review, if there is one.
    is_current
        Whether it is under review.
    """
    if column == CLASS:
        return row.class_name
    if column == SCORE:
        return _NOTHING if row.score is None else f"{row.score:.2f}"
    if column == FRAMES:
        return frames_text(row.frames)
    if column == REVIEW:
        words = [UNDER_REVIEW] if is_current else []
        return ", ".join([*words, *([DECISIONS[decision]] if decision else [])])
    return str((row.id, "", row.area, "", "", row.prompts)[column])


def proposed_text(proposal: Proposal) -> str:
    """A class that is proposed, as no class looks that was given."""
    return f"{proposal.name}? {proposal.confidence:.0%}"


def sorted_by(column: int, decisions: Mapping[int, Decision]) -> Callable[[ObjectRow], Any]:
    """What a row is sorted by, before its id; None goes last.

    Parameters
    ----------
    column
        Of :data:`TITLES`, but not the ids.
    decisions
        Of the review, by id.
    """
    by: dict[int, Callable[[ObjectRow], Any]] = {
        CLASS: lambda row: row.class_name.casefold() or None,
        AREA: attrgetter("area"),
        SCORE: attrgetter("score"),
        FRAMES: lambda row: tuple(frame[:-2] for frame in row.frames),
        PROMPTS: attrgetter("prompts"),
        REVIEW: lambda row: decisions.get(row.id),
    }
    return by[column]


def alignment(column: int) -> Any:
    """Numbers stand right, words left."""
    middle = Qt.AlignmentFlag.AlignVCenter
    is_number = column in (ID, AREA, SCORE, PROMPTS)
    return middle | (Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft)


def frames_text(frames: Sequence[FrameIndex]) -> str:
    """Frames as people write them: ``0-4, 7``, with the axes before the last as ``2/0-4``.

    Parameters
    ----------
    frames
        In rising order.
    """
    places = [tuple(int(at) for at in frame[:-2] if at is not None) for frame in frames]
    if not places or not places[0]:
        return _NOTHING
    texts = []
    for before, group in groupby(places, key=lambda place: place[:-1]):
        lead = "".join(f"{at}/" for at in before)
        for first, last in runs([place[-1] for place in group]):
            texts.append(f"{lead}{first}" if first == last else f"{lead}{first}-{last}")
    return ", ".join(texts)


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Rising numbers as first and last of each run without a gap."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found
