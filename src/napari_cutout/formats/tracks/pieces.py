"""Tracks in pieces without gaps, and put together again. No files here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.tracks.track import Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Pieces:
    """Cuts tracks at their gaps, frame after frame, and sees that frames agree with tracks.

    Parameters
    ----------
    tracks
        What the labels of the frames are.
    gaps
        Whether there may be gaps.
    """

    def __init__(self, tracks: Sequence[Track], *, gaps: bool = True) -> None:
        self._tracks = {one.id: one for one in tracks}
        self._gaps = gaps
        self._free = max(self._tracks, default=0) + 1
        # The pieces of each track so far: label, first and last frame.
        self._pieces: dict[int, list[tuple[int, int, int]]] = {}
        self._frames = 0

    def of_frame(self, frame: int, labels: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
        """The labels of the next frame, each that of its piece.

        Parameters
        ----------
        frame
            Its position.
        labels
            With the ids of tracks.

        Raises
        ------
        FormatError
            If a label is no track, or not one of this frame.
        """
        if labels.dtype.kind not in "iu":
            raise FormatError(f"frame {frame}: labels are integers, not {labels.dtype}")
        self._frames = frame + 1
        ids, places = np.unique(labels, return_inverse=True)
        names = [label and self._piece(label, frame) for label in ids.tolist()]
        dtype = np.min_scalar_type(max(names, default=0))
        return np.asarray(np.array(names, dtype)[places].reshape(labels.shape))

    def finish(self) -> tuple[Track, ...]:
        """The pieces as tracks, in the order of their labels.

        Raises
        ------
        FormatError
            If a track isn't in the frames that it names.
        """
        made = []
        for one in self._tracks.values():
            pieces = self._pieces.get(one.id)
            if pieces is None:
                raise FormatError(
                    f"track {one.id} goes from frame {one.first} to {one.last}, but it is in none "
                    f"of the {self._frames} frames"
                )
            if (pieces[0][1], pieces[-1][2]) != (one.first, one.last):
                raise FormatError(
                    f"track {one.id} goes from frame {one.first} to {one.last}, but it is in "
                    f"frames {pieces[0][1]} to {pieces[-1][2]}"
                )
            parent = self._pieces[one.parent][-1][0] if one.parent in self._pieces else 0
            for label, first, last in pieces:
                made.append(Track(label, first, last, parent))
                parent = label
        return tuple(sorted(made, key=lambda one: one.id))

    def _piece(self, label: int, frame: int) -> int:
        """The label of the piece of a track that a frame has."""
        one = self._tracks.get(label)
        if one is None:
            raise FormatError(f"frame {frame} has the label {label}, which is no track")
        if not one.first <= frame <= one.last:
            raise FormatError(
                f"frame {frame} has the label {label}, but track {label} goes from frame "
                f"{one.first} to {one.last}"
            )
        pieces = self._pieces.setdefault(label, [])
        if pieces and pieces[-1][2] == frame - 1:
            name, first, _ = pieces.pop()
        elif pieces and not self._gaps:
            raise FormatError(
                f"track {label} isn't in frame {frame - 1}, but before and after; after a gap it "
                "has to have a label of its own"
            )
        else:
            name, first = (self._free, frame) if pieces else (label, frame)
            self._free += bool(pieces)
        pieces.append((name, first, frame))
        return name


def put_together(pieces: Sequence[Track]) -> tuple[tuple[Track, ...], dict[int, int]]:
    """Tracks from pieces: an only child that begins after a gap goes on with its parent's track.

    Parameters
    ----------
    pieces
        A consistent lineage.

    Returns
    -------
    tuple
        The tracks, in the order of their ids; and the track of each label that is another one.
    """
    children: dict[int, int] = {}
    for one in pieces:
        children[one.parent] = children.get(one.parent, 0) + 1
    tracks: dict[int, Track] = {}
    names: dict[int, int] = {}
    # Parents begin before their children.
    for one in sorted(pieces, key=lambda piece: (piece.first, piece.id)):
        parent = names.get(one.parent, one.parent)
        if one.parent and children[one.parent] == 1 and tracks[parent].last + 1 < one.first:
            tracks[parent] = replace(tracks[parent], last=one.last)
            names[one.id] = parent
        else:
            tracks[one.id] = replace(one, parent=parent)
    return tuple(sorted(tracks.values(), key=lambda one: one.id)), names
