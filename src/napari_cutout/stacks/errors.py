"""The errors of this package. Each says what was given, what was expected and what to do."""

from __future__ import annotations


class StackError(ValueError):
    """What was given can't be used as a stack of frames."""


class AxesError(StackError):
    """Axes that can be read in two ways, or don't fit the data; a channel that must be chosen."""


class FrameReadError(StackError):
    """One frame of a stack can't be read: damaged, missing or of another size.

    Parameters
    ----------
    index
        Which frame: a number for each looped axis.
    reason
        Why, in words that name the file where there is one.
    axes
        Names of the looped axes, for the message.
    """

    def __init__(self, index: tuple[int, ...], reason: str, axes: tuple[str, ...] = ()) -> None:
        super().__init__(index, reason, axes)
        self.index = index
        self.reason = reason
        self.axes = axes

    def __str__(self) -> str:
        return f"{frame_in_words(self.index, self.axes)}: {self.reason}"


class OutputError(StackError):
    """An output that is in use, was made with other settings, or can't be written."""


def frame_in_words(index: tuple[int, ...], axes: tuple[str, ...] = ()) -> str:
    """A frame's index as people read it: ``frame t=3, z=12``.

    Parameters
    ----------
    index
        A number for each looped axis.
    axes
        Their names; left out, only the numbers are said.
    """
    if not index:
        return "the frame"
    if len(axes) != len(index):
        return f"frame {', '.join(str(place) for place in index)}"
    return "frame " + ", ".join(f"{axis}={at}" for axis, at in zip(axes, index, strict=True))
