"""Which way of linking options stand for, and along which axis it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.segment.errors import OptionError
from napari_cutout.stacks.linking.linker import Linker
from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions
from napari_cutout.stacks.linking.volumes import SliceJoiner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cutout.stacks.output.linked import Linking


def way_of(
    link: LinkOptions | VolumeOptions, spacing: tuple[float, float]
) -> Callable[[], Linking]:
    """What makes a linker for one series.

    Parameters
    ----------
    link
        The options.
    spacing
        The size of a pixel, (rows, cols).

    Raises
    ------
    OptionError
        If the options aren't of a kind that is known.
    """
    check_link(link)
    if isinstance(link, LinkOptions):
        return lambda: Linker(link, spacing)
    return lambda: SliceJoiner(link)


def check_link(link: object) -> None:
    """Make sure that these are options of linking.

    Raises
    ------
    OptionError
        If they are of no kind that is known.
    """
    if not isinstance(link, LinkOptions | VolumeOptions):
        raise OptionError(
            f"link is LinkOptions(...), VolumeOptions(...) or None, not {type(link).__name__}"
        )


def axis_of(link: LinkOptions | VolumeOptions, axes: Sequence[str]) -> str:
    """The axis along which objects are linked: time or depth where it is there.

    Parameters
    ----------
    link
        The options.
    axes
        Names of the looped axes, one at least.
    """
    wanted, other = ("z", axes[-1]) if isinstance(link, VolumeOptions) else ("t", axes[0])
    return wanted if wanted in axes else other
