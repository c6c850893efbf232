"""What an output was begun with: the same again goes on, anything else is refused and named."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cutout.stacks.frames.stack import Stack

NAME = "settings.json"

DATA = "data"

_LONGEST = 60


def of_run(stack: Stack, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a run together with the data that it is about, as JSON gives them back.

    Of the data that is :attr:`.Stack.identity`; that of each frame is in its record.
    """
    about = {
        DATA: stack.identity,
        "axes": [*stack.axes, "y", "x"],
        "shape": [*stack.shape, *stack.frame_shape],
    }
    found: dict[str, Any] = json.loads(json.dumps(about | dict(settings)))
    return found


def key_of(settings: Mapping[str, Any]) -> str:
    """What stands for settings in records."""
    text = json.dumps(settings, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def to_bytes(settings: Mapping[str, Any]) -> bytes:
    """Settings as a file."""
    return json.dumps({"key": key_of(settings), "settings": settings}, indent=1).encode() + b"\n"


def read(path: Path) -> dict[str, Any] | None:
    """The settings in a file; None where there is none, or it isn't whole."""
    try:
        found = json.loads(path.read_text("utf-8"))
        settings = found["settings"]
        return dict(settings) if found["key"] == key_of(settings) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Each setting that is another one, in words."""
    names = [*now, *(name for name in before if name not in now)]
    changed = [name for name in names if before.get(name) != now.get(name)]
    return [_difference(name, before.get(name), now.get(name)) for name in changed]


def _difference(name: str, before: object, now: object) -> str:
    if name == DATA:
        # A hash, which says nothing to anybody.
        return "the input is another one, is read in another way, or its files changed"
    return f"{name} was {_short(before)} and is {_short(now)}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
