"""Where a run's results lie, as a value that any process can use: records, labels, failures.

Nothing here is locked: whoever began the run holds the lock, see output.py. A record is written
last, under another name first, so that what bears a record's name is whole.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np

from napari_cutout.segment.automatic.objects import Objects
from napari_cutout.segment.automatic.results import label_image
from napari_cutout.stacks.errors import OutputError, StackError
from napari_cutout.stacks.output import levels, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_cutout.stacks.running.results import FrameResult

HIDDEN = "0/.cutout"
"""Where all lies that isn't labels: in the folder of the finest level, as zarr warns of whatever
it finds among the levels that is no part of a zarr."""
FRAMES = "frames"
"""The folder of the records."""
LINKED = "linked.json"
"""Says that labels have final ids, see link_note.py."""
CHANGED = "changed"
"""Its file says that a frame was written since."""

_TOGETHER = 1000
"""Records in a folder at most: file systems are slow with large ones."""


@dataclass(frozen=True)
class OutputPlace:
    """An output that was begun, for reading and writing its frames.

    Parameters
    ----------
    path
        The zarr of the labels.
    shape
        Lengths of the looped axes.
    frame_shape
        ``(rows, cols)`` of the frames.
    key
        Stands for the settings of the run: records of others don't count.
    """

    path: Path
    shape: tuple[int, ...]
    frame_shape: tuple[int, int]
    key: str

    @property
    def hidden(self) -> Path:
        """The folder of all that isn't labels."""
        return self.path / HIDDEN

    def has(
        self, index: tuple[int, ...], identity: str | None = None, *, check: bool = True
    ) -> bool:
        """Whether a frame was found, so that nothing has to be done about it.

        Parameters
        ----------
        index, identity
            As for :meth:`count`.
        check
            Whether its record is read, so that a damaged one doesn't count. False: that it is
            there is enough.
        """
        return self.count(index, identity) is not None if check else self._record(index).exists()

    def count(self, index: tuple[int, ...], identity: str | None = None) -> int | None:
        """How many objects were found in a frame.

        Parameters
        ----------
        index
            Which frame.
        identity
            Of the frame, see :meth:`.Stack.frame_identity`. None: it may have been any.

        Returns
        -------
        int or None
            None where it has no whole record of that identity, or its labels aren't whole.
        """
        try:
            found = record.count(self._record(index).read_bytes(), self.key, identity)
        except OSError:
            return None
        return found if found is not None and levels.are_whole(self._levels, index) else None

    def read(self, index: tuple[int, ...]) -> FrameResult | None:
        """What came of a frame, found or failed; None where nothing is known of it."""
        for path in (self._record(index), self._failure(index)):
            try:
                text = path.read_bytes()
            except OSError:
                continue
            result = record.from_bytes(text, self.key)
            if result is not None:
                return result
        return None

    def labels(self, index: tuple[int, ...]) -> NDArray[np.uint32]:
        """A frame's objects as labels ``(rows, cols)``: object ``i`` has ``i + 1``.

        They are made of its record. Where there is none, they are background.
        """
        result = self.read(index)
        return self.drawn(result) if result is not None else np.zeros(self.frame_shape, np.uint32)

    def final(self, index: tuple[int, ...]) -> NDArray[np.uint32]:
        """A frame's labels ``(rows, cols)`` as they lie on the disk, with the ids of tracks."""
        return np.asarray(self._levels[0][index], np.uint32)

    def drawn(self, result: FrameResult) -> NDArray[np.uint32]:
        """The objects of a result as :meth:`labels` has them."""
        return label_image(Objects(result.objects, self.frame_shape), np.uint32)

    def write(self, result: FrameResult) -> None:
        """Write a frame's labels at all levels, and its record last. What was there is replaced.

        A frame that failed has no labels; that it did is written down.

        Raises
        ------
        OutputError
            If it can't be written, or the output was begun anew with other settings. Frames that
            were written before stay.
        """
        self.check()
        if result.state == "failed":
            self._forget(result.index)
            self._put(self._failure(result.index), result)
            return
        self._unlink()
        self.write_labels(result.index, self.drawn(result))
        self._put(self._record(result.index), result)
        self._failure(result.index).unlink(missing_ok=True)

    def write_labels(self, index: tuple[int, ...], labels: NDArray[np.integer[Any]]) -> None:
        """Write labels ``(rows, cols)`` of a frame at all levels.

        Raises
        ------
        OutputError
            If they can't be written.
        """
        try:
            levels.write(self._levels, index, labels)
        except OSError as error:
            raise self.failed(error) from error

    def failures(self) -> Iterator[FrameResult]:
        """The frames that failed, in order."""
        for path in sorted(self.hidden.glob("failed/*/*.json")):
            result = record.from_bytes(path.read_bytes(), self.key)
            if result is not None:
                yield result

    def check(self) -> None:
        """Make sure that the output still is the one that was begun.

        Raises
        ------
        OutputError
            If it was removed, or begun anew with other settings.
        """
        try:
            now = json.loads((self.hidden / "settings.json").read_text("utf-8"))["key"]
        except (OSError, ValueError, KeyError, TypeError):
            now = None
        if now != self.key:
            raise OutputError(
                f"{self.path} was removed or begun anew with other settings while this run was "
                "writing into it; give the run an --out of its own"
            )

    def failed(self, error: OSError) -> OutputError:
        """What is said when something can't be written."""
        return OutputError(
            f"can't write into {self.path}: {error.strerror or error}. Frames that are done are "
            "kept; put that right, and run the same again to go on"
        )

    def publish(self, path: Path, text: bytes) -> None:
        """Write a file of the hidden folder, whole or not at all, even if the power fails.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        partial = self.hidden / "writing" / uuid4().hex
        try:
            partial.parent.mkdir(exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        except OSError as error:
            raise self.failed(error) from error
        finally:
            partial.unlink(missing_ok=True)

    def clear_partial(self) -> None:
        """Remove what was being written when a process was killed."""
        shutil.rmtree(self.hidden / "writing", ignore_errors=True)

    def _forget(self, index: tuple[int, ...]) -> None:
        """Clear what was found in a frame before it was another one; its record goes last."""
        found = self._record(index)
        if found.exists():
            self._unlink()
            self.write_labels(index, np.zeros(self.frame_shape, np.uint32))
            found.unlink(missing_ok=True)

    def _unlink(self) -> None:
        """Tell that not all labels have final ids, before one hasn't."""
        if (self.hidden / LINKED).exists():
            self.publish(self.hidden / CHANGED, b"")

    def _put(self, path: Path, result: FrameResult) -> None:
        self.publish(path, record.to_bytes(result, self.key))

    def _record(self, index: tuple[int, ...]) -> Path:
        return self._numbered(FRAMES, index)

    def _failure(self, index: tuple[int, ...]) -> Path:
        return self._numbered("failed", index)

    def _numbered(self, kind: str, index: tuple[int, ...]) -> Path:
        if len(index) != len(self.shape) or not all(
            0 <= at < length for at, length in zip(index, self.shape, strict=True)
        ):
            raise StackError(
                f"{self.path} has no frame {index}; its axes have lengths {self.shape}"
            )
        number = int(np.ravel_multi_index(index, self.shape)) if index else 0
        return self.hidden / kind / f"{number // _TOGETHER:06}" / f"{number:09}.json"

    @cached_property
    def _levels(self) -> list[Any]:
        return levels.opened(self.path)

    def __getstate__(self) -> dict[str, Any]:
        # Arrays are opened again where it goes.
        return {name: value for name, value in self.__dict__.items() if name != "_levels"}
