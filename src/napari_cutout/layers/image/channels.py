"""Which channels of an image are taken as the frame: one, or three as if they were colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.image.coordinates import layer_shape
from napari_cutout.segment import FrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Image

    from napari_cutout.annotate.frame_index import FrameIndex


@dataclass(frozen=True)
class Channels:
    """Positions on the axis of an image that holds its channels.

    Parameters
    ----------
    axis
        Of the image's data.
    positions
        One, or three that the model reads as red, green and blue.
    """

    axis: int
    positions: tuple[int, ...]

    def of(self, index: FrameIndex) -> FrameIndex:
        """The index of a frame, the same for all positions of its slider on the channel axis."""
        return tuple(
            self.positions[0] if axis == self.axis else at for axis, at in enumerate(index)
        )


def choose_channels(image: Image, axis: int | str, positions: Sequence[int]) -> Channels:
    """One or three channels of an image.

    Parameters
    ----------
    image
        With an axis of channels that isn't its colours.
    axis
        Its number, negative from the last, or its label.
    positions
        One or three, negative from the last.

    Raises
    ------
    FrameError
        If there is no such axis or position, or another number of them.
    """
    if image.rgb:
        raise FrameError(f"{image.name!r} has colours, all of which are taken; leave channels out")
    number = _axis(image, axis)
    count = layer_shape(image)[number]
    if len(positions) not in (1, 3):
        raise FrameError(
            f"a frame has one channel or three, not {len(positions)}; choose from the {count} of "
            f"axis {axis!r}"
        )
    for position in positions:
        if not -count <= position < count:
            raise FrameError(
                f"axis {axis!r} of {image.name!r} has channels 0 to {count - 1}, not {position}"
            )
    return Channels(number, tuple(int(position) % count for position in positions))


def check_sliced(channels: Channels, index: FrameIndex) -> None:
    """Refuse channels along an axis of the frame itself.

    Raises
    ------
    FrameError
        If they are.
    """
    if channels.axis >= len(index) or index[channels.axis] is None:
        raise FrameError(
            f"axis {channels.axis} is shown as rows or columns of the frame, so that channels "
            "can't be chosen from it; show other axes, or choose channels of another axis"
        )


def _axis(image: Image, axis: int | str) -> int:
    if isinstance(axis, str):
        labels = list(image.axis_labels)
        if labels.count(axis) != 1:
            raise FrameError(
                f"no one axis of {image.name!r} is labelled {axis!r}, they are {labels}; give its "
                "number"
            )
        return labels.index(axis)
    if not -image.ndim <= axis < image.ndim:
        raise FrameError(f"{image.name!r} has axes 0 to {image.ndim - 1}, not {axis}")
    return int(axis % image.ndim)
