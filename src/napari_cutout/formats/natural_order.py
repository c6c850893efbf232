"""The order in which people expect files: ``2.tif`` before ``10.tif``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePath


def natural_key(path: PurePath) -> tuple[object, ...]:
    """A key to sort paths by: folder by folder, numbers by value, letters whatever their case.

    Parameters
    ----------
    path
        Different paths have different keys, so that their order doesn't depend on how they came.
    """
    pieces = (re.split(r"([0-9]+)", part.casefold()) for part in path.parts)
    parts = [[int(p) if k % 2 else p for k, p in enumerate(part)] for part in pieces]
    return parts, str(path)
