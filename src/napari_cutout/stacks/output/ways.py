"""Which way of linking options stand for, and along which axes it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.segment.errors import OptionError
from napari_cutout.stacks.frames.units import depth_of
from napari_cutout.stacks.linking.linker import Linker
from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions, VolumeOptions
from napari_cutout.stacks.linking.volume_linker import VolumeLinker
from napari_cutout.stacks.linking.volumes import SliceJoiner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cutout.stacks.frames.selection import Chosen
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.linked import Linking

AnyLink = LinkOptions | VolumeOptions | VolumeLinkOptions
"""All that says how objects are linked."""

_DEPTH, _CHANNELS = "z", "c"


@dataclass(frozen=True)
class Along:
    """The axes of a stack that frames are linked along.

    Parameters
    ----------
    axis
        The place of the one that tracks go along.
    depth
        That of the planes, where whole volumes are linked; None where planes are.
    """

    axis: int
    depth: int | None = None


def way_of(link: AnyLink, spacing: Sequence[float], planes: int) -> Callable[[], Linking]:
    """What makes a linker for one series.

    Parameters
    ----------
    link
        The options, which were checked.
    spacing
        As :func:`spacing_of` gives it.
    planes
        Of a volume, where whole volumes are linked.
    """
    if isinstance(link, VolumeLinkOptions):
        return lambda: VolumeLinker(planes, link, spacing)
    if isinstance(link, LinkOptions):
        return lambda: Linker(link, spacing)
    return lambda: SliceJoiner(link)


def spacing_of(stack: Stack, along: Along, frames: Chosen) -> tuple[float, ...]:
    """How far apart the pixels lie that are linked: (rows, cols), of volumes the planes first.

    Where every second plane was chosen, those lie twice as far apart.

    Parameters
    ----------
    stack
        With the size of a pixel along all axes.
    along
        What is linked along.
    frames
        Which frames are linked.
    """
    rows, cols = stack.scale[-2:]
    if along.depth is None:
        return rows, cols
    planes = frames.ranges[along.depth]
    step = planes.step if len(planes) > 1 else 1
    return depth_of(stack, along.depth) * step, rows, cols


def has_volumes(axes: Sequence[str]) -> bool:
    """Whether there are planes, and another axis than that of channels to link volumes along.

    Parameters
    ----------
    axes
        Names of the looped axes.
    """
    return _DEPTH in axes and bool({*axes} - {_DEPTH, _CHANNELS})


def check_link(link: object, axes: Sequence[str]) -> None:
    """Make sure that these are options of linking, and that there is what they link along.

    Parameters
    ----------
    link
        The options.
    axes
        Names of the looped axes.

    Raises
    ------
    OptionError
        If they are of no kind that is known, or link volumes where there are none.
    """
    if not isinstance(link, AnyLink):
        raise OptionError(
            "link is LinkOptions(...), VolumeOptions(...), VolumeLinkOptions(...) or None, not "
            f"{type(link).__name__}"
        )
    if isinstance(link, VolumeLinkOptions) and not has_volumes(axes):
        raise OptionError(
            f"VolumeLinkOptions links volumes of {_DEPTH} along time, or another axis that isn't "
            f"{_CHANNELS}, and the axes are {', '.join(axes) or 'none'}"
        )


def along_of(link: AnyLink, axes: Sequence[str]) -> Along:
    """The axes along which objects are linked: time or depth where it is there.

    Parameters
    ----------
    link
        The options, which were checked.
    axes
        Names of the looped axes, one at least.
    """
    if isinstance(link, VolumeOptions):
        return Along(axes.index(_DEPTH if _DEPTH in axes else axes[-1]))
    if isinstance(link, VolumeLinkOptions):
        others = [name for name in axes if name not in (_DEPTH, _CHANNELS)]
        return Along(axes.index("t" if "t" in others else others[0]), axes.index(_DEPTH))
    return Along(axes.index("t" if "t" in axes else axes[0]))
