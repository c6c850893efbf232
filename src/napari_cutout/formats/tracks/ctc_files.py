"""What the files of the Cell Tracking Challenge are called, and which of them a folder has.

What is in them is read and written by ctc.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from napari_cutout.formats.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

TableName = Literal["man_track.txt", "res_track.txt"]

MASKS: dict[TableName, str] = {"man_track.txt": "man_track", "res_track.txt": "mask"}
"""The tables, and how the names of their frames begin."""

_DIGITS = 3


def mask_name(table: TableName, frame: int) -> str:
    """The name of a frame's file, ``"mask007.tif"``."""
    return f"{MASKS[table]}{frame:0{_DIGITS}d}.tif"


def table_in(folder: Path) -> Path:
    """The one table of a folder.

    Raises
    ------
    FormatError
        If there is none, or both.
    """
    found = [folder / name for name in MASKS if (folder / name).is_file()]
    if len(found) != 1:
        have = "both" if found else "neither"
        raise FormatError(f"{folder} has {have} of {' and '.join(MASKS)}; one is expected")
    return found[0]


def masks_in(folder: Path) -> list[Path]:
    """The files of frames, without order."""
    return [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in (".tif", ".tiff") and _number(path) is not None
    ]


def frames_in(folder: Path) -> list[Path]:
    """The files of frames in their order.

    Raises
    ------
    FormatError
        If there are none, or they aren't all from 0 on.
    """
    files = sorted(masks_in(folder), key=lambda path: cast("int", _number(path)))
    numbers = [_number(path) for path in files]
    if not files:
        raise FormatError(f"{folder} has no frames; expected mask000.tif or man_track000.tif")
    if numbers != list(range(len(files))):
        missing = min(set(range(len(files))) - set(numbers), default=None)
        reason = f"frame {missing} is missing" if missing is not None else "a frame is there twice"
        raise FormatError(f"{folder}: {reason}; expected frames from 0 on, each once")
    return files


def _number(path: Path) -> int | None:
    """Of a frame by the name of its file; None where it is something else."""
    for start in MASKS.values():
        digits = path.stem.removeprefix(start)
        if digits != path.stem and digits.isascii() and digits.isdigit():
            return int(digits)
    return None
