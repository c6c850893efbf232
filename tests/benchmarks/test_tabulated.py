"""Tables as data."""

from __future__ import annotations

import pytest
from tabulated import show, table


def test_a_row_with_another_number_of_cells_is_refused():
    with pytest.raises(ValueError, match=r"1 cells, expected 2: \('a',\)"):
        table("", ["what", "s"], [["a"]])


def test_a_heading_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match="headings have to differ"):
        table("", ["what", "s", "s"], [])


def test_columns_of_figures_are_told_from_words():
    rows = [["8 px", "1.5 (1.2 to 2.0)", "yes", "-3"], ["9 px", "", "12", "2"]]

    assert table("", ["size", "s", "found", "by"], rows).figures == (False, True, False, True)


def test_records_are_cells_by_heading():
    assert table("", ["what", "s"], [["a", "1"]]).records() == [{"what": "a", "s": "1"}]


def test_a_wide_table_and_its_notes_are_printed_whole(capsys):
    wide = table(
        "t", [f"column {n}" for n in range(20)], [[f"cell {n}" for n in range(20)]], ["n!"]
    )

    show([wide])

    printed = capsys.readouterr().out
    assert [n for n in range(20) if f"cell {n} " not in printed] == []
    assert "n!" in printed
