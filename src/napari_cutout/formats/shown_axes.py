"""Which axes of a file are rows and columns: those that napari shows so, whatever they are called.

napari shows the last two axes as they are stored. Labels made here lie on these, or they would lie
across the image. Every reader asks here; what a file calls its axes is read next door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRAME = ("y", "x")
_CHANNELS = ("c", "s")


def as_shown(said: Sequence[str | None], name: str) -> tuple[str | None, ...]:
    """The axes of a file, ``y`` for the rows and ``x`` for the columns that napari shows.

    Parameters
    ----------
    said
        The axes as the file names them, lower case, None for one that isn't named; ``c`` are
        channels and ``s`` colours.
    name
        The file, for messages.

    Returns
    -------
    tuple
        The same, with ``y`` before ``x`` where the file has them in the other order. Where it
        doesn't name both, or names them so, exactly what was said.

    Raises
    ------
    FormatError
        If other axes than y and x come last, but for channels behind them: what napari shows are
        no frames of the image then.
    """
    axes = tuple(said)
    if not set(_FRAME) <= set(axes):
        return axes
    end = len(axes) - (axes[-1] in _CHANNELS)
    last = axes[end - 2 : end]
    if set(last) != set(_FRAME):
        told = ", ".join("?" if axis is None else axis for axis in axes)
        raise FormatError(
            f"{name} has its axes in the order {told}, and its rows and columns, y and x, aren't "
            "the last two, which napari shows as such; store it with y and x last"
        )
    return (*axes[: end - 2], *_FRAME, *axes[end:])
