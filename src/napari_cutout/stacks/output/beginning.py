"""How an output begins: as a new one, gone on with, or grown as its stack has more frames by now.

Whoever begins it has locked it, see output.py.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cutout.stacks.errors import OutputError
from napari_cutout.stacks.output import levels
from napari_cutout.stacks.output import settings as kept
from napari_cutout.stacks.output.place import FRAMES, HIDDEN, OutputPlace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cutout.stacks.frames.stack import Stack


def check_ours(path: Path) -> None:
    """Make sure that there is nothing, or an output.

    Raises
    ------
    OutputError
        If there is something else.
    """
    if path.exists() and not (path / HIDDEN).is_dir() and (path.is_file() or any(path.iterdir())):
        raise OutputError(
            f"{path} is there, and is no output of an earlier run; give the name of a new folder"
        )


def begin(path: Path, stack: Stack, settings: Mapping[str, Any], *, overwrite: bool) -> OutputPlace:
    """Begin an output, or go on with one.

    Parameters
    ----------
    path, stack, settings, overwrite
        See :meth:`.StackOutput.open`.

    Raises
    ------
    OutputError
        If it has frames of other settings, or can't be written.
    """
    about = kept.of_run(stack, settings)
    now = kept.Kept(about)
    place = OutputPlace(path, stack.shape, stack.frame_shape, now.key)
    file = place.hidden / kept.NAME
    # Where no frame was done, there is nothing to be kept apart.
    before = kept.read(file) if (place.hidden / FRAMES).exists() and not overwrite else None
    grows = before is not None and kept.has_grown(stack, before.settings, about)
    if before is not None:
        if before.settings != about and not grows:
            raise OutputError(
                f"{path} has results of other settings: "
                f"{'; '.join(kept.differences(before.settings, about))}. Give another output, or "
                "overwrite it"
            )
        now = before.grown(about) if grows else before
        place = replace(place, key=now.key)
    try:
        if before is None:
            _clear(place)
            _make_labels(place, stack)
        elif grows:
            levels.grow(path, stack.shape[0])
        place.clear_partial()
    except OSError as error:
        raise place.failed(error) from error
    if before is None or grows:
        # Last: without it the output is begun anew, or grows again.
        place.publish(file, kept.to_bytes(now))
    return place


def _clear(place: OutputPlace) -> None:
    """Remove all but the lock, the settings first."""
    (place.hidden / kept.NAME).unlink(missing_ok=True)
    spared = {place.hidden / "lock", *_way_to(place.hidden, place.path)}
    for folder in _way_to(place.hidden, place.path):
        for part in folder.iterdir():
            if part in spared:
                continue
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink()


def _way_to(folder: Path, outer: Path) -> list[Path]:
    """A folder, and those that it is in, up to an outer one."""
    return [folder, *(one for one in folder.parents if one.is_relative_to(outer))]


def _make_labels(place: OutputPlace, stack: Stack) -> None:
    from napari_cutout.formats.objects.ome_labels import create_ome_labels

    shape = (*place.shape, *place.frame_shape)
    create_ome_labels(
        place.path, shape, axes=(*stack.axes, "y", "x"), scale=stack.scale, units=stack.units
    )
