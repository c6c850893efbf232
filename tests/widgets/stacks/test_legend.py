"""A button for each state that there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QVBoxLayout, QWidget

from napari_cutout.widgets.stacks.legend import TEXTS, Legend
from napari_cutout.widgets.stacks.pooling import STATES, codes_of

pytestmark = pytest.mark.gui


@pytest.fixture
def legend(qtbot):
    shown = Legend()
    qtbot.addWidget(shown)
    shown.show()
    return shown


def test_only_what_there_is_has_a_button_with_its_number(legend):
    legend.show_codes(codes_of(["found", "stopped", "found", ""]))

    shown = {state: one.text() for state, one in legend.buttons.items() if one.isVisible()}
    assert shown == {"found": "2 found", "stopped": "1 stopped"}


def test_states_that_do_not_occur_leave_no_gap(legend, qtbot):
    legend.show_codes(codes_of(["embedded", "found", "stopped"]))
    legend.show_codes(codes_of(["stopped", "failed"]))
    legend.resize(400, 60)
    qtbot.waitUntil(lambda: legend.buttons["stopped"].x() == 0)

    assert legend.buttons["failed"].x() == legend.buttons["stopped"].geometry().right() + 5


@pytest.mark.parametrize("before", [["found"], [""]])
def test_a_single_state_has_room(qtbot, before):
    column = QWidget()
    qtbot.addWidget(column)
    legend = Legend(column)
    QVBoxLayout(column).addWidget(legend)
    column.layout().addStretch(1)
    column.show()
    legend.show_codes(codes_of(before))
    QApplication.processEvents()
    legend.show_codes(codes_of(["linked"]))
    qtbot.waitUntil(lambda: legend.height() >= legend.buttons["linked"].sizeHint().height())


def test_a_button_asks_for_the_next(legend):
    heard = []
    legend.asked.connect(heard.append)
    legend.show_codes(codes_of(["found", "stopped"]))
    legend.buttons["stopped"].click()
    legend.buttons["found"].setFocus()
    QTest.keyClick(legend.buttons["found"], Qt.Key.Key_Space)

    assert heard == ["stopped", "found"]


def test_every_state_is_explained(legend):
    assert set(TEXTS) == set(STATES) - {""}
    assert all(one.toolTip() for one in legend.buttons.values())


def test_the_page_of_the_documentation_explains_every_state():
    page = Path(__file__).parents[3].joinpath("docs", "stacks.md").read_text(encoding="utf-8")

    assert [state for state in STATES if state and f"| *{state}*: " not in page] == []
