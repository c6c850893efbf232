"""An output of a run, as the process has it that does the run: begun, locked, gone on with.

What is in it is written by place.py, which needs no lock.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from napari_cutout.formats.locking import FileLock, lock_of
from napari_cutout.stacks.errors import OutputError
from napari_cutout.stacks.frames.selection import chosen
from napari_cutout.stacks.output.beginning import begin, check_ours
from napari_cutout.stacks.output.place import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.stacks.frames.selection import Selection
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.linked import LinkStep, Series
    from napari_cutout.stacks.output.place import OutputPlace
    from napari_cutout.stacks.output.ways import AnyLink
    from napari_cutout.stacks.running.results import FrameResult


class StackOutput:
    """Labels of a stack on disk, and a record of each frame. Made by :meth:`open`.

    The zarr is an OME-NGFF labels image with a pyramid. The hidden folder ``.cutout`` of its finest
    level holds what it takes to go on with a run; without it the labels stay what they are.

    Parameters
    ----------
    place
        Where it is.
    stack
        What the labels are of.
    lock
        That this process has.
    """

    def __init__(self, place: OutputPlace, stack: Stack, lock: FileLock) -> None:
        self.place = place
        self._stack = stack
        self._lock = lock

    @classmethod
    def open(
        cls,
        path: str | Path,
        stack: Stack,
        settings: Mapping[str, Any],
        *,
        overwrite: bool = False,
    ) -> Self:
        """Begin an output, or go on with one.

        Parameters
        ----------
        path
            The zarr; made if it isn't there.
        stack
            What the labels are of.
        settings
            All that objects depend on besides, see :meth:`.How.settings`: values that JSON has.
        overwrite
            Begin anew, whatever an earlier run left there. What isn't an output is refused all the
            same.

        Raises
        ------
        OutputError
            If another run has it, it has frames of other settings or of data with another
            :attr:`.Stack.identity`, it is something else, or it can't be written. Where only new
            frames came behind the others, as files of a folder, it grows. Frames that have
            another :meth:`.Stack.frame_identity` don't count as found, and the others stay.
        """
        path = Path(path)
        try:
            check_ours(path)
            (path / HIDDEN).mkdir(parents=True, exist_ok=True)
            lock = _locked(path)
        except OSError as error:
            raise OutputError(
                f"can't write {path}: {error.strerror or error}; give another output, or make "
                "room for this one"
            ) from error
        try:
            place = begin(path, stack, settings, overwrite=overwrite)
        except BaseException:
            lock.release()
            raise
        return cls(place, stack, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others have it."""
        self._lock.release()

    @property
    def path(self) -> Path:
        """The zarr."""
        return self.place.path

    def has(self, index: tuple[int, ...], *, check: bool = True) -> bool:
        """Whether a frame of the stack was found as it is now, see :meth:`.OutputPlace.has`."""
        identity = self._stack.frame_identity(index) if check else None
        return self.place.has(index, identity, check=check)

    def read(self, index: tuple[int, ...]) -> FrameResult | None:
        """See :meth:`.OutputPlace.read`."""
        return self.place.read(index)

    def labels(self, index: tuple[int, ...]) -> NDArray[np.uint32]:
        """See :meth:`.OutputPlace.labels`."""
        return self.place.labels(index)

    def final(self, index: tuple[int, ...]) -> NDArray[np.uint32]:
        """See :meth:`.OutputPlace.final`."""
        return self.place.final(index)

    def write(self, result: FrameResult) -> None:
        """See :meth:`.OutputPlace.write`."""
        self.place.write(result)

    def failures(self) -> Iterator[FrameResult]:
        """See :meth:`.OutputPlace.failures`."""
        return self.place.failures()

    def finish(
        self,
        link: AnyLink | None = None,
        selection: Selection | str | None = None,
    ) -> tuple[Series, ...]:
        """Link frames and write final ids, all at once; see :meth:`linking`.

        Returns
        -------
        tuple of Series
            One for each place on the other axes; none where nothing is linked.
        """
        steps = self.linking(link, selection)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                series: tuple[Series, ...] = end.value
                return series

    def linking(
        self,
        link: AnyLink | None = None,
        selection: Selection | str | None = None,
    ) -> Generator[LinkStep, None, tuple[Series, ...]]:
        """Link frames and write final ids, frame by frame.

        Parameters
        ----------
        link
            Over time along ``t``, or else the first axis; slices of a volume along ``z``, or else
            the last axis; whole volumes over time along both. On other axes each place has a
            series and ids of its own. None: the ids of each frame alone, also where they were
            linked before.
        selection
            Which frames. None: all.

        Yields
        ------
        LinkStep
            After each frame. Stop asking, and the same again goes on.

        Returns
        -------
        tuple of Series
            What :meth:`finish` gives.

        Raises
        ------
        StackError
            If the selection doesn't fit the stack.
        OptionError
            If whole volumes are to be linked, and the stack has none.
        OutputError
            If labels can't be written.
        """
        from napari_cutout.stacks.output.linked import linking, unlinking
        from napari_cutout.stacks.output.ways import along_of, check_link, spacing_of, way_of

        frames, axes = chosen(self._stack, selection), self._stack.axes
        if link is None or not axes:
            yield from unlinking(self.place)
            return ()
        check_link(link, axes)
        along = along_of(link, axes)
        spacing = spacing_of(self._stack, along, frames)
        planes = 1 if along.depth is None else len(frames.ranges[along.depth])
        how = " ".join(map(str, (link, *spacing)))
        begin = way_of(link, spacing, planes)
        return (yield from linking(self.place, frames, along, how, begin))


def _locked(path: Path) -> FileLock:
    file = path / HIDDEN / "lock"
    try:
        return lock_of(file)
    except BlockingIOError as error:
        who = ""
        with suppress(OSError):
            who = file.read_text("utf-8", "replace").strip()
        raise OutputError(
            f"another run{f' (process {who})' if who else ''} writes into {path}; "
            f"wait for it, or give another output. If it is over for sure, remove {file}"
        ) from error
