"""The options of ``napari-cutout stack`` as those of the library: what is linked, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.cli.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions


def asked_to_link(
    axes: Sequence[str],
    link: bool | None,
    volume: bool,
    max_distance: float | None,
    max_gap: int | None,
    min_length: int | None,
    ctc: Path | None,
) -> LinkOptions | VolumeOptions | None:
    """How frames are linked; None where they aren't.

    Parameters
    ----------
    axes
        The looped axes of the stack.
    link, volume
        Whether, and over z to objects in 3-D. Left out: over time where there is ``t``, over
        ``z`` where there is only that. Files aren't linked unless it is asked for.
    max_distance, max_gap, min_length
        The options, where they were given.
    ctc
        Where tracks are to be written.

    Raises
    ------
    InputError
        If they don't go together, or there is nothing to link along.
    OptionError
        If a value is out of its range.
    """
    from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions

    known = {"--max-distance": max_distance, "--max-gap": max_gap, "--min-length": min_length}
    named = [name for name, value in known.items() if value is not None]
    named += ["--volume"] if volume else []
    named += ["--ctc"] if ctc is not None else []
    if link is False:
        if named:
            raise InputError(f"{named[0]} is for what is linked, and this is --no-link")
        return None
    is_asked = link is True or bool(named)
    if not axes and is_asked:
        raise InputError("the input is one frame: there is nothing to link")
    if volume and "z" not in axes:
        raise InputError(f"--volume links along z, and the axes are {', '.join(axes)}")
    if not axes or not (is_asked or {"t", "z"} & set(axes)):
        return None
    options: dict[str, Any] = {} if max_gap is None else {"max_gap": max_gap}
    if volume or ("t" not in axes and "z" in axes):
        over_time = "--ctc" if ctc is not None else "--max-distance" if max_distance else ""
        if over_time:
            raise InputError(f"{over_time} is for frames over time, and these are slices")
        return VolumeOptions(**options, **_given("min_extent", min_length))
    return LinkOptions(
        **options, **_given("min_length", min_length), **_given("max_distance", max_distance)
    )


def keep_apart(inputs: Sequence[str], out: Path) -> None:
    """Make sure that labels don't land among the images, where the next run would find them.

    Raises
    ------
    InputError
        If they would.
    """
    place = out.resolve()
    for text in inputs:
        given = Path(text).resolve()
        is_folder = given.is_dir() and given.suffix != ".zarr"
        if place == given or (is_folder and place.parent == given):
            raise InputError(f"--out {out} is where the images are; give another place")


def _given(name: str, value: float | None) -> dict[str, Any]:
    return {} if value is None else {name: value}
