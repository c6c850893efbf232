"""Each row of "Cut Out" by mouse and keys, on the real canvas."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

import canvas
from napari_cutout.layers import ViewError
from napari_cutout.layers.image import coarser
from napari_cutout.layers.target import pyramids, targets
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.segment import TooLargeError

pytestmark = pytest.mark.gui

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
AROUND_LEFT = ((3, 4), (3, 22), (14, 22), (14, 4))


def mask(*regions):
    found = np.zeros((40, 60), bool)
    for region in regions:
        found[region] = True
    return found


def press(widget, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(widget, key, modifiers)


def test_a_lasso_is_drawn_around_an_object(window):
    window.widget.tools["lasso"].click()
    canvas.draw(window.viewer, [*AROUND_LEFT, (3, 4)])
    window.settle()
    (drawn,) = window.session.prompts.shapes
    assert drawn.kind == "polygon"
    canvas.press(window.viewer, Qt.Key.Key_C)
    assert (window.labels[LEFT] == 1).all()
    assert not window.labels[RIGHT].any()


def test_a_polygon_is_clicked_around_an_object(window):
    window.widget.tools["polygons"].click()
    for place in AROUND_LEFT:
        canvas.click(window.viewer, place)
    canvas.press(window.viewer, Qt.Key.Key_Escape)
    window.settle()
    assert [shape.kind for shape in window.session.prompts.shapes] == ["polygon"]
    canvas.press(window.viewer, Qt.Key.Key_C)
    assert (window.labels[LEFT] == 1).all()


def test_an_ellipse_is_dragged_around_an_object(window):
    window.widget.tools["ellipses"].click()
    canvas.drag(window.viewer, (2, 2), (15, 24))
    window.settle()
    assert [shape.kind for shape in window.session.prompts.shapes] == ["ellipse"]
    canvas.press(window.viewer, Qt.Key.Key_C)
    assert (window.labels[LEFT] == 1).all()


def test_a_scribble_is_drawn_along_an_object_and_one_outside_of_another(window):
    window.widget.tools["scribbles"].click()
    canvas.draw(window.viewer, [(8, 8), (8, 12), (9, 17)])
    canvas.draw(window.viewer, [(25, 32), (25, 40), (24, 46)])
    window.settle()
    window.session.undo()
    canvas.press(window.viewer, Qt.Key.Key_T)
    window.settle()
    assert "outside" in window.widget.polarity.text()
    canvas.draw(window.viewer, [(25, 32), (25, 40), (24, 46)])
    window.settle()
    canvas.press(window.viewer, Qt.Key.Key_C)
    np.testing.assert_array_equal(window.labels, mask(LEFT))


def test_two_boxes_are_two_objects_of_one_commit(window):
    window.widget.tools["boxes"].click()
    canvas.drag(window.viewer, (3, 4), (14, 22))
    canvas.drag(window.viewer, (18, 28), (32, 52))
    window.settle()
    assert len(window.session.answers_shown) == 2
    canvas.press(window.viewer, Qt.Key.Key_C)
    np.testing.assert_array_equal(window.labels, mask(LEFT) + 2 * mask(RIGHT).astype(int))
    canvas.press(window.viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not window.labels.any()
    window.settle()


def test_points_are_objects_of_their_own_by_switch_and_by_number(window):
    widget, session = window.widget, window.session
    widget.separate.click()
    for place in ((8, 10), (25, 40)):
        canvas.click(window.viewer, place)
    window.settle()
    assert len(session.answers_shown) == 2
    widget.separate.click()
    window.settle()
    assert len(session.answers_shown) == 1
    canvas.press(window.viewer, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    for number, place in enumerate(((8, 10), (25, 40)), 1):
        widget.number.setValue(number)
        canvas.click(window.viewer, place)
    window.settle()
    assert session.prompts.groups.tolist() == [1, 2]
    assert len(session.answers_shown) == 2


def extent(outline):
    """(rows, cols) of what is outlined."""
    rows, cols = np.nonzero(np.squeeze(outline.data))
    return np.ptp(rows) + 1, np.ptp(cols) + 1


def test_an_outline_follows_the_mouse_while_the_switch_is_on(window):
    viewer, widget = window.viewer, window.widget
    canvas.press(viewer, Qt.Key.Key_H)
    window.settle()
    assert widget.hovering.isChecked()
    canvas.hover(viewer, (8, 10))
    window.settle()
    (outline,) = [layer for layer in viewer.layers if layer.name.startswith("hover")]
    assert extent(outline) == (7, 14)
    canvas.hover(viewer, (25, 40))
    window.settle()
    assert extent(outline) == (10, 20)
    assert not window.session.has_prompts
    assert widget.labels.count() == 1, "the outline is no target"
    widget.hovering.click()
    assert outline not in viewer.layers


def test_candidates_have_pictures_and_are_chosen_by_click_and_key(window):
    viewer, widget, session = window.viewer, window.widget, window.session
    canvas.click(viewer, (8, 10))
    window.settle()
    assert [button.has_picture for button in widget.candidates] == [True] * 3
    widget.candidates[2].click()
    assert session.chosen == 2
    canvas.press(viewer, Qt.Key.Key_N)
    window.settle()
    assert [button.isChecked() for button in widget.candidates] == [True, False, False]
    widget.candidates[2].click()
    canvas.press(viewer, Qt.Key.Key_C)
    np.testing.assert_array_equal(window.labels, mask(LEFT, RIGHT))
    window.settle()
    assert [button.has_picture for button in widget.candidates] == [False] * 3


def test_the_same_object_keeps_its_id(window):
    viewer = window.viewer
    canvas.click(viewer, (8, 10))
    window.settle()
    canvas.press(viewer, Qt.Key.Key_C)
    canvas.press(viewer, Qt.Key.Key_K)
    window.settle()
    assert window.widget.same_object.isChecked()
    canvas.click(viewer, (25, 40))
    window.settle()
    canvas.press(viewer, Qt.Key.Key_C)
    np.testing.assert_array_equal(window.labels, mask(LEFT, RIGHT))


def test_what_is_painted_into_the_preview_is_committed(window):
    viewer, widget = window.viewer, window.widget
    canvas.click(viewer, (8, 10))
    window.settle()
    widget.brushes["paint"].click()
    assert widget.brushes["paint"].isChecked()
    window.session.preview.brush_size = 3
    canvas.drag(viewer, (9, 17), (9, 26))
    window.settle()
    preview = window.session.preview
    whole = np.zeros((40, 60), bool)
    values = np.squeeze(preview.data)
    row, col = np.round(preview.data_to_world((0, 0))).astype(int)
    whole[row : row + values.shape[0], col : col + values.shape[1]] = values > 0
    assert whole[9, 24]
    assert not mask(LEFT)[9, 24]
    canvas.press(viewer, Qt.Key.Key_C)
    np.testing.assert_array_equal(window.labels, whole)
    window.settle()
    assert window.session.tool == "points", "the brush is put down"


def test_an_object_of_the_labels_is_picked_and_corrected(window):
    viewer, widget, session = window.viewer, window.widget, window.session
    canvas.click(viewer, (8, 10))
    window.settle()
    canvas.press(viewer, Qt.Key.Key_C)
    widget.tools["pick"].click()
    canvas.click(viewer, (8, 10))
    window.settle()
    assert session.reopened == 1
    widget.tools["points"].click()
    canvas.click(viewer, (25, 40))
    window.settle()
    canvas.press(viewer, Qt.Key.Key_C)
    np.testing.assert_array_equal(window.labels, mask(LEFT, RIGHT))


def test_mask_options_change_the_preview_and_are_reset(window):
    viewer, widget, session = window.viewer, window.widget, window.session
    canvas.click(viewer, (8, 10))
    window.settle()
    widget.mask_options.expand(animate=False)
    widget.mask_options.slider.setValue(-20)
    window.settle()
    assert session.mask_options.threshold == -2
    assert np.count_nonzero(session.preview.data) == 40 * 60, "all logits are above -2"
    widget.mask_options.reset.click()
    assert session.mask_options.threshold == 0
    assert widget.mask_options.threshold.value() == 0
    assert np.count_nonzero(session.preview.data) == 7 * 14


def test_the_overlap_policy_is_followed(window):
    viewer, widget = window.viewer, window.widget
    canvas.click(viewer, (8, 10))
    window.settle()
    canvas.press(viewer, Qt.Key.Key_C)
    widget.policy.setCurrentIndex(widget.policy.findData("keep_existing"))
    canvas.click(viewer, (8, 10))
    window.settle()
    widget.candidates[2].click()
    canvas.press(viewer, Qt.Key.Key_C)
    np.testing.assert_array_equal(window.labels, mask(LEFT) + 2 * mask(RIGHT).astype(int))


def test_on_demand_nothing_is_computed_before_the_key(window):
    viewer, widget, session = window.viewer, window.widget, window.session
    widget.live.click()
    canvas.click(viewer, (8, 10))
    window.settle()
    assert session.candidates is None
    canvas.press(viewer, Qt.Key.Key_S)
    window.settle()
    assert session.candidates is not None


def test_tools_and_prompts_are_reached_by_keys_alone(window, qtbot):
    widget = window.widget
    main = window.viewer.window._qt_window
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow, timeout=30_000)
    press(canvas.native(window.viewer), Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.session.tool == "ellipses", timeout=30_000)
    assert widget.tools["ellipses"].isChecked()


def test_with_three_dimensions_it_says_that_prompting_is_off(window):
    window.viewer.dims.ndisplay = 3
    window.settle()
    with pytest.raises(ViewError):
        _ = window.session.frame
    assert window.widget.status
    window.viewer.dims.ndisplay = 2


def test_labels_too_large_for_naparis_brushes_are_painted_in(window, monkeypatch):
    monkeypatch.setattr(targets, "LARGEST_SHOWN", 1000)
    monkeypatch.setattr(pyramids, "TOP", 8)
    viewer, widget, session = window.viewer, window.widget, window.session
    assert not widget.brushes["paint"].isEnabled()
    canvas.click(viewer, (8, 10))
    window.settle()
    widget.actions["commit"].click()
    window.settle()
    committed = pixels_of(session.labels)[...]
    widget.brushes["paint"].click()
    window.settle()
    assert widget.brushes["paint"].isChecked()
    assert "into the labels" in widget._prompts.tools.hint.text()
    viewer.layers.selection.active.brush_size = 3
    canvas.draw(viewer, [(30, 10), (30, 20)])
    window.settle()
    painted = pixels_of(session.labels)[...]
    assert (painted[29:32, 10:21] == 1).all()
    assert widget.labels.layer == session.labels
    canvas.press(viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(pixels_of(session.labels)[...], committed)
    widget.tools["points"].click()
    window.settle()
    assert not widget.brushes["paint"].isChecked()


def test_of_an_object_too_large_to_be_held_a_coarser_image_is_offered(window, monkeypatch):
    monkeypatch.setattr(coarser, "SIDE", 30)
    widget, session = window.widget, window.session
    session.add_point((25, 41))
    window.settle()
    widget._runner.failed.emit(TooLargeError("the object's box has 40 x 60 pixels"))
    assert not widget.coarser.isHidden()
    assert widget.status == "the object's box has 40 x 60 pixels"
    widget.coarser.accept.click()
    window.settle()
    assert widget.coarser.isHidden()
    assert session.is_closed
    assert widget.session.image.data.shape == (20, 30)
    np.testing.assert_array_equal(widget.session.image.data, window.image.data[::2, ::2])
    np.testing.assert_array_equal(widget.session.prompts.points, [(12.25, 20.25)])
    assert widget.session.answers_shown


def test_a_coarser_image_is_not_added_where_no_frame_is_shown(window, monkeypatch):
    monkeypatch.setattr(coarser, "SIDE", 30)
    viewer, widget = window.viewer, window.widget
    viewer.dims.ndisplay = 3
    before = list(viewer.layers)
    widget.coarser.offer("In a coarser image it can be cut.")
    widget.coarser.accept.click()
    assert list(viewer.layers) == before
    assert "2-D" in widget.status


def test_when_all_ids_are_used_wider_labels_are_offered(window):
    viewer, widget, session = window.viewer, window.widget, window.session
    full = np.zeros((40, 60), np.uint8)
    full[0, 0] = 255
    widget.work_on(window.image, viewer.add_labels(full))
    session.use("points")
    canvas.click(viewer, (8, 10))
    window.settle()
    widget.actions["commit"].click()
    assert not widget.widening.isHidden()
    widget.widening.accept.click()
    window.settle()
    widget.actions["commit"].click()
    assert session.labels.data.dtype == np.uint16
    assert (window.labels[LEFT] == 256).all()
    assert widget.widening.isHidden()
