"""The errors of this package, and how those of back ends become them.

Each derives from the builtin that a caller would expect.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FormatError(ValueError):
    """A file or folder that can't be read as what it should be."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Readers raise whatever their back end raises; to the user they are all one.

    Raises
    ------
    FormatError
        For any of them; what doesn't fit into memory stays a MemoryError.
    """
    try:
        yield
    except (MemoryError, FormatError):
        raise
    except Exception as error:
        raise FormatError(f"{path}: not a readable image ({reason_of(error)})") from error


def reason_of(error: Exception) -> str:
    """What a back end says of its trouble, in one line, and what to do where that is known."""
    reason = " ".join(str(error).split()) or type(error).__name__
    # tifffile leaves to another package what it can't unpack itself: LZW, JPEG, Zstandard.
    if "'imagecodecs'" in reason:
        return f"{reason}: pip install imagecodecs"
    # What Pillow takes for an attack on a server.
    if type(error).__name__ == "DecompressionBombError":
        return "it has more pixels than pictures are trusted with; save it as TIFF"
    return reason
