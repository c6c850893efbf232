"""The thread that writes a journal."""

from __future__ import annotations

import json
import threading

import pytest

from logged import IMAGE
from napari_cutout.formats.logs.log_entries import LoggedPrompts
from napari_cutout.formats.logs.uncommitted import Uncommitted, read_uncommitted
from napari_cutout.layers.journal.files import Place, prompts_path
from napari_cutout.layers.journal.writer import JournalWriter


@pytest.fixture
def writer(tmp_path):
    made = JournalWriter(Place(tmp_path, "cells.cutout"))
    yield made
    made.close()


def lines(writer):
    return [json.loads(line) for line in writer.log.read_text().splitlines()]


def state(row):
    return Uncommitted("a", IMAGE, LoggedPrompts(((row, 0.0, 0.0),), (True,), (0,)))


def test_lines_keep_their_order(writer):
    """Those that are finished in the thread too."""
    for number in range(50):
        finish = (lambda line: line.update(late=True)) if number % 3 == 0 else None
        writer.add({"number": number}, finish)
    writer.flush()
    assert [line["number"] for line in lines(writer)] == list(range(50))
    assert [line["number"] for line in lines(writer) if "late" in line] == list(range(0, 50, 3))


def test_the_latest_prompts_are_written(writer):
    for row in range(5):
        writer.note(lambda row=row: state(float(row)))
    writer.flush()
    path = prompts_path(writer.log)
    assert read_uncommitted(path).prompts.points[0][0] == 4
    writer.note(lambda: None)
    writer.flush()
    assert not path.exists()


def test_without_a_place_lines_are_only_finished():
    writer = JournalWriter(None)
    line = {}
    writer.add(line, lambda line: line.update(done=True))
    writer.note(lambda: state(1.0))
    writer.flush()
    assert (line, writer.log) == ({"done": True}, None)
    writer.close()


def test_without_anything_to_do_there_is_no_thread(tmp_path):
    before = threading.active_count()
    writer = JournalWriter(None)
    writer.add({"number": 1})
    JournalWriter(Place(tmp_path, "cells"))
    assert threading.active_count() == before


def test_what_comes_after_the_end_is_finished(writer):
    writer.add({"number": 1})
    writer.close()
    late = {}
    writer.add(late, lambda line: line.update(done=True))
    assert late == {"done": True}
    assert writer.wait(0)
    assert lines(writer) == [{"number": 1}]


def test_closing_twice_is_closing_once(writer):
    writer.add({"number": 1})
    writer.close()
    writer.close()
    assert writer.is_complete


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_its_own_hangs_nobody(writer):
    def fail(_line):
        raise RuntimeError("a bug")

    writer.add({"number": 1}, fail)
    writer.flush()
    writer.add({"number": 2})
    assert writer.wait()
    assert ["please report it" in text for text in writer.messages()] == [True]
    writer.close()


def test_a_line_that_can_not_be_written_is_said_and_waits(writer):
    """What JSON doesn't have is a bug, and stops nothing either."""
    writer.add({"number": float("nan")})
    writer.flush()
    assert ["can't write" in text for text in writer.messages()] == [True]
    writer.close()
    assert not writer.is_complete
