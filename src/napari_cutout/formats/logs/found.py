"""How an object was found that nobody prompted, as a prompt log has it: a value, and its JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, is_dataclass
from dataclasses import fields as fields_of
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """How an object was found.

    Parameters
    ----------
    mode
        By what: ``"grid"``, ``"instances"``, ``"seeds"``, or another word for it.
    options
        The options that it was found with, as :func:`plain_options` gives them.
    stability
        The IoU of the masks at a higher and a lower threshold of the logits; None where unknown.
    window
        The piece of the frame that was looked at; None where unknown.
    """

    mode: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    stability: float | None = None
    window: Window | None = None


def plain_options(options: object) -> Json:
    """Options as numbers, texts and lists that JSON holds; arrays become lists.

    Parameters
    ----------
    options
        A dataclass, a mapping, or None for none.

    Raises
    ------
    FormatError
        If they are something else, or hold a value that JSON can't.
    """
    if options is None:
        return {}
    plain = _plain(options)
    if not isinstance(plain, dict):
        raise FormatError(f"options are a dataclass or a mapping, not {options!r}")
    return plain


def found_to_json(found: Found) -> Json:
    """How an object was found, as a JSON object; what isn't known is left out."""
    value: Json = {"mode": found.mode, "options": dict(found.options)}
    if found.stability is not None:
        value["stability"] = found.stability
    if (window := found.window) is not None:
        value["window"] = [window.row, window.col, window.rows, window.cols]
    return value


def found_from_json(value: object) -> Found:
    """Read what :func:`found_to_json` gave.

    Raises
    ------
    FormatError
        If it is anything else.
    """
    fields = Fields(value, "how an object was found")
    options = fields.get("options")
    if not isinstance(options, dict):
        raise FormatError(f"options are written as {{...}}, not as {str(options)[:60]}")
    places = fields.wholes("window", 0) if "window" in fields else ()
    if len(places) not in (0, 4):
        raise FormatError(f"a window is [row, col, rows, cols], not {list(places)}")
    return Found(
        fields.text("mode"),
        {str(name): _plain(one) for name, one in options.items()},
        fields.number("stability") if "stability" in fields else None,
        Window(*places) if places else None,
    )


def _plain(value: object) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    is_number = isinstance(value, int | float) and math.isfinite(value)
    if value is None or is_number or isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields_of(value)}
    if isinstance(fingerprint := getattr(value, "fingerprint", None), str):
        # A model: importing its class would import torch.
        return {"model": str(getattr(value, "name", "")), "fingerprint": fingerprint}
    raise FormatError(f"an option is a number, a text or a list of them, not {value!r}")
