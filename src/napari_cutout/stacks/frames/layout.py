"""What the axes of an array are: which are looped over, which make a frame, which are channels.

Where that isn't said and can be read in two ways, both are named: nothing is guessed in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.shown_axes import as_shown
from napari_cutout.stacks.errors import AxesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COLOURS = (3, 4)
"""Lengths of an axis of colours: RGB and RGBA."""

UNNAMED = "i"
"""The name of the only axis of frames, where nobody says what it is."""

_CHANNELS = {"channel": "c", "channels": "c"}
_FEW = 4
"""Axes of frames up to this length may as well be channels."""


@dataclass(frozen=True)
class Layout:
    """The axes of an array.

    Parameters
    ----------
    axes
        A name for every axis, ``"y"`` and ``"x"`` among them. ``"c"`` are channels, or colours
        where it is last and has 3 or 4; ``"s"`` are colours always.
    lengths
        Of the axes.
    channel
        Which channel is taken; None: there are none to choose from.
    name
        What has these axes, for messages.

    Raises
    ------
    AxesError
        If the axes don't fit the array, or a channel must be chosen first.
    """

    axes: tuple[str, ...]
    lengths: tuple[int, ...]
    channel: int | None = None
    name: str = "the array"

    def __post_init__(self) -> None:
        _check_axes(self.axes, self.lengths, self.name)
        self._check_channel()

    @property
    def looped(self) -> tuple[str, ...]:
        """Names of the axes that are looped over."""
        return tuple(axis for axis in self.axes if axis not in "yxcs")

    @property
    def shape(self) -> tuple[int, ...]:
        """Their lengths."""
        return tuple(self._length(axis) for axis in self.looped)

    @property
    def frame_shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of a frame."""
        return self._length("y"), self._length("x")

    @property
    def is_rgb(self) -> bool:
        """Whether frames have colours."""
        return self._colours is not None

    def where(self, index: Sequence[int]) -> tuple[int | slice, ...]:
        """What gives a frame when the array is indexed by it; not yet :meth:`arranged`."""
        places = dict(zip(self.looped, index, strict=True))
        taken = self._channel_axis
        if taken is not None:
            places[taken] = self.channel or 0
        return tuple(places.get(axis, slice(None)) for axis in self.axes)

    def arranged(self, frame: NDArray[Any]) -> NDArray[Any]:
        """What the array gave as ``(rows, cols)``, or ``(rows, cols, colours)``."""
        left = [axis for axis in self.axes if axis in ("y", "x", self._colours)]
        wanted = ["y", "x", *([self._colours] if self._colours else [])]
        return frame.transpose([left.index(axis) for axis in wanted])

    def of_axes(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Of values for every axis those of the looped axes, rows and cols."""
        return tuple(values[self.axes.index(axis)] for axis in (*self.looped, "y", "x"))

    @property
    def _colours(self) -> str | None:
        """The axis of colours, if frames have them."""
        if "s" in self.axes:
            is_taken = self.channel is not None and "c" not in self.axes
            return "s" if self._length("s") in COLOURS and not is_taken else None
        is_last = self.axes[-1] == "c" and self._length("c") in COLOURS
        return "c" if is_last and self.channel is None else None

    @property
    def _channel_axis(self) -> str | None:
        """The axis of which one channel is taken."""
        rest = [axis for axis in "cs" if axis in self.axes and axis != self._colours]
        return rest[0] if rest else None

    def _length(self, axis: str) -> int:
        return self.lengths[self.axes.index(axis)]

    def _check_channel(self) -> None:
        axis, channel = self._channel_axis, self.channel
        if axis is None:
            if channel is not None:
                raise AxesError(
                    f"{self.name} has axes {''.join(self.axes)} and no channels, but channel "
                    f"{channel} was asked for; leave --channel out"
                )
            return
        count = self._length(axis)
        if channel is None and count > 1:
            raise AxesError(
                f"{self.name} has {count} channels (axes {''.join(self.axes)}, shape "
                f"{self.lengths}); choose one with --channel K (0 to {count - 1})"
            )
        if channel is not None and not 0 <= channel < count:
            raise AxesError(
                f"{self.name} has no channel {channel}; give 0 to {count - 1} as --channel"
            )


def layout_of(
    shape: Sequence[int],
    axes: str | Sequence[str] | None,
    channel: int | None,
    name: str,
    *,
    said: Sequence[str | None] | None = None,
) -> Layout:
    """The layout of data, as it was asked for, or as the data say.

    Parameters
    ----------
    shape
        Of the data.
    axes
        A letter, or a name, for every axis; any case. None: as ``said``.
    channel
        Which channel is taken; None: none was chosen.
    name
        What the data are, for messages.
    said
        The axes as the data themselves name them, None for one that they don't name. None: they
        name none.

    Raises
    ------
    AxesError
        If nobody says what the axes are and they can be read in two ways, or what is said doesn't
        fit.
    """
    lengths = tuple(int(length) for length in shape)
    if axes is None:
        axes = _unsaid(lengths, name) if said is None else _completed(said, lengths, name)
    names = tuple(_CHANNELS.get(axis.lower(), axis.lower()) for axis in axes)
    return Layout(names, lengths, channel, name)


def shown_axes(said: Sequence[str | None], name: str) -> tuple[str | None, ...]:
    """The axes of a file as :func:`.as_shown` has them.

    Raises
    ------
    AxesError
        If rows and columns aren't the last two: then somebody must name them.
    """
    try:
        return as_shown(said, name)
    except FormatError as error:
        raise AxesError(f"{error}, or name its axes with --axes") from error


def _completed(said: Sequence[str | None], shape: tuple[int, ...], name: str) -> tuple[str, ...]:
    """What the data say of their axes, and the name of the one that they leave open."""
    unsaid = [place for place, axis in enumerate(said) if axis is None]
    if len(unsaid) == 1 and not 1 < shape[unsaid[0]] <= _FEW:
        return tuple(axis or UNNAMED for axis in said)
    if unsaid:
        raise AxesError(_readings(said, shape, name))
    return tuple(axis for axis in said if axis is not None)


def _readings(said: Sequence[str | None], shape: tuple[int, ...], name: str) -> str:
    """That axes which nobody named can be read in two ways, and which."""
    known = ["." if axis is None else axis for axis in said]
    start = f"{name} has shape {shape} and doesn't say what its axes are"
    if known.count(".") > 1:
        letters = {2: ("tz", "tc"), 3: ("tzc", "tcz")}.get(known.count("."), ())
        such = f", for example {' or '.join(_filled(known, two) for two in letters)}"
        return f"{start}; name each of the {len(shape)} with --axes{such if letters else ''}"
    count = shape[known.index(".")]
    frames, depths, channels = (_filled(known, letter) for letter in "tzc")
    return (
        f"{start}: {count} frames (--axes {frames}, or {depths}), or {count} channels of one frame "
        f"(--axes {channels}, with --channel K); say which"
    )


def _filled(known: Sequence[str], letters: str) -> str:
    left = iter(letters)
    return "".join(next(left) if axis == "." else axis for axis in known)


def _unsaid(shape: tuple[int, ...], name: str) -> tuple[str, ...]:
    """The axes of data that say nothing, where there is one reading only."""
    if len(shape) < 2:
        raise AxesError(f"{name} has shape {shape}; a frame has rows and columns")
    if len(shape) > 2 and shape[-1] in COLOURS:
        rows, cols, last = shape[-3:]
        more = "tzabdefgh"[: len(shape) - 3]
        one = next(letter for letter in "tzabdefghi" if letter not in more)
        raise AxesError(
            f"{name} has shape {shape} and doesn't say what its axes are: frames of {rows} x "
            f"{cols} in colours (--axes {more}yxc), or frames of {cols} x {last} "
            f"(--axes {more}{one}yx); say which"
        )
    return _completed((*(None,) * (len(shape) - 2), "y", "x"), shape, name)


def _check_axes(axes: tuple[str, ...], lengths: tuple[int, ...], name: str) -> None:
    said = "".join(axes) if all(len(axis) == 1 for axis in axes) else " ".join(axes)
    if len(axes) != len(lengths):
        raise AxesError(
            f"{name} has {len(lengths)} axes (shape {lengths}), but {said!r} names {len(axes)}; "
            "name every axis once, for example --axes tzyx"
        )
    if len(set(axes)) != len(axes):
        raise AxesError(f"the axes {said!r} of {name} name one twice; name every axis once")
    if "y" not in axes or "x" not in axes:
        raise AxesError(
            f"the axes {said!r} of {name} don't say which are rows (y) and columns (x) of a frame; "
            "name them, for example --axes tzyx"
        )
    if 0 in lengths:
        raise AxesError(f"{name} is empty: its shape is {lengths}")
