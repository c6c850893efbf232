"""Entries as JSON and back."""

from __future__ import annotations

import contextlib
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logged import commit, first, logs
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_json import entry_from_json, entry_to_json
from napari_cutout.formats.logs.log_reader import read_entries

JUNK = [None, -1, 2.5, "x", [], {}, [[]], True, 10**400, "\ud800"]


def jsons(entries):
    return json.loads(json.dumps([entry_to_json(entry) for entry in entries]))


def places(value, path=()):
    """The way to every field, in lists and objects too."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inside:
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))
        else:
            yield (*path, key)


@given(logs())
def test_entries_come_back_as_they_were(entries):
    assert read_entries(jsons(entries)) == entries


@given(logs(), st.data())
def test_whatever_is_changed_is_refused_or_read(entries, data):
    """Nothing but a FormatError comes of a log that someone edited."""
    values = jsons(entries)
    path = data.draw(st.sampled_from([path for path in places(values) if path]))
    holder = values
    for key in path[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()):
        holder[path[-1]] = data.draw(st.sampled_from(JUNK))
    else:
        del holder[path[-1]]
    with contextlib.suppress(FormatError):
        read_entries(values)


def test_area_and_box_are_there_for_people():
    (one,) = entry_to_json(commit(1, 7))["added"]
    assert (one["area"], one["box"]) == (12, [2, 3, 4, 6])


def test_a_log_of_a_later_version_asks_for_a_newer_program():
    value = entry_to_json(first()) | {"version": 2}
    with pytest.raises(FormatError, match="install a newer one"):
        entry_from_json(value)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), None])
def test_a_score_that_is_no_number_is_none(score):
    value = entry_to_json(commit(1, 7))
    value["added"][0]["score"] = score if score is None else None
    assert entry_from_json(value).added[0].score is None


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"kind": "whatever"}, "kind 'whatever' is unknown"),
        ({"target": 1}, "target 1 has no header"),
        ({"number": 0}, "entry 0 follows entry 0"),
        ({"removed": [9]}, "no object with the key 9"),
        ({"returned": [9]}, "no object with the key 9"),
        ({"classes": [[1, "a"]]}, "a change of class is"),
        ({"changes": [{}]}, "a change has no 'frame'"),
    ],
)
def test_entries_that_do_not_follow_are_refused(change, match):
    values = jsons([first(), commit(1, 7)])
    values[1] |= change
    with pytest.raises(FormatError, match=match):
        read_entries(values)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"frame": [3, None, None]}, "doesn't lie in the labels"),
        ({"frame": [None, None]}, "none of an array of shape"),
        ({"frame": [1, 1, None]}, "a frame, as"),
        ({"origin": [7, 3]}, "doesn't lie in the labels"),
        ({"origin": [2, 8]}, "doesn't lie in the labels"),
        ({"value": 2**31}, "is no int32"),
    ],
)
def test_pixels_outside_the_labels_are_refused(change, match):
    values = jsons([first(), commit(1, 7)])
    values[1]["changes"][0] |= change
    with pytest.raises(FormatError, match=match):
        read_entries(values)


@pytest.mark.parametrize(
    "channels",
    [
        {"axis": 0, "positions": []},
        {"axis": 0, "positions": [0, 1]},
        {"axis": 0, "positions": [3]},
        {"axis": 1, "positions": [0]},
        {"axis": 3, "positions": [0]},
    ],
)
def test_channels_that_are_none_of_the_image_are_refused(channels):
    values = jsons([first(), commit(1, 7)])
    values[1]["added"][0]["channels"] = channels
    with pytest.raises(FormatError, match="channel"):
        read_entries(values)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"dtype": "float32"}, "labels are integers"),
        ({"dtype": "no dtype"}, "labels are integers"),
        ({"dtype": "(2,2"}, "labels are integers"),
        ({"shape": [4]}, "two axes or more"),
        ({"place": [[1.0, 0, 0, 0]] * 3}, "no matrix"),
        ({"version": 0}, "'version' of an entry is 1 or more"),
    ],
)
def test_headers_of_no_labels_are_refused(change, match):
    with pytest.raises(FormatError, match=match):
        read_entries([entry_to_json(first()) | change])


def test_a_log_begins_with_a_header():
    with pytest.raises(FormatError, match="begins with a header"):
        read_entries(jsons([commit(1, 7)]))


def test_the_same_target_has_one_header():
    with pytest.raises(FormatError, match="a second header for target 0"):
        read_entries(jsons([first(), first(number=1)]))


def test_the_same_key_is_one_object_s():
    with pytest.raises(FormatError, match="a second object has the key 1"):
        read_entries(jsons([first(), commit(1, 7), commit(2, 8, key=1)]))


def test_a_session_follows_another():
    """With numbers and keys of its own."""
    sessions = [first(), commit(1, 7), first(session="b2"), commit(1, 7)]
    assert read_entries(jsons(sessions)) == tuple(sessions)


def test_fields_of_later_programs_are_passed_over():
    value = entry_to_json(commit(1, 7))
    later = copy.deepcopy(value) | {"weather": "fair"}
    assert entry_from_json(later) == entry_from_json(value)
