"""The progress file: written whole, and read whatever was done to it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from full_disk import full_disk
from napari_cutout.annotate.series.progress import (
    DAMAGED_NAME,
    PROGRESS_NAME,
    Progress,
    read_progress,
    update_progress,
)
from napari_cutout.formats.errors import FormatError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)
ENTRY = st.fixed_dictionaries({}, optional={"done": JSON, "labels": JSON}) | JSON


def test_no_file_is_no_progress(tmp_path):
    assert read_progress(tmp_path / PROGRESS_NAME) == Progress()


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / PROGRESS_NAME
    update_progress(path, lambda progress: progress.with_done("sub/ä.tif", True))
    update_progress(path, lambda progress: progress.with_last("b.tif"))
    update_progress(path, lambda progress: progress.with_labels("c.tif", "c.labels"))
    update_progress(path, lambda progress: progress.with_done("b.tif", True))
    written = update_progress(path, lambda progress: progress.with_done("b.tif", False))

    assert read_progress(path) == written
    assert written == Progress(
        last="b.tif", done=frozenset({"sub/ä.tif"}), labels={"c.tif": "c.labels"}
    )
    assert [entry.name for entry in tmp_path.iterdir()] == [PROGRESS_NAME]


def test_names_that_are_no_text_are_kept(tmp_path):
    """File names are bytes on some systems."""
    path, name = tmp_path / PROGRESS_NAME, b"\xff.tif".decode(errors="surrogateescape")
    update_progress(path, lambda progress: progress.with_done(name, True))

    assert read_progress(path).done == {name}


@pytest.mark.parametrize("text", [b"", b"{", b"[1, 2]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_kept_beside_the_new_one(tmp_path, text):
    path = tmp_path / PROGRESS_NAME
    path.write_bytes(text)

    found = read_progress(path)
    assert found.done == frozenset()
    assert "damaged" in found.problem
    update_progress(path, lambda progress: progress.with_done("a.tif", True))

    assert read_progress(path) == Progress(done=frozenset({"a.tif"}))
    assert (tmp_path / DAMAGED_NAME).read_bytes() == text


@given(
    st.fixed_dictionaries(
        {}, optional={"files": JSON | st.dictionaries(st.text(), ENTRY), "last": JSON, "x": JSON}
    )
)
def test_whatever_is_in_it_is_read(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / PROGRESS_NAME
    path.write_text(json.dumps(content))
    found = read_progress(path)
    update_progress(path, lambda progress: progress)

    assert read_progress(path) == found


@pytest.mark.parametrize(
    "base", ["../a.labels", "/etc/a.labels", "a", "a\\b.labels", 3, "\0.labels"]
)
def test_names_of_labels_lead_nowhere_else(tmp_path, base):
    path = tmp_path / PROGRESS_NAME
    path.write_text(json.dumps({"files": {"a.tif": {"done": True, "labels": base}}}))

    assert read_progress(path) == Progress(done=frozenset({"a.tif"}))


def test_what_others_wrote_meanwhile_stays(tmp_path):
    path = tmp_path / PROGRESS_NAME
    update_progress(path, lambda progress: progress.with_done("mine.tif", True))
    seen = read_progress(path)
    update_progress(path, lambda progress: progress.with_done("theirs.tif", True))
    update_progress(path, lambda progress: progress.with_done("mine.tif", False))

    assert seen.done == {"mine.tif"}
    assert read_progress(path).done == {"theirs.tif"}


def test_on_a_full_disk_the_old_file_stays(tmp_path):
    path = tmp_path / PROGRESS_NAME
    before = update_progress(path, lambda progress: progress.with_done("a.tif", True))

    with full_disk(), pytest.raises(FormatError, match="can't write"):
        update_progress(path, lambda progress: progress.with_done("b.tif", True))

    assert read_progress(path) == before
    assert [entry.name for entry in tmp_path.iterdir()] == [PROGRESS_NAME]


def test_a_folder_in_its_place_is_said(tmp_path):
    (tmp_path / PROGRESS_NAME).mkdir()

    with pytest.raises(FormatError, match="can't be read"):
        read_progress(tmp_path / PROGRESS_NAME)
