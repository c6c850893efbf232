"""The dock widget "Everything" in a real window, beside "Cut Out" with a model of known answers."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest
from qtpy.QtCore import QCoreApplication, QEvent, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox

import canvas
from everything_window import QUICK, found, frame, opened, settled
from exact_family import ExactFamily
from napari_cutout.segment import Segmenter
from napari_cutout.widgets import CutOut, Everything, Objects, commands
from napari_cutout.widgets.everything.panel import EverythingPanel

pytestmark = pytest.mark.gui

IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


class Gated(ExactFamily):
    """Answers when it is let."""

    def __init__(self):
        super().__init__()
        self.gate, self.asked = threading.Semaphore(0), threading.Event()

    def decode(self, features, prompts, multimask):
        self.asked.set()
        assert self.gate.acquire(timeout=30)
        return super().decode(features, prompts, multimask)


class WithoutDense:
    """A family that has no dense head."""

    def __init__(self):
        exact = ExactFamily()
        self.info, self.fingerprint = exact.info, exact.fingerprint
        self.encode, self.decode, self.draft = exact.encode, exact.decode, exact.draft
        self.logits_size, self.upscale = exact.logits_size, exact.upscale
        self.mask_prompt = exact.mask_prompt


def test_finding_and_committing(make_napari_viewer, qtbot):
    """The buttons, the count in words, one undo."""
    widget, cut_out = opened(make_napari_viewer(), qtbot)
    assert not widget.commit.isEnabled()
    assert widget.count.text() == "Nothing found yet"
    widget.find.click()
    assert not widget.find.isEnabled()
    settled(widget, qtbot)
    assert widget.count.text() == "2 of 2 kept"
    assert widget.status == "2 objects found. Choose among them, then commit."
    widget.commit.click()
    settled(widget, qtbot)
    assert np.count_nonzero(cut_out.session.labels.data) == 298
    assert widget.count.text() == "Nothing found yet"
    cut_out.session.undo()
    assert not cut_out.session.labels.data.any()
    assert widget.count.text() == "2 of 2 kept"


def test_nothing_moves_when_the_progress_is_shown_and_hidden(qtbot):
    """Where the dock grew, napari would paint the canvas at once."""
    panel = EverythingPanel()
    qtbot.addWidget(panel)
    panel.show()
    shown = []
    for is_shown in (False, True):
        panel._row_of_progress.setVisible(is_shown)
        panel.layout().activate()
        shown.append((panel.find.geometry(), panel.minimumSizeHint()))
    assert shown[0] == shown[1]


def test_sliders_keep_and_drop_at_once(make_napari_viewer, qtbot):
    """By the keyboard too; each says what it keeps, and its histogram shows it."""
    viewer = make_napari_viewer(show=True)
    widget, _ = found(viewer, qtbot)
    score, area = widget.filters.score, widget.filters.area
    assert score.histogram.counts.sum() == 2
    assert score.value_text.text() == "any"
    low, high = area.slider.minimum(), area.slider.maximum()
    area.slider.setValue(((low + high) / 2, high))
    assert widget.count.text() == "1 of 2 kept"
    assert area.value_text.text().startswith("≥ 1")
    assert not area.histogram.kept[0]
    assert area.histogram.kept[-1]
    score.slider.setFocus()
    QTest.keyClick(score.slider, Qt.Key.Key_End)
    assert widget.count.text() == "0 of 2 kept"
    assert not widget.commit.isEnabled()
    assert score.value_text.text() == "≥ 1.00"
    area.value = 0.0, None
    QTest.keyClick(area.slider, Qt.Key.Key_PageUp)
    QTest.keyClick(area.slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert area.value == (102.0, 199.0)
    widget.reset.click()
    assert widget.count.text() == "2 of 2 kept"
    assert (area.value, score.value) == ((0.0, None), 0.0)


def test_filters_that_a_script_sets_are_shown(make_napari_viewer, qtbot):
    """The sliders follow."""
    widget, _ = found(make_napari_viewer(), qtbot)
    widget.finding.set_filters(min_roundness=0.25, drop_touching_border=True, max_overlap=0.5)
    filters = widget.filters
    assert filters.roundness.value == 0.25
    assert filters.border.isChecked()
    assert filters.overlap.value_text.text() == "≤ 0.50"
    assert filters.filters == widget.finding.filters


def test_clicks_drop_and_keep(make_napari_viewer, qtbot):
    """Meanwhile no prompt is placed, and what is left out is outlined; Escape ends it."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = found(viewer, qtbot)
    image, active = cut_out.session.image, viewer.layers.selection.active
    widget.pick.click()
    canvas.click(viewer, image.data_to_world(IN_LEFT))
    assert widget.count.text() == "1 of 2 kept"
    assert "left out by hand" in widget.status
    assert f"left out in {image.name}" in viewer.layers
    canvas.click(viewer, image.data_to_world(IN_LEFT))
    assert widget.count.text() == "2 of 2 kept"
    canvas.click(viewer, image.data_to_world((1, 1)))
    assert widget.status == "No object was found there."
    QTest.keyClick(widget, Qt.Key.Key_Escape)
    assert not widget.pick.isChecked()
    assert viewer.layers.selection.active == active
    assert f"left out in {image.name}" not in viewer.layers
    assert not cut_out.session.has_prompts


def test_choosing_another_layer_ends_clicks(make_napari_viewer, qtbot):
    """Its tool is what the person wants."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = found(viewer, qtbot)
    widget.pick.click()
    viewer.layers.selection.active = cut_out.session.points_layer
    assert not widget.pick.isChecked()
    assert viewer.layers.selection.active == cut_out.session.points_layer


def test_the_score_of_what_lies_under_the_cursor(make_napari_viewer, qtbot):
    """In the status line; beside objects it is what was said before."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = found(viewer, qtbot)
    said, image = widget.status, cut_out.session.image
    canvas.hover(viewer, image.data_to_world(IN_RIGHT))
    assert widget.status == "Object 1: score 0.90, stability 0.00, 200 px, kept."
    canvas.hover(viewer, image.data_to_world((1, 1)))
    assert widget.status == said


def test_cancelling_keeps_what_was_found(make_napari_viewer, qtbot):
    """The button shows while it works, with how far it is."""
    family = Gated()
    widget, _ = opened(make_napari_viewer(show=True), qtbot, Segmenter.from_family(family, "gated"))
    widget.find.click()
    qtbot.waitUntil(family.asked.is_set, timeout=30_000)
    qtbot.waitUntil(widget.cancel.isVisible, timeout=30_000)
    family.gate.release(2)
    qtbot.waitUntil(lambda: widget.progress.value() >= 16, timeout=30_000)
    widget.cancel.click()
    family.gate.release(50)
    settled(widget, qtbot)
    assert widget.status.startswith("Cancelled; ")
    assert widget.finding.progress[0] < widget.finding.progress[1]
    assert widget.finding.kept_count >= 1
    assert not widget.cancel.isVisible()


def test_the_image_goes_while_it_works(make_napari_viewer, qtbot):
    """Nothing is left, and nothing comes later."""
    family = Gated()
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot, Segmenter.from_family(family, "gated"))
    widget.find.click()
    qtbot.waitUntil(family.asked.is_set, timeout=30_000)
    viewer.layers.remove(cut_out.session.image)
    family.gate.release(50)
    settled(widget, qtbot)
    assert widget.finding is None
    assert "no image" in widget.notice.text()
    assert not [layer for layer in viewer.layers if layer.name.startswith("found in")]


def test_a_mode_that_the_model_lacks_says_why(make_napari_viewer, qtbot):
    """It can't be chosen, and the tooltip says what to do."""
    segmenter = Segmenter.from_family(WithoutDense(), "plain")
    widget, _ = opened(make_napari_viewer(), qtbot, segmenter)
    settled(widget, qtbot)
    item = widget.mode.model().item(widget.mode.findData("instances"))
    assert not item.isEnabled()
    assert "plain" in item.toolTip()
    assert widget.mode.currentData() == "grid"


def test_options_are_shown_and_set(make_napari_viewer, qtbot, monkeypatch):
    """Those of the mode, with what they mean; what is out of range is a notification."""
    told = []
    monkeypatch.setattr("napari_cutout.widgets.beside.show_warning", told.append)
    widget, _ = opened(make_napari_viewer(), qtbot)
    settled(widget, qtbot)
    controls = widget.options.controls
    assert "each side of the frame" in controls["points_per_side"].toolTip()
    controls["points_per_side"].setValue(9)
    assert widget.finding.options.points_per_side == 9
    controls["box_nms_thresh"].setValue(7)
    settled(widget, qtbot)
    assert "box_nms_thresh" in told[-1]
    assert controls["box_nms_thresh"].value() == 0.7
    widget.mode.setCurrentIndex(widget.mode.findData("instances"))
    widget.mode.activated.emit(0)
    settled(widget, qtbot)
    assert "foreground" in widget.options.controls
    offered = widget.known.model().item(widget.known.findData("use as seeds"))
    assert not offered.isEnabled()


def test_inside_the_shapes_of_a_layer(make_napari_viewer, qtbot):
    """The choice of the layer shows when it is needed."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    region = viewer.add_shapes([[[18, 25], [18, 59], [39, 59], [39, 25]]], name="region")
    settled(widget, qtbot)
    assert not widget.shapes.isVisible()
    widget.where.setCurrentIndex(widget.where.findData("shapes"))
    widget.where.activated.emit(2)
    settled(widget, qtbot)
    assert widget.shapes.isVisible()
    widget.shapes.setCurrentText("region")
    widget.shapes.activated.emit(widget.shapes.currentIndex())
    assert widget.finding.shapes == region
    widget.find.click()
    settled(widget, qtbot)
    assert [one.box for one in widget.finding.objects] == [(20, 30, 29, 49)]
    assert cut_out.session.labels is None


def test_boxes_are_refined(make_napari_viewer, qtbot):
    """What comes is chosen among and committed in the same way."""
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot)
    boxes = viewer.add_shapes([[[4, 5], [4, 20], [12, 20], [12, 5]]], name="boxes")
    settled(widget, qtbot)
    widget.more.layer.setCurrentText(boxes.name)
    widget.more.refine.click()
    settled(widget, qtbot)
    assert [one.box for one in widget.finding.objects] == [(5, 6, 11, 19)]
    widget.commit.click()
    assert np.count_nonzero(cut_out.session.labels.data) == 98
    (record,) = cut_out.session.objects
    assert record.found.mode == "refine"


def test_edges_become_a_layer(make_napari_viewer, qtbot):
    """It lies on the image."""
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot)
    cut_out.session.image.scale = (2, 2)
    widget.more.edges.click()
    settled(widget, qtbot)
    layer = viewer.layers[f"edges of {cut_out.session.image.name}"]
    assert layer.data.shape == (40, 60)
    np.testing.assert_allclose(layer.data_to_world((3, 4)), (6, 8))


def test_more_like_nothing_is_said(make_napari_viewer, qtbot, monkeypatch):
    """Without a committed object there is no kind."""
    told = []
    monkeypatch.setattr("napari_cutout.widgets.beside.show_warning", told.append)
    widget, _ = opened(make_napari_viewer(), qtbot)
    widget.more.like.click()
    assert "commit and choose one" in told[-1]


def test_more_like_the_rows_selected_in_objects(make_napari_viewer, qtbot):
    """The exact model has no idea of kinds: that it looks, from the row, is what counts."""
    viewer = make_napari_viewer()
    widget, _ = found(viewer, qtbot)
    widget.commit.click()
    table = Objects(viewer)
    viewer.window.add_dock_widget(table, name="Objects")
    qtbot.waitUntil(lambda: not table.is_busy, timeout=30_000)
    table.view.select([2])
    asked = []
    widget.finding.find_like = lambda *given: asked.append(given)
    widget.more.like.click()
    widget.more.all_frames.click()
    widget.more.like.click()
    assert asked == [((2,), "shown"), ((2,), "all")]


def test_it_follows_cut_out(make_napari_viewer_proxy, qtbot):
    """Without it, on another image, and when it is closed."""
    viewer = make_napari_viewer_proxy()
    widget = Everything(viewer)
    viewer.window.add_dock_widget(widget, name="Everything")
    settled(widget, qtbot)
    assert widget.finding is None
    assert "isn't open" in widget.notice.text()
    assert not widget.find.isEnabled()
    images = viewer.add_image(frame()), viewer.add_image(frame())
    cut_out = CutOut(viewer)
    dock = viewer.window.add_dock_widget(cut_out, name="Cut Out")
    for image in images:
        cut_out.work_on(image)
        qtbot.waitUntil(
            lambda image=image: (
                widget.finding is not None and widget.finding.session.image == image
            ),
            timeout=20_000,
        )
    assert widget.find.isEnabled()
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: widget.finding is None, timeout=20_000)
    assert "isn't open" in widget.notice.text()


def test_what_is_found_is_no_target(make_napari_viewer, qtbot):
    """Cut Out doesn't offer the layer to commit to."""
    widget, cut_out = found(make_napari_viewer(), qtbot)
    names = [cut_out.labels.itemText(k) for k in range(cut_out.labels.count())]
    assert widget.finding.layers[0].name not in names


def test_two_windows_share_nothing(make_napari_viewer, qtbot):
    """What is found in one isn't shown in the other."""
    widget, _ = found(make_napari_viewer(), qtbot)
    other, _ = opened(make_napari_viewer(), qtbot)
    assert (widget.finding.count, other.finding.count) == (2, 0)


def use_and_close(viewer, qtbot):
    widget = Everything(viewer)
    dock = viewer.window.add_dock_widget(widget, name="Everything")
    settled(widget, qtbot)
    widget.finding.options = QUICK
    widget.find.click()
    settled(widget, qtbot)
    widget.pick.click()
    widget.options.expand(animate=False)
    viewer.window.remove_dock_widget(dock)
    widget.deleteLater()
    return weakref.ref(widget), weakref.ref(widget._thread)


def test_closed_and_collected(make_napari_viewer, qtbot):
    """Nothing of the viewer or the session holds it; its clicks and layers are gone."""
    viewer = make_napari_viewer()
    first, cut_out = opened(viewer, qtbot)
    first.shut()
    drags, moves = len(viewer.mouse_drag_callbacks), len(viewer.mouse_move_callbacks)
    layers = list(viewer.layers)
    gone = use_and_close(viewer, qtbot)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [one() for one in gone] == [None, None]
    assert len(viewer.mouse_drag_callbacks) == drags
    assert len(viewer.mouse_move_callbacks) == moves
    assert list(viewer.layers) == layers
    cut_out.session.undo()


def test_closed_while_it_works(make_napari_viewer, qtbot):
    """The thread ends by itself, unheard."""
    family = Gated()
    viewer = make_napari_viewer()
    widget, _ = opened(viewer, qtbot, Segmenter.from_family(family, "gated"))
    widget.find.click()
    qtbot.waitUntil(family.asked.is_set, timeout=30_000)
    widget.shut()
    family.gate.release(50)
    qtbot.wait(50)
    assert not [layer for layer in viewer.layers if layer.name.startswith("found in")]


def test_commands_of_the_palette(make_napari_viewer, qtbot, monkeypatch):
    """They act on the widget of that viewer, or say what to open."""
    told = []
    monkeypatch.setattr("napari.utils.notifications.show_warning", told.append)
    viewer = make_napari_viewer()
    commands.find_everything(viewer)
    assert "Plugins > Cut Out > Everything" in told[-1]
    widget, cut_out = opened(viewer, qtbot)
    commands.find_everything(viewer)
    settled(widget, qtbot)
    commands.commit_everything(viewer)
    assert np.count_nonzero(cut_out.session.labels.data) == 298


def test_every_control_explains_itself(make_napari_viewer, qtbot):
    """Tooltips, a way by keyboard, a name for each slider, and no mnemonic twice."""
    widget, _ = found(make_napari_viewer(), qtbot)
    widget.options.expand(animate=False)
    controls = [
        control
        for kind in (QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox)
        for control in widget.findChildren(kind)
        if not isinstance(control.parent(), QAbstractSpinBox)
        and control.objectName() not in ("qt_scrollarea_vcontainer",)
        and "Scroll" not in type(control).__name__
    ]
    assert [control for control in controls if not control.toolTip()] == []
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)
    assert all(one.slider.accessibleName() for one in widget.filters.sliders)
    texts = [control.text() for control in controls if isinstance(control, QAbstractButton)]
    texts += [label.text() for label in widget.findChildren(type(widget.count)) if label.buddy()]
    keys = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
    assert sorted(keys) == sorted(set(keys))
