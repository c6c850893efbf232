"""The options of ``napari-cutout stack`` as those of the library: what is linked, and how."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.cli.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cutout.stacks.linking.options import (
        LinkOptions,
        VolumeLinkOptions,
        VolumeOptions,
    )
    from napari_cutout.stacks.output.ways import AnyLink

_ASKED = {
    "max_distance": "--max-distance",
    "max_gap": "--max-gap",
    "min_length": "--min-length",
    "min_extent": "--min-length",
}
"""How a person gives each option."""
_OF_FILES = {
    ".avi",
    ".bmp",
    ".csv",
    ".jpg",
    ".json",
    ".mp4",
    ".npy",
    ".png",
    ".tif",
    ".tiff",
    ".txt",
}


def asked_to_link(
    axes: Sequence[str],
    link: bool | None,
    volume: bool,
    max_distance: float | None,
    max_gap: int | None,
    min_length: int | None,
    ctc: Path | None,
) -> AnyLink | None:
    """How frames are linked; None where they aren't.

    Parameters
    ----------
    axes
        The looped axes of the stack.
    link, volume
        Whether, and over z to objects in 3-D; both, or tracks of volumes: those over time, too.
        Channels are no time.
        Left out: over time where there is ``t``, over ``z`` where there is only that. Files aren't
        linked unless it is asked for.
    max_distance, max_gap, min_length
        The options, where they were given; of volumes over time those of time.
    ctc
        Where tracks are to be written.

    Raises
    ------
    InputError
        If they don't go together, a value is out of its range, or there is nothing to link along.
    """
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
    over_time = options | _given("min_length", min_length) | _given("max_distance", max_distance)
    is_over_time = link is True or ctc is not None or max_distance is not None
    if volume and is_over_time and _has_volumes(axes):
        return _volume_link_options(over_time)
    if volume or ("t" not in axes and "z" in axes):
        wrong = "--ctc" if ctc is not None else "--max-distance" if max_distance else ""
        if wrong:
            raise InputError(f"{wrong} is for frames over time, and these are slices")
        return _volume_options(options | _given("min_extent", min_length))
    return _link_options(over_time)


def keep_apart(inputs: Sequence[str], out: Path, ctc: Path | None) -> None:
    """Make sure that labels and tracks don't land where something else would be taken for them.

    Among the images the next run would find them; in a folder with the name of a picture nobody
    would.

    Parameters
    ----------
    inputs, out, ctc
        As they were given.

    Raises
    ------
    InputError
        If they would.
    """
    place = _real(out)
    if place.suffix.lower() in _OF_FILES and not place.is_file():
        raise InputError(
            f"--out {out} is named as a file, and labels are a folder; give a name that ends in "
            ".zarr"
        )
    tracks = None if ctc is None else _real(ctc)
    if tracks is not None and place in (tracks, *tracks.parents):
        raise InputError(f"--ctc {ctc} is where the labels are; give a folder of its own")
    for text in inputs:
        given = _real(text)
        is_folder = given.is_dir() and given.suffix != ".zarr"
        if place == given or (is_folder and place.parent == given):
            raise InputError(f"--out {out} is where the images are; give another place")
        if tracks == given:
            raise InputError(f"--ctc {ctc} is where the images are; give a folder of its own")


def _real(path: str | Path) -> Path:
    # Path.resolve ends at links that go round in a circle, which are said where they are opened.
    return Path(os.path.realpath(path))


def _link_options(values: dict[str, Any]) -> LinkOptions:
    from napari_cutout.stacks.linking.options import LinkOptions

    with _named_as_asked():
        return LinkOptions(**values)


def _volume_options(values: dict[str, Any]) -> VolumeOptions:
    from napari_cutout.stacks.linking.options import VolumeOptions

    with _named_as_asked():
        return VolumeOptions(**values)


def _volume_link_options(values: dict[str, Any]) -> VolumeLinkOptions:
    from napari_cutout.stacks.linking.options import VolumeLinkOptions

    return VolumeLinkOptions(link=_link_options(values))


def _has_volumes(axes: Sequence[str]) -> bool:
    from napari_cutout.stacks.output.ways import has_volumes

    return has_volumes(axes)


@contextmanager
def _named_as_asked() -> Iterator[None]:
    """Errors of the library's options, with the names that they have in a shell."""
    from napari_cutout.segment.errors import OptionError

    try:
        yield
    except OptionError as error:
        name, _, rest = str(error).partition(" ")
        raise InputError(f"{_ASKED.get(name, name)} {rest}") from error


def _given(name: str, value: float | None) -> dict[str, Any]:
    return {} if value is None else {name: value}
