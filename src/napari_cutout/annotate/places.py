"""Where the ids of a labels image lie, over all its frames, kept in step with what is painted.

The frames are those of the last two axes of the labels. Pixels are told of, never read: by whom,
and when frames are read, is decided above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_cutout.annotate.extent_changes import changes_at, changes_in_box
from napari_cutout.annotate.frame_index import frame_axes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate.extent_changes import FrameChange, Values
    from napari_cutout.annotate.extents import Extent
    from napari_cutout.annotate.frame_index import FrameIndex


class Places:
    """The extents of all ids that are known.

    Parameters
    ----------
    changed
        Called with every id whose extents change.
    """

    def __init__(self, changed: Callable[[int], object]) -> None:
        self._changed = changed
        self._extents: dict[int, dict[FrameIndex, Extent]] = {}
        self._in_frame: dict[FrameIndex, set[int]] = {}
        self._touched: dict[FrameIndex, int] = {}
        self._read: set[FrameIndex] = set()
        self.clock = 0
        """Rises whenever pixels change. See :meth:`found`."""
        self.known: Literal["all", "soon", "some"] = "all"
        """Whether all frames were read, will be, or only some: of labels that are huge."""
        self._new: set[int] = set()

    def __contains__(self, number: object) -> bool:
        """Whether an id has pixels."""
        return number in self._extents

    def __iter__(self) -> Iterator[int]:
        return iter(self._extents)

    def __len__(self) -> int:
        return len(self._extents)

    def of(self, number: int) -> Mapping[FrameIndex, Extent]:
        """Where an id lies: its extent in every frame."""
        return self._extents.get(number, {})

    def in_frame(self, frame: FrameIndex) -> Mapping[int, Extent]:
        """The ids of a frame."""
        return {number: self._extents[number][frame] for number in self._in_frame.get(frame, ())}

    def within(self, number: int, index: FrameIndex) -> tuple[slice, slice] | None:
        """A box that holds an id in a frame along any two axes; None when it isn't there.

        O(1) for a frame along the last two, else O(frames of the id). Like the box of an extent it
        may be larger than needed.
        """
        if index[-2:] == (None, None):
            known = self.of(number).get(index)
            return None if known is None else known.box
        found = []
        for frame, extent in self.of(number).items():
            spans = [(at, at) for at in frame if at is not None]
            spans += [(extent.row0, extent.row1), (extent.col0, extent.col1)]
            pairs = zip(index, spans, strict=True)
            if all(at is None or first <= at <= last for at, (first, last) in pairs):
                found.append([spans[axis] for axis in frame_axes(index)])
        if not found:
            return None
        ends = np.array(found)
        (row0, col0), (row1, col1) = ends[..., 0].min(axis=0), ends[..., 1].max(axis=0)
        return slice(int(row0), int(row1) + 1), slice(int(col0), int(col1) + 1)

    def painted(
        self, indices: Sequence[NDArray[np.integer]], old: Values, new: Values, back: bool = False
    ) -> None:
        """Follow pixels that got other labels. O(pixels), not O(labels).

        Parameters
        ----------
        indices
            ``(N,)`` on every axis of the labels.
        old, new
            What they had before and have now: one label for all, or ``(N,)``.
        back
            Whether that was undone.
        """
        self._follow(changes_at(indices, *((new, old) if back else (old, new))))

    def painted_box(
        self,
        starts: Sequence[int],
        pixels: NDArray[np.bool_],
        old: Values,
        new: Values,
        back: bool = False,
    ) -> None:
        """The same for pixels of a box. O(box).

        Parameters
        ----------
        starts
            The box's first pixel on every axis of the labels.
        pixels
            Those that changed, an axis for each of the labels'.
        old, new
            One label for all, or a flat array in the order of ``pixels``.
        back
            Whether that was undone.
        """
        self._follow(changes_in_box(starts, pixels, *((new, old) if back else (old, new))))

    def found(
        self, frames: Mapping[FrameIndex, Mapping[int, Extent]], since: int | None = None
    ) -> tuple[FrameIndex, ...]:
        """Take what was read of frames, instead of what was known of them.

        Parameters
        ----------
        frames
            All ids of each, with their extents.
        since
            The :attr:`clock` when reading began; None for now.

        Returns
        -------
        tuple of FrameIndex
            Those that changed while they were read: they aren't taken, and must be read again.
        """
        late = []
        for frame, extents in frames.items():
            if since is not None and self._touched.get(frame, 0) > since:
                late.append(frame)
                continue
            for number in self._in_frame.get(frame, set()) - extents.keys():
                self._set(number, frame, None)
            for number, extent in extents.items():
                self._set(number, frame, extent)
            self._read.add(frame)
        return tuple(late)

    def is_read(self, frame: FrameIndex) -> bool:
        """Whether all ids of a frame are known."""
        return frame in self._read

    def take(self, other: Places) -> None:
        """Take over what is known of labels with the same pixels."""
        for number in other:
            for frame, extent in other.of(number).items():
                self._set(number, frame, extent)
        self._read, self._new = set(other._read), set(other._new)
        self.known = other.known

    def add_new(self, number: int) -> None:
        """An id is painted that was nowhere in the labels."""
        self._new.add(number)

    def is_whole(self, number: int) -> bool:
        """Whether all frames of an id are known."""
        return self.known == "all" or number in self._new

    def _follow(self, changes: Iterable[FrameChange]) -> None:
        self.clock += 1
        for frame, lost, gained in changes:
            self._touched[frame] = self.clock
            for number, count in lost.items():
                known = self.of(number).get(frame)
                if known is not None:
                    left = known.area - count
                    self._set(number, frame, known._replace(area=left) if left > 0 else None)
            for number, extent in gained.items():
                known = self.of(number).get(frame)
                self._set(number, frame, extent if known is None else known.joined(extent))

    def _set(self, number: int, frame: FrameIndex, extent: Extent | None) -> None:
        frames = self._extents.setdefault(number, {})
        if extent is not None:
            frames[frame] = extent
            self._in_frame.setdefault(frame, set()).add(number)
        else:
            frames.pop(frame, None)
            self._in_frame.get(frame, set()).discard(number)
        if not frames:
            del self._extents[number]
        self._changed(number)
