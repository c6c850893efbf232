"""The dock widget "Learn" in a real window, with the real model and tiny images."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QFileDialog, QLabel

from learning_discs import disc_image, disc_labels
from napari_cutout.widgets.learn import commands

pytestmark = pytest.mark.gui

TAB = Qt.FocusPolicy.TabFocus


def choose(box, name):
    """Choose an entry, as a person does."""
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())


def test_from_the_plan_to_the_model_in_use_and_back(opened):
    """What a person sees and presses, one after the other."""
    one = opened()
    widget, learning, cut_out = one.widget, one.learning, one.cut_out
    assert "24 objects in 1 frame" in widget.learning_from.own.text()
    assert "learn from" in widget.plan.text()
    assert "which it doesn't learn from" in widget.plan.text()
    assert widget.train.isEnabled()
    assert not widget.result.isVisible()
    assert not widget.curves.isVisible()

    widget.train.click()
    assert not widget.train.isVisible()
    assert widget.stop.isVisible()
    one.wait(lambda: learning.course.losses)
    assert widget.curves.isVisible()
    assert not widget.how.isVisible()
    one.settle()

    outcome = learning.outcome
    assert widget.train.isVisible()
    assert widget.how.isVisible()
    assert f"{outcome.before:.2f} before, {outcome.after:.2f} now" in widget.result.text.text()
    assert "at best" in widget.curves.accessibleDescription()
    assert widget.samples.samples
    assert cut_out.session.model == "compact"
    widget.result.use.click()
    one.settle()
    assert cut_out.session.model == outcome.path
    assert cut_out.model.model == outcome.path
    assert not widget.result.use.isEnabled()
    assert "model of Cut Out now" in widget.result.file.text()
    assert widget.how.start.itemText(0).startswith(outcome.path.name)
    widget.result.back.click()
    one.settle()
    assert cut_out.session.model == "compact"
    assert cut_out.model.model == "compact"
    assert widget.result.use.isEnabled()


def test_what_was_trained_is_in_the_list_of_models(opened):
    from napari_cutout.widgets.models import ModelChoice

    one = opened()
    one.train(steps=1)
    choice = ModelChoice()
    one.wait(lambda: choice.findText(one.learning.outcome.path.name) >= 0)
    place = choice.findText(one.learning.outcome.path.name)
    assert choice.itemData(place) == one.learning.outcome.path
    assert choice.itemText(choice.count() - 1) == "From file ..."
    choice.deleteLater()


def test_what_is_chosen_is_learned_with(opened, tmp_path, monkeypatch):
    """Every control changes what it says, and shows what a script changes."""
    one = opened()
    how, learning = one.widget.how, one.learning
    choose(how.what, "all")
    assert learning.options.what == "all"
    how.minutes.setValue(5)
    assert learning.options.minutes == 5
    how.minutes.setValue(0)
    assert learning.options.minutes is None
    assert how.minutes.text() == "no limit"
    assert not {"what", "minutes"} & set(how.options.controls)
    how.options.controls["rank"].setValue(4)
    assert learning.options.rank == 4
    one.widget._use_option("rank", 0)
    assert learning.options.rank == 4
    assert any("rank is 1 or more" in note for note in one.notes)
    one.settle()
    assert how.options.controls["rank"].value() == 4
    learning.set_options(what="lora")
    one.settle()
    assert how.what.currentData() == "lora"
    named = tmp_path / "own"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(named), ""))
    how.save_as.click()
    one.settle()
    assert learning.out == named.with_suffix(".safetensors")
    assert how.out.text() == "own.safetensors"


def test_why_it_cannot_be_planned_is_said_in_place(opened):
    """Without labels, with too few objects, and when there are enough again."""
    one = opened()
    widget, session = one.widget, one.cut_out.session
    session.delete(range(4, 25))
    one.settle()
    assert "too few" in widget.plan.text()
    assert not widget.train.isEnabled()
    session.undo()
    one.settle()
    assert "too few" not in widget.plan.text()
    assert widget.train.isEnabled()
    one.viewer.layers.remove(one.labels)
    one.settle()
    assert not widget.train.isEnabled()
    assert not widget.learning_from.own.isEnabled()
    assert widget.learning_from.nothing.isVisible()


def test_other_layers_and_folders(opened, tmp_path):
    """Added and taken away with the mouse; what is missing is said."""
    one = opened()
    panel, learning = one.widget.learning_from, one.learning
    panel.more.toggleButton().click()
    labels = disc_labels(48, 64)
    image = one.viewer.add_image(disc_image(labels), name="second")
    layer = one.viewer.add_labels(labels, name="by hand")
    one.settle()
    panel.add_layers.click()
    assert any("choose an image, and labels" in note for note in one.notes)
    panel.image.setCurrentIndex(panel.image.findText("second"))
    panel.labels.setCurrentIndex(panel.labels.findText("by hand"))
    panel.add_layers.click()
    one.settle()
    (row,) = panel.rows
    assert row.text.text() == "by hand on second: 12 objects in 1 frame"
    panel.add_folder.click()
    assert any("choose a folder" in note for note in one.notes)
    panel.images.setText(str(tmp_path / "nowhere"))
    panel.add_folder.click()
    assert any("isn't there" in note for note in one.notes)
    panel.images.setText(str(tmp_path))
    QTest.keyClick(panel.images, Qt.Key.Key_Return)
    one.settle()
    assert panel.images.text() == ""
    assert [row.example.name for row in panel.rows] == ["by hand on second", tmp_path.name]
    assert str(tmp_path) in one.widget.plan.text()
    panel.rows[1].remove.click()
    one.settle()
    assert len(panel.rows) == 1
    one.viewer.layers.remove(layer)
    one.settle()
    assert panel.rows == []
    assert learning.added == ()
    assert image in one.viewer.layers


def test_its_own_labels_may_be_left_out(opened):
    one = opened()
    one.widget.learning_from.own.click()
    one.settle()
    assert one.learning.examples == ()
    assert not one.widget.train.isEnabled()
    one.widget.learning_from.own.click()
    one.settle()
    assert one.widget.train.isEnabled()


def test_stopped_with_the_key_and_gone_on_with(opened):
    """The best so far is offered; what was stopped can be gone on with, in the same file."""
    one = opened()
    widget, learning = one.widget, one.learning
    learning.set_options(steps=300)
    one.settle()
    widget.train.click()
    one.wait(lambda: learning.course.best is not None)
    widget.stop.click()
    assert not widget.stop.isEnabled()
    one.settle()
    assert widget.result.isVisible()
    assert widget.result.text.text().startswith("Stopped")
    path = learning.outcome.path
    choose(widget.how.start, "unfinished")
    one.settle()
    assert widget.how.out.text() == path.name
    widget.train.click()
    one.wait(lambda: learning.course.losses)
    assert learning.course.losses[0][0] > 1
    widget.stop.click()
    one.settle()
    assert learning.outcome.path == path


def test_commands_press_the_buttons(opened, make_napari_viewer):
    one = opened()
    commands.train(one.viewer)
    one.settle()
    assert one.learning.outcome is not None
    commands.use(one.viewer)
    one.settle()
    assert one.learning.is_used
    commands.go_back(one.viewer)
    assert not one.learning.is_used
    commands.stop(one.viewer)
    commands.train(make_napari_viewer())
    assert any("Learn isn't open in this window" in note for note in one.notes)


def test_everything_can_be_reached_and_says_what_it_is(opened):
    """By Tab, with a tooltip; nothing takes the focus from the canvas when it is clicked."""
    one = opened()
    one.train()
    one.widget.learning_from.more.toggleButton().click()
    one.widget.how.options.toggleButton().click()
    one.settle()
    controls = [
        control
        for kind in (QAbstractButton, QAbstractSpinBox, QComboBox)
        for control in one.widget.findChildren(kind)
        if control.isVisibleTo(one.widget)
    ]
    assert len(controls) > 15
    for control in controls:
        if isinstance(control, QAbstractButton | QComboBox) and control.parent() is not None:
            assert control.toolTip(), (control, getattr(control, "text", str)())
            assert control.focusPolicy() & TAB
    shown = [label for label in one.widget.findChildren(QLabel) if label.isVisibleTo(one.widget)]
    assert all("&" not in label.text() or label.buddy() for label in shown)


def test_a_narrow_and_low_dock_cuts_nothing_off(opened):
    """It is scrolled up and down, never sideways."""
    one = opened()
    one.train()
    widget = one.widget
    viewport = widget.curves
    while viewport.objectName() != "qt_scrollarea_viewport":
        viewport = viewport.parentWidget()

    def fits():
        widget.resize(widget.minimumSizeHint().width(), 420)
        return max(widget.curves.width(), widget.how.width()) <= viewport.width()

    one.wait(fits)
    assert widget.train.isVisible()
    assert widget.result.isVisible()
    assert widget.width() < 420


def test_the_window_lives_while_it_learns(opened, qtbot):
    """Prompts are answered meanwhile, by the model in use."""
    one = opened()
    one.learning.set_options(steps=300)
    one.settle()
    one.widget.train.click()
    one.wait(lambda: one.learning.course.losses)
    session = one.cut_out.session
    session.add_point((8, 8))
    session.update()
    qtbot.waitUntil(lambda: bool(session.answers_shown), timeout=120_000)
    assert one.learning.is_running
    number = session.commit()
    assert np.asarray(one.labels.data)[8, 8] == number
    one.widget.stop.click()
    one.settle()
