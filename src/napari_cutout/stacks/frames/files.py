"""A stack of many files: each is one frame, or a stack itself. Opened when a frame is asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from napari_cutout.stacks.errors import AxesError, FrameReadError, StackError
from napari_cutout.stacks.frames import identity as identities
from napari_cutout.stacks.frames.one_file import open_file
from napari_cutout.stacks.frames.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FILE_AXIS = "file"
"""The axis along the files, unless it is called otherwise."""

_OPEN = 4


class FilesStack(Stack):
    """Frames of files, in their order.

    Its :attr:`~.Stack.identity` tells which files they are and how they are read; what is in a
    file, its size and time of change, is told by :meth:`~.Stack.frame_identity` of its frames.

    Parameters
    ----------
    paths
        The files. All should be like the first that can be read; others, and missing ones, are
        frames that can't be read.
    axes
        A letter for every axis of a file; with one more in front, that is the axis along the
        files. None: ``"file"``, and as the files say.
    channel
        Which channel to take. None: there are none, or they are colours.
    name
        In words, for messages.

    Raises
    ------
    StackError
        If none of the files can be read as it was asked for.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        axes: str | Sequence[str] | None = None,
        channel: int | None = None,
        name: str | None = None,
    ) -> None:
        self._paths = tuple(paths)
        self._channel = channel
        self._set_up()
        along, self._axes, first, where, state = _first(self._paths, axes, channel)
        self._opened[where] = state, first
        self._inner = first.shape
        self._read_as = (along, first.axes, self._axes, channel)
        super().__init__(
            name=name or f"{len(self._paths)} files, {self._paths[0]} and others",
            axes=(along, *first.axes),
            shape=(len(self._paths), *first.shape),
            frame_shape=first.frame_shape,
            dtype=first.dtype,
            identity=identities.of_names(self._paths, *self._read_as),
            is_rgb=first.is_rgb,
            scale=(1.0, *first.scale),
            units=(None, *first.units),
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_opened": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._set_up()

    def _set_up(self) -> None:
        self._lock = threading.Lock()
        self._opened: OrderedDict[int, tuple[str, Stack]] = OrderedDict()

    def identity_of_first(self, count: int) -> str:
        """Of the first of the files; see :meth:`.Stack.identity_of_first`."""
        return identities.of_names(self._paths[:count], *self._read_as)

    def _read(self, index: tuple[int, ...]) -> NDArray[Any]:
        stack = self._file(index[0])
        path, place = self._paths[index[0]], index[1:]
        if len(stack.shape) != len(self._inner) or stack.is_rgb != self.is_rgb:
            raise FrameReadError(index, f"{path} is {stack!r}, but the first file is another kind")
        pairs = list(zip(stack.shape, self._inner, strict=True))
        has_more = any(length > expected for length, expected in pairs)
        if has_more or not all(at < length for at, (length, _) in zip(place, pairs, strict=True)):
            raise FrameReadError(
                index,
                f"{path} has {stack.shape} frames along {stack.axes}, but the first file has "
                f"{self._inner}; all files of a stack have as many",
            )
        return stack.read(place)

    def _identity_of(self, index: tuple[int, ...]) -> str:
        return identities.state_of(self._paths[index[0]])

    def _where(self, index: tuple[int, ...]) -> str:
        return str(self._paths[index[0]])

    def _file(self, number: int) -> Stack:
        """A file's own stack; those that were used last stay open, unless they were replaced."""
        path = self._paths[number]
        state = identities.state_of(path)
        with self._lock:
            known, found = self._opened.get(number, ("", None))
            if found is not None and known == state:
                self._opened.move_to_end(number)
                return found
        opened = open_file(path, self._axes, self._channel)
        with self._lock:
            self._opened[number] = state, opened
            self._opened.move_to_end(number)
            while len(self._opened) > _OPEN:
                self._opened.popitem(last=False)
        return opened


def _first(
    paths: tuple[Path, ...], axes: str | Sequence[str] | None, channel: int | None
) -> tuple[str, str | Sequence[str] | None, Stack, int, str]:
    """The axis along the files, those of each, the first that can be read, which, and its state."""
    problem: StackError | None = None
    for number, path in enumerate(paths):
        unfit: AxesError | None = None
        state = identities.state_of(path)
        for along, inner in _ways(axes):
            try:
                return along, inner, open_file(path, inner, channel), number, state
            except AxesError as error:
                unfit = unfit or error
            except StackError as error:
                problem = problem or error
                break
        if unfit is not None:
            # The others will be no other.
            raise unfit
    assert problem is not None, "there are paths"
    raise StackError(f"none of {len(paths)} files can be read; the first: {problem}") from problem


def _ways(axes: str | Sequence[str] | None) -> list[tuple[str, str | Sequence[str] | None]]:
    """How axes can be meant: of each file, or with that along the files in front."""
    if axes is None:
        return [(FILE_AXIS, None)]
    ways: list[tuple[str, str | Sequence[str] | None]] = [(FILE_AXIS, axes)]
    if len(axes) > 2 and axes[0].lower() not in "yxcs":
        ways.append((axes[0].lower(), axes[1:]))
    return ways
