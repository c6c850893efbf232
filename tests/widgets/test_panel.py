"""The panel fits into a dock, explains itself, and is reached by keys."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QKeySequence, QWheelEvent
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QScrollBar,
)

from napari_cutout.layers.pointing import TOOLS
from napari_cutout.sam.catalogue import catalogue
from napari_cutout.widgets.icons import NAMES, icon
from napari_cutout.widgets.models import ModelChoice
from napari_cutout.widgets.panel import Panel
from napari_cutout.widgets.tools import TOOL_BUTTONS

pytestmark = pytest.mark.gui

NAPARIS_MENUS = set("FVLPWH")


@pytest.fixture
def panel(qtbot):
    made = Panel()
    qtbot.addWidget(made)
    return made


def controls(panel):
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider)
    found = [control for kind in kinds for control in panel.findChildren(kind)]
    return [control for control in found if not isinstance(control, QScrollBar)]


def test_it_fits_into_a_dock_of_the_usual_width(make_napari_viewer, qtbot):
    viewer = make_napari_viewer()
    _, widget = viewer.window.add_plugin_dock_widget("napari-cutout", "Cut Out")
    widget.mask_options.expand(animate=False)
    QApplication.processEvents()
    assert widget.minimumSizeHint().width() <= 320
    assert widget.minimumSizeHint().height() <= 400


def test_there_is_a_button_for_every_tool(panel):
    assert tuple(panel.tools) == TOOLS
    assert {known.tool for known in TOOL_BUTTONS} <= set(NAMES)


def test_every_control_has_a_tip_and_a_place_in_the_path_of_the_keyboard(panel):
    found = controls(panel)
    assert len(found) > 30
    assert all(control.toolTip() for control in found)
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in found)


def test_buttons_without_text_have_names_for_screen_readers(panel):
    for tool in panel.tools.values():
        assert tool.accessibleName()


def test_no_two_mnemonics_are_the_same_nor_one_of_naparis_menus(panel):
    texts = [control.text() for control in controls(panel) if isinstance(control, QAbstractButton)]
    texts += [label.text() for label in panel.findChildren(QLabel) if label.buddy()]
    keys = [QKeySequence.mnemonic(text).toString().removeprefix("Alt+") for text in texts]
    counted = Counter(key for key in keys if key)
    assert counted
    assert max(counted.values()) == 1, counted
    assert not NAPARIS_MENUS & set(counted)
    shortcuts = Counter(
        control.shortcut().toString()
        for control in controls(panel)
        if isinstance(control, QAbstractButton) and control.shortcut().toString()
    )
    assert max(shortcuts.values()) == 1, shortcuts


@pytest.mark.parametrize("name", NAMES)
def test_icons_have_lines_that_are_seen(name):
    color = QLabel().palette().color(QLabel().foregroundRole())
    drawn = icon(name, color).pixmap(32, 32).toImage()
    alpha = [drawn.pixelColor(x, y).alpha() for x in range(32) for y in range(32)]
    assert 60 < np.count_nonzero(np.array(alpha) > 128) < 900


def test_icons_are_drawn_anew_in_another_theme(panel):
    button = panel.tools["boxes"]
    panel.setStyleSheet("QWidget { color: #ff0000; }")
    image = button.icon().pixmap(32, 32).toImage()
    colors = {image.pixelColor(x, y).name() for x in range(32) for y in range(32)}
    assert "#ff0000" in colors


def test_the_wheel_scrolls_and_changes_nothing(panel):
    panel.show()
    panel.number.setValue(3)
    panel.number.clearFocus()
    for control in (panel.number, panel.policy, panel.mask_options.slider):
        place = QPointF(control.rect().center())
        event = QWheelEvent(
            place,
            control.mapToGlobal(place),
            QPoint(0, -120),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, event)
    assert panel.number.value() == 3
    assert panel.policy.currentData() == "new_on_top"
    assert panel.mask_options.slider.value() == 0


def test_what_is_said_of_a_brush_and_of_napari(panel):
    panel.show_tool("lasso", None)
    assert "Lasso: drag" in panel._prompts.tools.hint.text()
    panel.show_tool(None, "erase")
    assert panel.brushes["erase"].isChecked()
    assert "Eraser" in panel._prompts.tools.hint.text()
    panel.show_tool(None, None)
    assert "napari's controls" in panel._prompts.tools.hint.text()


def test_the_licence_of_the_model_is_shown_and_what_it_needs(panel, tmp_path):
    assert catalogue()["compact"].licence in panel.about.text()
    assert "no network" in panel.about.text()
    changed = []
    panel.model.model_changed.connect(changed.append)
    panel.model.choose_file(tmp_path / "my.pt")
    assert changed == [tmp_path / "my.pt"]
    assert "mind its licence" in panel.about.text()


@pytest.mark.parametrize(
    ("model", "what"),
    [("vit_b", "models get vit_b"), ("nonsense", "no model is called"), ("no/such", "models get")],
)
def test_a_preferred_model_that_is_not_there_is_explained(panel, model, what):
    assert what in panel.model.prefer(model)
    assert panel.model.model == "compact"


def test_a_preferred_file_is_chosen(panel, tmp_path):
    path = tmp_path / "my.pt"
    assert "isn't there" in panel.model.prefer(path)
    path.touch()
    assert panel.model.prefer(path) == ""
    assert panel.model.model == path
    assert panel.model.prefer("compact") == ""
    assert panel.model.model == "compact"


def test_a_model_that_came_to_the_disk_is_offered(panel, monkeypatch):
    names = lambda: [panel.model.itemText(k) for k in range(panel.model.count())]  # noqa: E731
    assert "vit_b" not in names()
    monkeypatch.setattr("napari_cutout.widgets.models.is_on_disk", lambda row: True)
    panel.model.showPopup()
    panel.model.hidePopup()
    assert "vit_b" in names()
    assert names()[-1].startswith("From file")
    assert panel.model.currentText() == "compact"


def test_what_is_on_disk_is_offered_in_the_order_of_the_catalogue(qtbot, monkeypatch):
    there = ["compact", "vit_b", "vit_h"]
    monkeypatch.setattr("napari_cutout.widgets.models.is_on_disk", lambda row: row.name in there)
    choice = ModelChoice()
    qtbot.addWidget(choice)
    assert choice.prefer("vit_h") == ""
    names = lambda: [choice.itemText(k) for k in range(choice.count())]  # noqa: E731
    qtbot.waitUntil(lambda: "vit_b" in names(), timeout=30_000)
    order = [name for name in catalogue() if name in there]
    assert names() == [*order, "From file ..."]
    assert choice.currentText() == choice.model == "vit_h"


def test_the_keyboard_goes_through_it_from_top_to_bottom(panel):
    panel.show()
    wanted = [
        panel.image,
        panel.labels,
        panel.model,
        *panel.tools.values(),
        panel.polarity,
        panel.number,
        *panel.candidates,
        panel.policy,
        panel.actions["commit"],
        panel.actions["redo"],
    ]
    order, control = [], panel.image
    while control not in order:
        order.append(control)
        control = control.nextInFocusChain()
    assert [order.index(control) for control in wanted] == sorted(map(order.index, wanted))
