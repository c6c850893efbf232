"""An image read in the frames that its labels have: which of its axes are which, told by lengths.

What the labels of a frame become is in planes.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.formats.logs.log_entries import Frame

    Axes = tuple[int | None, ...]

_RGB = (0, 1, 2)
_RGBA = 4


@dataclass(frozen=True, eq=False)
class Pixels:
    """An image in the frames that labels have.

    Parameters
    ----------
    data
        Of any kind, sliced where it is read.
    axes
        For each axis of the labels that of the image; None where it has none, as the labels are 1
        long there.
    channels
        The axis of the image that holds channels or colours, and the one or three that are taken.
    name
        For messages.
    """

    data: Any
    axes: Axes
    channels: tuple[int, tuple[int, ...]] | None
    name: str

    def frame(self, index: Frame) -> NDArray[Any]:
        """One frame.

        Parameters
        ----------
        index
            A position on each axis of the labels, None for its rows and columns.

        Returns
        -------
        ndarray
            ``(rows, cols)`` or ``(rows, cols, 3)``.

        Raises
        ------
        FormatError
            If it can't be read.
        """
        place: list[Any] = [0] * len(self.data.shape)
        for axis, at in zip(self.axes, index, strict=True):
            if axis is not None:
                place[axis] = slice(None) if at is None else at
        if self.channels is None:
            return self._read(place)
        axis, taken = self.channels
        if taken == _RGB and axis == len(place) - 1:
            place[axis] = slice(0, 3)
            return self._read(place)
        frames = [self._read([*place[:axis], at, *place[axis + 1 :]]) for at in taken]
        return frames[0] if len(frames) == 1 else np.stack(frames, axis=-1)

    def _read(self, place: list[Any]) -> NDArray[Any]:
        try:
            return np.asarray(self.data[tuple(place)])
        except (MemoryError, FormatError):
            raise
        except Exception as error:  # back ends raise whatever they like
            reason = " ".join(str(error).split()) or type(error).__name__
            raise FormatError(f"{self.name}: can't be read ({reason})") from error


def matched(
    data: Any,
    shape: Sequence[int],
    name: str,
    channel: int | None = None,
    channels_last: bool | None = None,
) -> Pixels:
    """An image in the frames that labels of some shape have.

    It has the labels' axes, and perhaps one more for channels: the last one, or the innermost that
    fits. On axes that are 1 long they may differ.

    Parameters
    ----------
    data
        The image.
    shape
        Of the labels, ``(..., rows, cols)``.
    name
        For messages.
    channel
        Which channel to take. None: there are none, or one, or three that are taken as colours; of
        four at the end the last is transparency.
    channels_last
        Whether the last axis holds channels; None where nobody said.

    Raises
    ------
    FormatError
        If they don't match, or nobody said which channel is meant.
    """
    sizes, wanted = _lengths(data.shape), _lengths(shape)
    axes = None if channels_last else _paired(sizes, range(len(sizes)), wanted)
    if axes is not None:
        if channel is not None:
            raise FormatError(
                f"{name} has shape {sizes} and no channels; leave channel={channel} out"
            )
        return Pixels(data, axes, None, name)
    last = len(sizes) - 1
    for axis in [last] if channels_last else [last, *range(last - 2, -1, -1)]:
        rest = [other for other in range(len(sizes)) if other != axis]
        axes = _paired(sizes, rest, wanted)
        if axes is not None:
            return Pixels(data, axes, (axis, _taken(sizes, axis, channel, name)), name)
    raise FormatError(f"{name}: its shape {sizes} does not match its labels' {wanted}")


def _taken(sizes: tuple[int, ...], axis: int, channel: int | None, name: str) -> tuple[int, ...]:
    count = sizes[axis]
    if channel is not None:
        if not 0 <= channel < count:
            raise FormatError(f"{name} has the channels 0 to {count - 1}, and no {channel}")
        return (channel,)
    if count == 1:
        return (0,)
    if count == len(_RGB) or (count == _RGBA and axis == len(sizes) - 1):
        return _RGB
    raise FormatError(
        f"{name} has {count} channels (shape {sizes}); choose one with channel=K (0 to {count - 1})"
    )


def _paired(sizes: tuple[int, ...], axes: Sequence[int], wanted: tuple[int, ...]) -> Axes | None:
    """Some axes of the image for those of the labels, or None; what is 1 long needs no other."""
    *before, rows, cols = (None, None, *axes)
    if rows is None or cols is None or (sizes[rows], sizes[cols]) != wanted[-2:]:
        return None
    left = [axis for axis in before if axis is not None and sizes[axis] != 1]
    if [sizes[axis] for axis in left] != [length for length in wanted[:-2] if length != 1]:
        return None
    others = iter(left)
    found: list[int | None] = [None if n == 1 else next(others) for n in wanted[:-2]]
    return (*found, rows, cols)


def _lengths(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(length) for length in shape)
