"""What has to hold for tracks of one sequence, whatever its frames are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cutout.formats.tracks.track import Track


def check_lineage(tracks: Iterable[Track]) -> None:
    """Make sure that ids are unique, and parents are there and end before their children begin.

    Raises
    ------
    FormatError
        If it isn't so, with the track.
    """
    by_id: dict[int, Track] = {}
    for one in tracks:
        if one.id in by_id:
            raise FormatError(f"there are two tracks {one.id}; each has an id of its own")
        by_id[one.id] = one
    for one in by_id.values():
        if not one.parent:
            continue
        if one.parent not in by_id:
            raise FormatError(f"track {one.id} comes of track {one.parent}, which isn't there")
        if by_id[one.parent].last >= one.first:
            raise FormatError(
                f"track {one.id} begins in frame {one.first}, but its parent {one.parent} ends in "
                f"frame {by_id[one.parent].last}; a parent ends before"
            )
