"""Pages that are written of tables."""

from __future__ import annotations

import json
import sys

import pytest
from charts import Chart, Line
from machine import machine, versions
from pages import command, report
from tabulated import table

CHART = Chart("growth", "n", "ms", (Line("a", ((1.0, 1.0), (2.0, 2.0)), 1),))
TABLES = [
    table("first", ["what", "s"], [["a | b", "1.0"], ["", "2.0"]], ["_A._note *with* a < b."]),
    table("second", ["n", "ms"], [["1", "2"]], chart=CHART),
]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The folder with a page."""
    monkeypatch.setattr(sys, "argv", ["x", "--rounds", "2", "--out", str(tmp_path / "new")])
    report("/somewhere/large_frame.py", "What it is.\n\nMore.", TABLES, tmp_path / "new")
    return tmp_path / "new"


def test_a_page_has_its_tables_and_notes(written):
    lines = (written / "large_frame.md").read_text().splitlines()

    assert [lines[0], lines[2], lines[4]] == ["# Large frame", "What it is.", "## first"]
    assert lines[6:10] == ["| what | s |", "| :--- | ---: |", r"| a \| b | 1.0 |", "|   | 2.0 |"]
    assert lines[11] == r"\_A.\_note \*with\* a \< b."


def test_a_page_says_what_made_it(written):
    page = (written / "large_frame.md").read_text()

    assert "by `python benchmarks/large_frame.py --rounds 2`." in page
    assert machine() in page
    assert versions() in page


def test_a_chart_is_drawn_beside_its_table(written):
    page = (written / "large_frame.md").read_text()

    assert "![growth](large_frame-2.svg)" in page
    assert sorted(one.name for one in written.glob("*.svg")) == ["large_frame-2.svg"]


def test_figures_are_there_for_programs(written):
    found = json.loads((written / "large_frame.json").read_text())

    assert found["tables"][1]["rows"] == [{"n": "1", "ms": "2"}]
    assert found["machine"] == machine()


@pytest.mark.parametrize("out", [["--out", "x"], ["--out=x"]])
def test_the_command_leaves_out_where_the_page_goes(monkeypatch, out):
    monkeypatch.setattr(sys, "argv", ["x", *out, "--model", "a b"])

    assert command("/a/limits.py") == "python benchmarks/limits.py --model 'a b'"


def test_nothing_is_written_unless_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    report("limits.py", "About.", TABLES)

    assert list(tmp_path.iterdir()) == []
    assert machine() in capsys.readouterr().out
