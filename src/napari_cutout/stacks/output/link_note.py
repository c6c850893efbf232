"""How far linking is, written down in an output, and the tracks of each series."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from napari_cutout.formats.tracks.track import Track
from napari_cutout.stacks.output.place import CHANGED, LINKED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cutout.stacks.frames.selection import Chosen
    from napari_cutout.stacks.output.place import OutputPlace
    from napari_cutout.stacks.output.ways import Along


class LinkNote:
    """What is known of the labels' final ids.

    Parameters
    ----------
    place
        Of the output.
    about
        What the ids depend on besides the records.

    Attributes
    ----------
    series
        How many series are written.
    written
        How many frames of the next one are, at least.
    """

    def __init__(self, place: OutputPlace, about: dict[str, Any]) -> None:
        self._place, self._about = place, about
        self.series, self.written = 0, 0

    @classmethod
    def of(cls, place: OutputPlace, frames: Chosen, along: Along, how: str) -> Self:
        """The note of linking that is to be done, or gone on with.

        Parameters
        ----------
        place
            Of the output.
        frames, along, how
            What is linked, along what, and in which way.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        ranges = [[part.start, part.stop, part.step] for part in frames.ranges]
        about: dict[str, Any] = {"how": how, "axis": along.axis, "frames": ranges}
        if along.depth is not None:
            about["depth"] = along.depth
        note, before, changed = cls(place, about), read(place), place.hidden / CHANGED
        if before is not None and not changed.exists() and about.items() <= before.items():
            note.series, note.written = before["series"], before["written"]
            return note
        # Frames that were linked otherwise are in it until they are written anew.
        note.write(series=0, written=0)
        changed.unlink(missing_ok=True)
        return note

    def write(self, *, written: int, series: int | None = None) -> None:
        """Write down how far it is.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        self.written = written
        self.series = self.series if series is None else series
        known = {**self._about, "series": self.series, "written": self.written}
        self._place.publish(self._place.hidden / LINKED, json.dumps(known).encode() + b"\n")

    def tracks(self, series: int) -> tuple[Track, ...] | None:
        """The tracks of a series that is written; None where they aren't known any more."""
        try:
            known = json.loads(self._file(series).read_text("utf-8"))
            return tuple(Track(*values) for values in known)
        except (OSError, ValueError, TypeError):
            return None

    def put_tracks(self, series: int, tracks: Sequence[Track]) -> None:
        """Keep the tracks of a series.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        known = [[one.id, one.first, one.last, one.parent] for one in tracks]
        text = json.dumps(known, separators=(",", ":"))
        self._place.publish(self._file(series), text.encode() + b"\n")

    def _file(self, series: int) -> Path:
        return self._place.hidden / "tracks" / f"{series:06}.json"


def read(place: OutputPlace) -> dict[str, Any] | None:
    """What was written down; None where nothing was, or it isn't whole."""
    try:
        known = json.loads((place.hidden / LINKED).read_text("utf-8"))
        return known if {"frames", "series", "written"} <= known.keys() else None
    except (OSError, ValueError, AttributeError):
        return None
