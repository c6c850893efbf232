"""Files that hold one JSON value: read with a reason where that can't be, and their errors named.

What the value means is for each format to say; fields.py reads the fields of an object.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.writing import check_folder, replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def read_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises
    ------
    FormatError
        If it isn't there, isn't JSON, or was cut off.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            return json.load(file)
    except OSError as error:
        raise FormatError(f"can't read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no JSON: it isn't text in UTF-8") from error
    except RecursionError as error:
        raise FormatError(f"{path}: its lists are nested too deeply to be read") from error
    except ValueError as error:
        raise FormatError(
            f"{path} is not whole JSON ({error}); it was cut off, changed, or is something else"
        ) from error


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write text piece by piece, in place of what was there when all is written.

    Raises
    ------
    FormatError
        If it can't be written. What was there still is.
    """
    check_folder(path)
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        for piece in pieces:
            file.write(piece)


def dumps(value: object) -> str:
    """A value as compact JSON.

    Raises
    ------
    ValueError
        If a number in it isn't finite: JSON has no word for that.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@contextmanager
def named(name: object) -> Iterator[None]:
    """Put a name, of a file or an entry, before the text of a format's error."""
    try:
        yield
    except FormatError as error:
        raise FormatError(f"{name}: {error}") from error
