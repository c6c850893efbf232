"""What an output was begun with: the same again goes on, anything else is refused and named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from napari_cutout.stacks.frames.stack import Stack

NAME = "settings.json"

DATA = "data"
SHAPE = "shape"

_LONGEST = 60


@dataclass(frozen=True)
class Kept:
    """Settings as an output has them.

    Parameters
    ----------
    settings
        See :func:`of_run`.
    begun
        Those that were others when it was begun, as its stack had fewer frames then.
    """

    settings: Mapping[str, Any]
    begun: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What stands for the settings in records: of the first ones, as records stay."""
        text = json.dumps({**self.settings, **self.begun}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def grown(self, settings: Mapping[str, Any]) -> Kept:
        """The same, with settings of a stack that has more frames by now."""
        begun = {name: self.settings[name] for name in (DATA, SHAPE)}
        return Kept(settings, self.begun or begun)


def of_run(stack: Stack, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a run together with the data that it is about, as JSON gives them back.

    Of the data that is :attr:`.Stack.identity`; that of each frame is in its record.
    """
    about = {
        DATA: stack.identity,
        "axes": [*stack.axes, "y", "x"],
        SHAPE: [*stack.shape, *stack.frame_shape],
    }
    found: dict[str, Any] = json.loads(json.dumps(about | dict(settings)))
    return found


def has_grown(stack: Stack, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether settings differ in this alone, that the stack has more frames behind the others.

    Parameters
    ----------
    stack
        Of which ``now`` is.
    before, now
        Settings of :func:`of_run`.
    """
    if not stack.axes or differing(before, now) != [DATA, SHAPE]:
        return False
    (count, *others), (more, *same) = before[SHAPE], now[SHAPE]
    if others != same or count >= more:
        return False
    return stack.identity_of_first(count) == str(before[DATA])


def to_bytes(kept: Kept) -> bytes:
    """Settings as a file."""
    known = {"key": kept.key, "settings": kept.settings, "begun": kept.begun}
    return json.dumps(known, indent=1).encode() + b"\n"


def read(path: Path) -> Kept | None:
    """The settings in a file; None where there is none, or it isn't whole."""
    try:
        found = json.loads(path.read_text("utf-8"))
        kept = Kept(dict(found["settings"]), dict(found["begun"]))
        return kept if found["key"] == kept.key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Names of the settings that are others."""
    names = [*now, *(name for name in before if name not in now)]
    return [name for name in names if before.get(name) != now.get(name)]


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Each setting that is another one, in words."""
    return [_difference(name, before.get(name), now.get(name)) for name in differing(before, now)]


def _difference(name: str, before: object, now: object) -> str:
    if name == DATA:
        # A hash, which says nothing to anybody.
        return (
            "the input is another one, is read in another way, or its files changed otherwise "
            "than that new ones came behind them"
        )
    return f"{name} was {_short(before)} and is {_short(now)}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
