"""Which format of annotations a JSON file has, told from its beginning, in some milliseconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["sa1b", "coco"]

_BEGINNING = 1 << 16
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]')
_COCO = {"info", "licenses", "images", "annotations", "categories"}


def json_kind(path: Path) -> Kind | None:
    """The format that a file has by its outermost keys, as far as its beginning shows them.

    Whether it can be read is for the reader to say: a file that was cut off has the kind that it
    began with.

    Returns
    -------
    str or None
        None for any other file, also one that can't be opened.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_BEGINNING)
    except OSError:
        return None
    text = data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("["):
        # As amg.py of Segment Anything writes it; results of COCO name their image.
        is_amg = '"segmentation"' in text and '"image_id"' not in text
        return "sa1b" if is_amg and '"stability_score"' in text else None
    if not text.startswith("{"):
        return None
    keys, is_closed = _outermost_keys(text)
    if {"image", "annotations"} <= keys or (keys == {"image"} and not is_closed):
        return "sa1b"
    if is_closed:
        return "coco" if {"images", "annotations"} <= keys else None
    return "coco" if keys <= _COCO and keys & {"images", "annotations", "categories"} else None


def _outermost_keys(text: str) -> tuple[set[str], bool]:
    """The keys, and whether all that was opened was closed."""
    keys: set[str] = set()
    depth, last = 0, ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        elif token == ":":
            if depth == 1:
                keys.add(last[1:-1])
        else:
            last = token
    return keys, depth == 0
