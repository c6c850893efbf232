"""Proposing classes in the dock widget "Objects", in a real window and with the packaged model."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QLineEdit

from napari_cutout.widgets import CutOut
from napari_cutout.widgets.object_cells import CLASS
from napari_cutout.widgets.objects import Objects
from two_kinds import KINDS, two_kinds

pytestmark = pytest.mark.gui

NAMED = {
    kind: [k + 1 for k, one in enumerate(KINDS) if one == kind][:4] for kind in ("disc", "bar")
}


@pytest.fixture
def window(make_napari_viewer, qtbot):
    """Both widgets in their docks, and labels with two kinds of objects."""
    viewer = make_napari_viewer(show=True)
    image, labels = two_kinds()
    viewer.add_image(image)
    cut_out = CutOut(viewer)
    viewer.window.add_dock_widget(cut_out, name="Cut Out")
    widget = Objects(viewer)
    viewer.window.add_dock_widget(widget, name="Objects")
    cut_out.session.labels = viewer.add_labels(labels)
    qtbot.waitUntil(lambda: len(cut_out.session.objects.ids) == len(KINDS), timeout=20_000)
    shown(widget, qtbot)
    return widget, cut_out.session


def shown(widget, qtbot):
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=60_000)


def name_some(widget, session, qtbot):
    for kind, numbers in NAMED.items():
        session.set_class(numbers, kind)
    shown(widget, qtbot)


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_classes_are_proposed_and_accepted(window, qtbot):
    widget, session = window
    proposing = widget.proposing
    name_some(widget, session, qtbot)
    assert not proposing.accept.isEnabled()
    click(proposing.propose)
    assert proposing.cancel.isVisible()
    shown(widget, qtbot)
    assert not proposing.cancel.isVisible()
    left = len(KINDS) - 8
    assert len(proposing.classes.proposals) == left
    assert "4 bar, 4 disc" in widget.status
    proposing.least.setValue(100)
    assert proposing.summary.text() == f"{left} proposed, none of them so surely."
    assert not proposing.accept.isEnabled()
    proposing.least.setValue(0)
    assert proposing.summary.text().startswith(f"{left} of {left} proposed so surely: ")
    click(proposing.accept)
    shown(widget, qtbot)
    assert len(session.objects.classes) == len(KINDS)
    assert not proposing.summary.isVisible()
    session.undo()
    assert len(session.objects.classes) == 8
    qtbot.waitUntil(proposing.accept.isEnabled, timeout=5_000)


def test_too_few_examples_are_said(window, qtbot, monkeypatch):
    told = []
    monkeypatch.setattr("napari_cutout.widgets.beside.show_warning", told.append)
    widget, session = window
    session.set_class([1, 5, 6], "disc")
    shown(widget, qtbot)
    click(widget.proposing.propose)
    with (
        pytest.warns(UserWarning, match="only 'disc'")
        if False
        else qtbot.waitSignal(widget.proposing.failed, timeout=60_000)
    ):
        pass
    shown(widget, qtbot)
    assert "only 'disc'" in widget.status
    assert told == [widget.status]


def test_proposals_are_dismissed(window, qtbot):
    widget, session = window
    name_some(widget, session, qtbot)
    click(widget.proposing.propose)
    shown(widget, qtbot)
    click(widget.proposing.dismiss)
    assert widget.proposing.classes.proposals == {}
    assert not widget.proposing.dismiss.isVisible()


def test_a_proposal_is_seen_in_the_table_and_accepted_there(window, qtbot):
    widget, session = window
    name_some(widget, session, qtbot)
    click(widget.proposing.propose)
    shown(widget, qtbot)
    number, proposal = next(iter(widget.proposing.proposals.items()))
    cell = widget.table.index(widget.table.place_of(number), CLASS)
    assert cell.data() == f"{proposal.name}? {proposal.confidence:.0%}"
    assert cell.data(Qt.ItemDataRole.FontRole).italic()
    widget.view.edit(cell)
    QTest.keyClick(widget.view.findChild(QLineEdit), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: number in session.objects.classes, timeout=20_000)
    shown(widget, qtbot)
    assert session.objects.class_of(number) == proposal.name
    cell = widget.table.index(widget.table.place_of(number), CLASS)
    assert cell.data() == proposal.name
    assert cell.data(Qt.ItemDataRole.FontRole) is None


def test_it_is_cancelled(window, qtbot):
    widget, session = window
    name_some(widget, session, qtbot)
    click(widget.proposing.propose)
    click(widget.proposing.cancel)
    shown(widget, qtbot)
    assert widget.proposing.classes.proposals == {}
    assert widget.status == "Cancelled; nothing is proposed."


def test_without_a_session_nothing_is_proposed(make_napari_viewer):
    viewer = make_napari_viewer()
    widget = Objects(viewer)
    viewer.window.add_dock_widget(widget, name="Objects")
    assert not widget.proposing.propose.isEnabled()
    assert widget.proposing.classes is None


def test_closing_the_widget_ends_it(window, qtbot):
    widget, session = window
    name_some(widget, session, qtbot)
    classes = widget.proposing.classes
    click(widget.proposing.propose)
    session.viewer.window.remove_dock_widget(widget)
    qtbot.waitUntil(lambda: classes.is_closed, timeout=5_000)
