"""Prompt logs as files: cut off anywhere, damaged, appended to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logged import NOW, commit, first, logs
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs import prompt_log
from napari_cutout.formats.logs.log_entries import Entry
from napari_cutout.formats.logs.log_json import entry_to_json
from napari_cutout.formats.logs.prompt_log import LogError, line_of, read_log, size_if_closed


def lines(entries):
    return [line_of(entry_to_json(entry)) for entry in entries]


def closed(number):
    return Entry("closed", number, NOW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


@given(entries=logs())
def test_a_file_comes_back_as_it_was(folder, entries):
    path = folder / "whole.jsonl"
    path.write_bytes(b"".join(lines(entries)))
    log = read_log(path)
    assert (log.entries, log.is_cut_off) == (entries, False)
    assert log.size == path.stat().st_size


@given(entries=logs(), data=st.data())
def test_a_file_that_was_cut_off_loses_its_last_line_only(folder, entries, data):
    path = folder / "cut.jsonl"
    whole = b"".join(lines(entries))
    first_line = len(lines(entries)[0])
    kept = whole[: data.draw(st.integers(first_line, len(whole)))]
    path.write_bytes(kept)
    log = read_log(path)
    assert log.entries == entries[: kept.count(b"\n")]
    assert log.size == kept.rfind(b"\n") + 1
    assert log.is_cut_off == (log.size < len(kept))


@pytest.mark.parametrize("content", [b"", b'{"kind": "head'])
def test_a_file_without_an_entry_is_no_log(tmp_path, content):
    (tmp_path / "log.jsonl").write_bytes(content)
    with pytest.raises(FormatError, match=r"log\.jsonl: there is no entry"):
        read_log(tmp_path / "log.jsonl")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"log\.jsonl: can't be read"):
        read_log(tmp_path / "log.jsonl")


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b"\x00\x00\n", b"\xff\n", b"[" * 100_000 + b"\n", b"1" * 9_999 + b"\n"]
)
def test_a_bad_line_is_named_and_what_stands_before_it_is_there(tmp_path, line):
    entries = [first(), commit(1, 7)]
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join([*lines(entries), line, *lines([closed(2)])]))
    with pytest.raises(LogError, match=r"log\.jsonl, line 3: ") as caught:
        read_log(path)
    assert caught.value.entries == tuple(entries)
    assert caught.value.size == len(b"".join(lines(entries)))


def test_numbers_that_json_does_not_have_are_never_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        line_of({"score": float("nan")})


def test_a_line_has_one_end():
    assert line_of({"text": "a\nb\u2028\udc80"}).count(b"\n") == 1


def test_appending_follows_what_is_there(tmp_path):
    path = tmp_path / "log.jsonl"
    entries = [first(), commit(1, 7), closed(2)]
    size = 0
    for line in lines(entries):
        size = prompt_log.append(path, line, size)
    assert read_log(path).entries == tuple(entries)
    assert size == path.stat().st_size


def test_what_a_failed_write_left_is_cut_off(tmp_path):
    path = tmp_path / "log.jsonl"
    head, body = lines([first(), commit(1, 7)])
    path.write_bytes(head + body[:9])
    prompt_log.append(path, body, len(head))
    assert path.read_bytes() == head + body


def test_a_file_that_is_gone_is_not_begun_in_the_middle(tmp_path):
    path = tmp_path / "log.jsonl"
    with pytest.raises(FileNotFoundError):
        prompt_log.append(path, b"{}\n", 10)
    assert not path.exists()


def test_a_file_that_lost_its_end_is_not_followed(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"{}\n")
    with pytest.raises(FileNotFoundError, match="lost its end"):
        prompt_log.append(path, b"{}\n", 10)
    assert path.read_bytes() == b"{}\n"


@pytest.mark.parametrize(
    ("entries", "rest", "expected"),
    [
        ([], b"", True),
        ([first(), closed(1)], b"", True),
        ([first(), closed(1), first(session="b2")], b"", False),
        ([first()], b"", False),
        ([first(), closed(1)], b"{", False),
    ],
)
def test_a_log_can_be_followed_when_it_was_closed(tmp_path, entries, rest, expected):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(lines(entries)) + rest)
    assert size_if_closed(path) == (path.stat().st_size if expected else None)


def test_a_log_whose_first_line_was_cut_off_can_be_begun(tmp_path):
    (tmp_path / "log.jsonl").write_bytes(b'{"kind":"hea')
    assert size_if_closed(tmp_path / "log.jsonl") == 0


def test_a_log_that_is_not_there_can_be_begun(tmp_path):
    assert size_if_closed(tmp_path / "log.jsonl") == 0


def test_the_last_line_of_a_long_log_is_found(tmp_path):
    path = tmp_path / "log.jsonl"
    long = commit(1, 7)
    long = Entry("edit", 1, NOW, text="x" * 200_000, regions=long.regions)
    path.write_bytes(b"".join(lines([first(), long])))
    assert size_if_closed(path) is None
    path.write_bytes(b"".join(lines([first(), long, closed(2)])))
    assert size_if_closed(path) == path.stat().st_size


def test_what_was_appended_can_be_put_on_the_disk(tmp_path):
    path = tmp_path / "log.jsonl"
    prompt_log.append(path, b"{}\n", 0)
    prompt_log.sync(path)
    assert path.read_bytes() == b"{}\n"
