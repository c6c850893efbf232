"""A frame's record: what was found in it, as text with a digest. The same whoever wrote it.

Where records lie is in place.py.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window
from napari_cutout.stacks.running.results import FrameResult

_FORMAT = "napari-cutout frame 1"


def to_bytes(result: FrameResult, key: str) -> bytes:
    """A result as a record.

    Parameters
    ----------
    result
        Of a frame; the seconds are left out.
    key
        Stands for the settings that it was found with.
    """
    known = {
        "index": list(result.index),
        "state": result.state,
        "reason": result.reason,
        "objects": [_to_json(one) for one in result.objects],
    }
    body = json.dumps(known, separators=(",", ":")).encode()
    count = len(result.objects)
    head = {"format": _FORMAT, "settings": key, "frame": result.identity, "objects": count}
    return json.dumps(head | {"digest": _digest(body)}).encode() + b"\n" + body + b"\n"


def from_bytes(text: bytes, key: str) -> FrameResult | None:
    """The result in a record; None where it isn't whole, or was found with other settings."""
    checked = _checked(text, key)
    if checked is None:
        return None
    known = json.loads(checked[0])
    objects = known["objects"]
    masks = Rle.of_texts(
        [tuple(one["mask"]["size"]) for one in objects],
        [one["mask"]["counts"] for one in objects],
    )
    return FrameResult(
        tuple(known["index"]),
        tuple(_from_json(one, mask) for one, mask in zip(objects, masks, strict=True)),
        known["state"],
        known["reason"],
        checked[1]["frame"],
    )


def count(text: bytes, key: str, identity: str | None = None) -> int | None:
    """How many objects a record has; None where :func:`from_bytes` is. Nothing is decoded.

    Parameters
    ----------
    text, key
        As there.
    identity
        Of the frame: None as well where the record is of another one. None: of any.
    """
    checked = _checked(text, key)
    if checked is None or identity not in (None, checked[1]["frame"]):
        return None
    return int(checked[1]["objects"])


def _checked(text: bytes, key: str) -> tuple[bytes, dict[str, Any]] | None:
    """What was found, as JSON, and what is said about it."""
    head, _, body = text.partition(b"\n")
    body = body.removesuffix(b"\n")
    try:
        stated: Any = json.loads(head)
        found = stated["format"], stated["settings"], stated["digest"]
        kinds = type(stated["objects"]), type(stated["frame"])
    except (ValueError, KeyError, TypeError):
        return None
    if found != (_FORMAT, key, _digest(body)) or kinds != (int, str):
        return None
    return body, stated


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _to_json(one: FoundObject) -> dict[str, Any]:
    window = one.window
    return {
        "mask": one.mask.to_json(),
        "origin": [int(at) for at in one.origin],
        "score": float(one.score),
        "stability": float(one.stability),
        "window": [window.row, window.col, window.rows, window.cols],
        "point": None if one.point is None else [float(at) for at in one.point],
    }


def _from_json(value: dict[str, Any], mask: Rle) -> FoundObject:
    point = value["point"]
    return FoundObject(
        mask=mask,
        origin=(value["origin"][0], value["origin"][1]),
        score=value["score"],
        stability=value["stability"],
        window=Window(*value["window"]),
        point=None if point is None else (point[0], point[1]),
    )
