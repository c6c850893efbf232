"""Entries of a prompt log as JSON objects, and back. Each by itself; log_reader.py knows the rest.

Numbers survive exactly: floats are written so that reading gives the same float.
"""

from __future__ import annotations

import math
from typing import Any

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.fields import Fields
from napari_cutout.formats.logs.found import found_from_json, found_to_json
from napari_cutout.formats.logs.log_entries import (
    KINDS,
    STARTS,
    VERSION,
    Entry,
    Header,
    LoggedObject,
    Region,
    Start,
)
from napari_cutout.formats.logs.prompts_json import (
    image_from_json,
    image_to_json,
    intensity_from_json,
    intensity_to_json,
    options_from_json,
    options_to_json,
    prompts_from_json,
    prompts_to_json,
)

Json = dict[str, Any]


def entry_to_json(entry: Entry) -> Json:
    """An entry as a JSON object; what is empty is left out."""
    value: Json = {"kind": entry.kind, "number": entry.number, "time": entry.time}
    value["target"] = entry.target
    if entry.header is not None:
        value |= _header_to_json(entry.header)
    if entry.text:
        value["text"] = entry.text
    if entry.of is not None:
        value["of"] = entry.of
    lists: Json = {
        "changes": [_region_to_json(region) for region in entry.regions],
        "added": [_object_to_json(one) for one in entry.added],
        "removed": list(entry.removed),
        "returned": list(entry.returned),
        "classes": [list(change) for change in entry.classes],
    }
    return value | {key: items for key, items in lists.items() if items}


def entry_from_json(value: object) -> Entry:
    """Read what :func:`entry_to_json` gave.

    Raises
    ------
    FormatError
        If it is no entry, or one of a later version.
    """
    fields = Fields(value, "an entry")
    kind = next((known for known in KINDS if known == fields.get("kind")), None)
    if kind is None:
        raise FormatError(f"an entry of the kind {fields.get('kind')!r} is unknown")
    return Entry(
        kind,
        fields.whole("number", 0),
        fields.text("time"),
        fields.whole("target", 0),
        fields.text("text") if "text" in fields else "",
        fields.each("changes", _region_from_json) if "changes" in fields else (),
        fields.each("added", _object_from_json) if "added" in fields else (),
        fields.wholes("removed", 0) if "removed" in fields else (),
        fields.wholes("returned", 0) if "returned" in fields else (),
        fields.each("classes", _class_from_json) if "classes" in fields else (),
        fields.whole("of", 0) if "of" in fields else None,
        _header_from_json(fields) if kind == "header" else None,
    )


def _header_to_json(header: Header) -> Json:
    value: Json = {
        "version": VERSION,
        "session": header.session,
        "layer": header.layer,
        "shape": list(header.shape),
        "dtype": header.dtype,
        "image": image_to_json(header.image),
        "start": {"kind": header.start.kind, "path": header.start.path},
        "versions": dict(header.versions),
    }
    if header.place is not None:
        value["place"] = [list(row) for row in header.place]
    if header.replaces is not None:
        value["replaces"] = header.replaces
    return value


def _header_from_json(fields: Fields) -> Header:
    version = fields.whole("version", 1)
    if version > VERSION:
        raise FormatError(
            f"the log has version {version}, and this napari-cutout reads up to {VERSION}; "
            "install a newer one"
        )
    start = Fields(fields.get("start"), "the start")
    kind = next((known for known in STARTS if known == start.get("kind")), None)
    if kind is None:
        raise FormatError(f"a start of the kind {start.get('kind')!r} is unknown")
    image = image_from_json(fields.get("image"))
    versions = fields.get("versions")
    return Header(
        fields.text("session"),
        fields.text("layer"),
        fields.wholes("shape", 0),
        fields.text("dtype"),
        image,
        Start(kind, start.text("path")),
        fields.rows("place", len(fields.wholes("shape")) + 1) if "place" in fields else None,
        {str(key): str(text) for key, text in versions.items()}
        if isinstance(versions, dict)
        else {},
        fields.whole("replaces", 0) if "replaces" in fields else None,
    )


def _region_to_json(region: Region) -> Json:
    return {
        "frame": list(region.frame),
        "origin": list(region.origin),
        "value": region.value,
        "pixels": region.pixels.to_json(),
    }


def _region_from_json(value: object) -> Region:
    fields = Fields(value, "a change")
    return Region(
        fields.frame("frame"),
        fields.pair("origin"),
        fields.mask("pixels"),
        fields.whole("value"),
    )


def _object_to_json(one: LoggedObject) -> Json:
    found = {} if one.found is None else {"found": found_to_json(one.found)}
    return found | {
        "key": one.key,
        "id": one.id,
        "class": one.class_name,
        "frame": list(one.frame),
        "origin": list(one.origin),
        "mask": one.mask.to_json(),
        "area": one.area,
        "box": list(one.box),
        "score": one.score if one.score is not None and math.isfinite(one.score) else None,
        "prompts": prompts_to_json(one.prompts),
        "candidate": one.candidate,
        "options": options_to_json(one.options),
        "model": one.model,
        "fingerprint": one.fingerprint,
        "intensity": None if one.intensity is None else intensity_to_json(one.intensity),
        "channels": None if one.channels is None else _channels_to_json(*one.channels),
    }


def _object_from_json(value: object) -> LoggedObject:
    fields = Fields(value, "an object")
    frame = fields.frame("frame")
    return LoggedObject(
        key=fields.whole("key", 0),
        id=fields.whole("id"),
        class_name=fields.text("class"),
        frame=frame,
        origin=fields.pair("origin"),
        mask=fields.mask("mask"),
        score=fields.number("score") if "score" in fields else None,
        prompts=prompts_from_json(fields.get("prompts"), len(frame)),
        candidate=fields.whole("candidate", 0),
        options=options_from_json(fields.get("options")),
        model=fields.text("model"),
        fingerprint=fields.text("fingerprint"),
        intensity=intensity_from_json(fields.get("intensity")) if "intensity" in fields else None,
        channels=_channels_from_json(fields.get("channels")) if "channels" in fields else None,
        found=found_from_json(fields.get("found")) if "found" in fields else None,
    )


def _channels_to_json(axis: int, positions: tuple[int, ...]) -> Json:
    return {"axis": axis, "positions": list(positions)}


def _channels_from_json(value: object) -> tuple[int, tuple[int, ...]]:
    fields = Fields(value, "the channels")
    positions = fields.wholes("positions", 0)
    if len(positions) not in (1, 3):
        raise FormatError(f"one channel is taken or three, not {list(positions)}")
    return fields.whole("axis", 0), positions


def _class_from_json(value: object) -> tuple[int, str, str]:
    match value:
        case [number, str() as before, str() as after] if type(number) is int:
            return number, before, after
    raise FormatError(f'a change of class is [id, "before", "after"], not {str(value)[:60]}')
