"""Prompts that weren't committed, in a file of their own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logged import IMAGE, NOW, groups, options, prompts, texts
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.log_entries import LoggedPrompts
from napari_cutout.formats.logs.uncommitted import Uncommitted, read_uncommitted, write_uncommitted

STATE = Uncommitted("a1", IMAGE, LoggedPrompts(((0.5, 1.0, 2.0),), (True,), (0,)), time=NOW)

states = st.builds(
    Uncommitted,
    texts,
    st.just(IMAGE),
    prompts(),
    options,
    st.just(NOW),
    texts,
    texts,
    st.booleans(),
    groups,
    st.booleans(),
    prompts().map(lambda given: given.masks),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("prompts")


@given(state=states)
def test_prompts_come_back_as_they_were(folder, state):
    write_uncommitted(folder / "prompts.json", state)
    assert read_uncommitted(folder / "prompts.json") == state
    assert [path.name for path in folder.iterdir()] == ["prompts.json"]


def test_a_file_without_touched_previews_is_read(tmp_path):
    """As the first versions wrote it."""
    path = tmp_path / "prompts.json"
    write_uncommitted(path, STATE)
    value = json.loads(path.read_text())
    del value["touched"]
    path.write_text(json.dumps(value))
    assert read_uncommitted(path) == STATE


def test_prompts_that_can_not_be_written_leave_those_before_them(tmp_path):
    path = tmp_path / "prompts.json"
    write_uncommitted(path, STATE)
    with pytest.raises(FormatError, match="can't write"):
        write_uncommitted(tmp_path / "nowhere" / "prompts.json", STATE)
    assert read_uncommitted(path) == STATE


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kind": "header"}', "[" * 100_000, "é"])
def test_what_is_something_else_is_refused(tmp_path, content):
    path = tmp_path / "prompts.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=r"prompts\.json: "):
        read_uncommitted(path)


@pytest.mark.parametrize(
    "change",
    [
        {"points": [[1, 2]]},
        {"positive": []},
        {"shapes": [{"kind": "box", "vertices": [], "group": 0, "positive": True}]},
        {
            "masks": [
                {
                    "frame": [9, None, None],
                    "origin": [0, 0],
                    "mask": {"size": [1, 1], "counts": "01"},
                    "group": 0,
                }
            ]
        },
    ],
)
def test_prompts_that_are_none_of_the_image_are_refused(tmp_path, change):
    path = tmp_path / "prompts.json"
    write_uncommitted(path, STATE)
    value = json.loads(path.read_text())
    value["prompts"] |= change
    path.write_text(json.dumps(value))
    with pytest.raises(FormatError, match=r"prompts\.json: "):
        read_uncommitted(path)
