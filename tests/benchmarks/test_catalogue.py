"""Which benchmarks there are, and how they are run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from catalogue import BENCHMARKS, FOLDER, Benchmark


def _is_script(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(part, ast.FunctionDef) and part.name == "main" for part in tree.body)


def test_every_script_is_there():
    scripts = {path.stem for path in FOLDER.glob("*.py") if _is_script(path)} - {"__main__"}

    assert {one.name for one in BENCHMARKS} == scripts


@pytest.mark.parametrize("one", BENCHMARKS, ids=lambda one: one.name)
def test_a_script_knows_the_options_that_it_is_given(one):
    given = [word for word in one.arguments(1, True, Path("x")) if word.startswith("--")]

    source = one.script.read_text(encoding="utf-8").replace("add_out(", '"--out"')
    assert [word for word in given if f'"{word}"' not in source] == []


@pytest.mark.parametrize(
    ("one", "quick", "reason"),
    [
        (Benchmark("a"), False, ""),
        (Benchmark("a", long=True), False, "it takes long"),
        (Benchmark("a", long=True, quick=()), True, ""),
        (Benchmark("a"), True, "it has no quick way"),
        (Benchmark("a", quick=(), window=True), True, "it opens a window"),
    ],
)
def test_what_is_left_out_has_a_reason(one, quick, reason):
    assert one.left_out(quick) == reason


def test_rounds_that_are_asked_for_count():
    one = Benchmark("a", quick=("--rounds", "1", "--size", "9"))

    assert one.arguments(4, True, None) == ["--rounds", "1", "--size", "9", "--rounds", "4"]
    assert one.arguments(None, False, Path("x")) == ["--out", "x"]
