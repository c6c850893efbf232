"""The dock widget "Stacks and videos" in a real window, with a model of known answers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFileDialog,
    QLabel,
)

import canvas
from napari_cutout.segment import EmbeddingStore, Segmenter
from napari_cutout.widgets import Objects
from napari_cutout.widgets.stacks import commands
from napari_cutout.widgets.stacks.pooling import CODES, STATES
from stacks_window import FRAMES, Gated, choose, film, in_left, in_right, opened, settled

pytestmark = pytest.mark.gui

TAB = Qt.FocusPolicy.TabFocus


def states(widget):
    return [STATES[code] for code in widget.strip.codes]


def ids_of(cut_out):
    """The ids in each frame of the labels."""
    labels = np.asarray(cut_out.session.labels.data)
    return [set(np.unique(frame).tolist()) - {0} for frame in labels]


def previewed(cut_out, qtbot):
    cut_out.session.update()
    qtbot.waitUntil(
        lambda: bool(cut_out.session.answers_shown) and not cut_out.is_busy, timeout=30_000
    )


def committed(cut_out, qtbot, *places):
    """Cut an object out at each place of the shown frame."""
    for _, row, col in places:
        cut_out.session.add_point((row, col))
        previewed(cut_out, qtbot)
        cut_out.session.commit()


def settled_pause(widget, qtbot):
    qtbot.waitUntil(lambda: widget.stacks.is_paused, timeout=30_000)
    qtbot.waitUntil(lambda: not widget._later.isActive(), timeout=30_000)


def click_mark(widget, frame):
    place = widget.strip.place_of(frame).toPoint()
    QTest.mouseClick(widget.strip, Qt.MouseButton.LeftButton, pos=place)


def test_everything_in_each_frame_is_one_undo_step(make_napari_viewer, qtbot):
    """The strip, the legend, the words of the shown frame; all of it undone and done again."""
    widget, cut_out = opened(make_napari_viewer(show=True), qtbot)
    assert widget.count.text() == "6 frames"
    assert states(widget) == [""] * FRAMES
    widget.begin.click()
    assert not widget.begin.isEnabled()
    settled(widget, qtbot)
    assert [len(ids) for ids in ids_of(cut_out)] == [2] * FRAMES
    assert states(widget) == ["found"] * FRAMES
    assert widget.legend.buttons["found"].text() == "6 found"
    assert "t=0" in widget.words.text()
    assert widget.begin.isEnabled()
    cut_out.session.undo()
    assert ids_of(cut_out) == [set()] * FRAMES
    cut_out.session.redo()
    assert [len(ids) for ids in ids_of(cut_out)] == [2] * FRAMES


def test_only_the_chosen_frames(make_napari_viewer, qtbot):
    """By the numbers, by the buttons; the strip underlines them."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    (axis,) = widget.ranges.axes
    axis.first.setValue(1)
    axis.step.setValue(2)
    settled(widget, qtbot)
    assert widget.count.text() == "3 frames"
    widget.begin.click()
    settled(widget, qtbot)
    assert [len(ids) for ids in ids_of(cut_out)] == [0, 2, 0, 2, 0, 2]
    assert states(widget) == ["", "found"] * 3
    viewer.dims.set_current_step(0, 4)
    widget.ranges.only_here.click()
    settled(widget, qtbot)
    assert widget.stacks.frames == "t=4:5:2"
    widget.ranges.all.click()
    settled(widget, qtbot)
    assert widget.stacks.frames == ""


def test_an_object_is_carried_and_marks_are_gone_to(make_napari_viewer, qtbot):
    """A click on the canvas, a commit, the button; then the strip by mouse and by keys."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    cut_out.session.use("points")
    canvas.click(viewer, in_left(0))
    qtbot.waitUntil(lambda: cut_out.session.has_prompts, timeout=30_000)
    previewed(cut_out, qtbot)
    choose(widget, "propagate", qtbot)
    widget.begin.click()
    settled(widget, qtbot)
    assert ids_of(cut_out) == [{1}] * FRAMES
    assert states(widget)[1:] == ["carried"] * (FRAMES - 1)
    click_mark(widget, 3)
    settled(widget, qtbot)
    assert viewer.dims.point[0] == 3
    assert widget.strip.current == 3
    QTest.keyClick(widget.strip, Qt.Key.Key_Right)
    settled(widget, qtbot)
    assert viewer.dims.point[0] == 4
    assert widget.words.text().startswith("Frame t=4: ")
    viewer.dims.set_current_step(0, 1)
    settled(widget, qtbot)
    assert widget.strip.current == 1


def test_all_objects_of_the_frame_and_the_rows_of_objects(make_napari_viewer, qtbot):
    """Whichever are meant."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    committed(cut_out, qtbot, in_left(0), in_right(0))
    choose(widget, "propagate", qtbot)
    which = widget.pages["propagate"].which
    which.setCurrentIndex(which.findData("all"))
    widget.begin.click()
    settled(widget, qtbot)
    assert ids_of(cut_out) == [{1, 2}] * FRAMES
    cut_out.session.undo()
    table = Objects(viewer)
    viewer.window.add_dock_widget(table, name="Objects")
    qtbot.waitUntil(lambda: not table.is_busy, timeout=30_000)
    table.view.select([2])
    which.setCurrentIndex(which.findData("rows"))
    widget.begin.click()
    settled(widget, qtbot)
    assert ids_of(cut_out) == [{1, 2}] + [{2}] * (FRAMES - 1)


def test_what_cannot_begin_says_why(make_napari_viewer, qtbot, monkeypatch):
    """As a notification and in the status line."""
    told = []
    monkeypatch.setattr("napari_cutout.widgets.beside.show_warning", told.append)
    widget, _ = opened(make_napari_viewer(), qtbot)
    choose(widget, "propagate", qtbot)
    which = widget.pages["propagate"].which
    for name in ("rows", "all"):
        which.setCurrentIndex(which.findData(name))
        widget.begin.click()
    choose(widget, "link", qtbot)
    widget.begin.click()
    assert len(told) == 3
    assert widget.status == told[-1]


def test_backwards(make_napari_viewer, qtbot):
    """From the shown frame to the first one."""
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot)
    viewer.dims.set_current_step(0, 3)
    committed(cut_out, qtbot, in_left(3))
    choose(widget, "propagate", qtbot)
    direction = widget.pages["propagate"].direction
    direction.setCurrentIndex(direction.findData("backward"))
    widget.begin.click()
    settled(widget, qtbot)
    assert ids_of(cut_out) == [{1}] * 4 + [set()] * 2


def test_linking_makes_ids_the_same(make_napari_viewer, qtbot):
    """With a layer of tracks; it can also follow finding in one step."""
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot)
    widget.begin.click()
    settled(widget, qtbot)
    assert len(set().union(*ids_of(cut_out))) == 2 * FRAMES
    choose(widget, "link", qtbot)
    widget.begin.click()
    settled(widget, qtbot)
    assert len(set().union(*ids_of(cut_out))) == 2
    assert widget.stacks.tracks_layer in viewer.layers
    assert states(widget) == ["linked"] * FRAMES
    cut_out.session.undo()
    cut_out.session.undo()
    choose(widget, "find", qtbot)
    widget.pages["find"].link.click()
    widget.begin.click()
    settled(widget, qtbot)
    assert len(set().union(*ids_of(cut_out))) == 2


def test_slices_are_joined(make_napari_viewer, qtbot):
    """Along the axis that is chosen."""
    viewer = make_napari_viewer()
    pixels = np.stack([film()] * 2, axis=1)
    widget, cut_out = opened(viewer, qtbot, pixels=pixels, axis_labels=("t", "z", "y", "x"))
    assert widget.count.text() == "12 frames"
    widget.begin.click()
    settled(widget, qtbot)
    choose(widget, "join", qtbot)
    widget.along.setCurrentIndex(widget.along.findData("z"))
    widget.along.activated.emit(widget.along.currentIndex())
    settled(widget, qtbot)
    assert widget.count.text() == "2 frames"
    assert len(widget.strip.codes) == 2
    widget.begin.click()
    settled(widget, qtbot)
    labels = np.asarray(cut_out.session.labels.data)
    np.testing.assert_array_equal(labels[0, 0], labels[0, 1])


def test_an_axis_that_is_not_ticked_stays_where_it_is(make_napari_viewer, qtbot):
    """The strip shows the frames that are gone along."""
    viewer = make_napari_viewer(show=True)
    pixels = np.stack([film()] * 3, axis=1)
    widget, cut_out = opened(viewer, qtbot, pixels=pixels, axis_labels=("t", "z", "y", "x"))
    viewer.dims.set_current_step(1, 2)
    assert len(widget.strip.codes) == 18
    widget.ranges.axes[1].along.click()
    settled(widget, qtbot)
    assert (len(widget.strip.codes), widget.count.text()) == (6, "6 frames")
    widget.begin.click()
    settled(widget, qtbot)
    labels = np.asarray(cut_out.session.labels.data)
    assert labels.any(axis=(0, 2, 3)).tolist() == [False, False, True]
    viewer.dims.set_current_step(1, 0)
    click_mark(widget, 4)
    assert viewer.dims.point[:2] == (4, 2)


def test_embeddings_ahead_are_estimated_and_made(make_napari_viewer, qtbot, tmp_path):
    """Where to keep them is said first, then what it would take; then nothing is left to do."""
    widget, cut_out = opened(make_napari_viewer(), qtbot)
    family = cut_out.session.segmenter.family
    choose(widget, "embed", qtbot)
    page = widget.pages["embed"]
    assert "tick Keep" in page.about.text()
    cut_out.session.store = EmbeddingStore(tmp_path)
    settled(widget, qtbot)
    assert page.about.text() == (
        "They are kept in the store of embeddings, where prompts find them."
    )
    page.estimate.click()
    settled(widget, qtbot)
    assert "of 6 frames" in page.about.text()
    widget.begin.click()
    settled(widget, qtbot)
    assert states(widget) == ["embedded"] * FRAMES
    calls = family.calls["encode"]
    page.estimate.click()
    settled(widget, qtbot)
    assert page.about.text() == "All 6 frames are in the store already."
    assert family.calls["encode"] <= calls + 1


def test_pausing_going_on_and_cancelling(make_napari_viewer, qtbot):
    """With how far it is, and the frame that is worked on; what was done stays."""
    family = Gated()
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot, Segmenter.from_family(family, "gated"))
    running = widget.running
    widget.begin.click()
    qtbot.waitUntil(running.isVisible, timeout=30_000)
    family.gate.release(2)
    qtbot.waitUntil(lambda: running.progress.value() == 2, timeout=30_000)
    assert running.text.text().startswith("2 of 6 frames, at t=1")
    assert widget.strip.working == 1
    running.pause.click()
    settled_pause(widget, qtbot)
    assert "paused" in running.text.text()
    assert "Go" in running.pause.text()
    running.pause.click()
    family.gate.release(2)
    qtbot.waitUntil(lambda: running.progress.value() >= 3, timeout=30_000)
    running.cancel.click()
    family.gate.release(20)
    settled(widget, qtbot)
    qtbot.waitUntil(lambda: not running.isVisible(), timeout=30_000)
    done = [len(ids) == 2 for ids in ids_of(cut_out)]
    assert 3 <= sum(done) < FRAMES
    assert [state == "found" for state in states(widget)] == done
    assert widget.strip.working is None
    cut_out.session.undo()
    assert ids_of(cut_out) == [set()] * FRAMES


def test_the_labels_fill_while_it_runs(make_napari_viewer, qtbot):
    """Frame by frame."""
    family = Gated()
    widget, cut_out = opened(make_napari_viewer(), qtbot, Segmenter.from_family(family, "gated"))
    widget.begin.click()
    family.gate.release(3)
    qtbot.waitUntil(lambda: states(widget)[2] == "found", timeout=30_000)
    assert [len(ids) for ids in ids_of(cut_out)[:3]] == [2, 2, 2]
    assert widget.stacks.is_running
    family.gate.release(50)
    settled(widget, qtbot)


def test_a_stop_is_marked_shown_and_taken_back(make_napari_viewer, qtbot):
    """With the button, with the list, with its keys."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    committed(cut_out, qtbot, in_left(0))
    cut_out.session.labels.selected_label = 1
    choose(widget, "propagate", qtbot)
    hand = widget.by_hand
    assert not hand.marked.isVisible()
    viewer.dims.set_current_step(0, 3)
    hand.stop.click()
    settled(widget, qtbot)
    assert widget.stacks.stops == {(1, (3,))}
    assert hand.marked.item(0).text() == "t=3: object 1 stops"
    viewer.dims.set_current_step(0, 0)
    widget.begin.click()
    settled(widget, qtbot)
    assert ids_of(cut_out)[3:] == [set()] * 3
    assert "stopped" in states(widget)
    widget.legend.buttons["stopped"].click()
    assert states(widget)[int(viewer.dims.point[0])] == "stopped"
    hand.marked.setCurrentRow(0)
    hand.marked.itemClicked.emit(hand.marked.item(0))
    assert viewer.dims.point[0] == 3
    QTest.keyClick(hand.marked, Qt.Key.Key_Delete)
    settled(widget, qtbot)
    assert widget.stacks.stops == frozenset()
    hand.stop.click()
    hand.stop.click()
    assert widget.stacks.stops == frozenset()


def test_daughters_are_clicked_on_the_canvas(make_napari_viewer, qtbot):
    """Beside objects nothing happens; Escape ends it; two clicks mark the division."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    committed(cut_out, qtbot, in_left(0))
    viewer.dims.set_current_step(0, 1)
    committed(cut_out, qtbot, in_left(1), in_right(1))
    cut_out.session.labels.selected_label = 1
    choose(widget, "propagate", qtbot)
    hand = widget.by_hand
    hand.click.click()
    assert "object 1" in widget.status
    canvas.click(viewer, (1, 38, 2))
    assert "nothing is labelled there" in widget.status
    QTest.keyClick(widget, Qt.Key.Key_Escape)
    assert not hand.click.isChecked()
    assert widget.stacks.divisions == {}
    hand.click.click()
    canvas.click(viewer, in_left(1))
    assert hand.daughters == (2, 0)
    canvas.click(viewer, in_left(1))
    assert hand.daughters == (2, 0)
    canvas.click(viewer, in_right(1))
    settled(widget, qtbot)
    division = widget.stacks.divisions[1]
    assert (division.index, tuple(division.daughters)) == ((1,), (2, 3))
    assert hand.marked.item(0).text() == "t=1: object 1 divides into 2 and 3"
    assert not cut_out.session.has_prompts
    hand.marked.setCurrentRow(0)
    hand.marked.remove()
    settled(widget, qtbot)
    assert widget.stacks.divisions == {}


def test_a_division_is_marked_by_ids(make_napari_viewer, qtbot, monkeypatch):
    """Without a click; what is missing, or isn't there, is said."""
    told = []
    monkeypatch.setattr("napari_cutout.widgets.beside.show_warning", told.append)
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot)
    committed(cut_out, qtbot, in_left(0), in_right(0))
    viewer.dims.set_current_step(0, 2)
    committed(cut_out, qtbot, in_left(2))
    choose(widget, "propagate", qtbot)
    hand = widget.by_hand
    hand.divide.click()
    assert told == ["give the ids of the mother and of both daughters, or press Click daughters"]
    for box, number in ((hand.mother, 1), (hand.first, 2), (hand.second, 6)):
        box.setValue(number)
    hand.divide.click()
    assert "no object 6" in told[-1]
    hand.second.setValue(3)
    hand.divide.click()
    settled(widget, qtbot)
    assert tuple(widget.stacks.divisions[1].daughters) == (2, 3)
    assert hand.mother.value() == 0


def test_without_a_selection_it_is_said(make_napari_viewer, qtbot):
    """By all three buttons that act on what is selected, before and after there are labels."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    choose(widget, "propagate", qtbot)
    hand = widget.by_hand
    for _ in range(2):
        for button in (hand.stop, hand.correct, hand.click):
            widget.show_status("")
            button.click()
            assert widget.status.startswith("No object is selected")
        assert not hand.click.isChecked()
        committed(cut_out, qtbot, in_left(0))
        cut_out.session.labels.selected_label = 7
    assert not widget.stacks.stops


def test_tracks_are_exported_and_opened(make_napari_viewer, qtbot, monkeypatch, tmp_path):
    """A folder is asked for; nothing happens without one."""
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot)
    widget.pages["find"].link.click()
    widget.begin.click()
    settled(widget, qtbot)
    choose(widget, "link", qtbot)
    asked = iter(["", str(tmp_path), str(tmp_path)])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(asked))
    for _ in range(2):
        widget.tracks.export.click()
        settled(widget, qtbot)
    assert widget.status == f"2 tracks in 6 frames are in {tmp_path}."
    assert states(widget) == ["linked"] * FRAMES
    before = cut_out.session.labels
    widget.tracks.open.click()
    settled(widget, qtbot)
    after = cut_out.session.labels
    assert after.name != before.name
    np.testing.assert_array_equal(after.data, before.data)
    assert widget.stacks.tracks_layer in viewer.layers


def test_an_object_is_corrected_and_carried_on(make_napari_viewer, qtbot):
    """It keeps its id, and its frame is marked."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    committed(cut_out, qtbot, in_left(0))
    cut_out.session.labels.selected_label = 1
    choose(widget, "propagate", qtbot)
    widget.begin.click()
    settled(widget, qtbot)
    click_mark(widget, 2)
    widget.by_hand.correct.click()
    previewed(cut_out, qtbot)
    committed(cut_out, qtbot, in_right(2))
    both = np.count_nonzero(np.asarray(cut_out.session.labels.data)[2] == 1)
    assert both > 98
    cut_out.session.labels.selected_label = 1
    widget.begin.click()
    settled(widget, qtbot)
    assert ids_of(cut_out) == [{1}] * FRAMES


def test_options_are_shown_and_set(make_napari_viewer, qtbot, monkeypatch):
    """Of each kind of run; what is out of range is a notification, and is put back."""
    told = []
    monkeypatch.setattr("napari_cutout.widgets.beside.show_warning", told.append)
    widget, _ = opened(make_napari_viewer(), qtbot)
    stacks, find = widget.stacks, widget.pages["find"]
    find.filters.controls["min_area"].setValue(150)
    find.options.controls["points_per_side"].setValue(9)
    settled(widget, qtbot)
    assert stacks.filters.min_area == 150
    assert stacks.options.points_per_side == 9
    find.options.controls["box_nms_thresh"].setValue(7)
    settled(widget, qtbot)
    assert "box_nms_thresh" in told[-1]
    assert find.options.controls["box_nms_thresh"].value() == 0.7
    find.mode.setCurrentIndex(find.mode.findData("instances"))
    find.mode.activated.emit(0)
    settled(widget, qtbot)
    assert stacks.mode == "instances"
    choose(widget, "link", qtbot)
    widget.pages["link"].options.controls["max_gap"].setValue(3)
    choose(widget, "join", qtbot)
    widget.pages["join"].options.controls["min_extent"].setValue(1)
    choose(widget, "propagate", qtbot)
    settled(widget, qtbot)
    assert (stacks.link_options.max_gap, stacks.volume_options.min_extent) == (3, 1)
    controls = widget.pages["propagate"].options.controls
    assert all(control.toolTip() for control in controls.values())
    assert controls


def test_only_what_is_large_enough_is_kept(make_napari_viewer, qtbot):
    """The filters hold in every frame."""
    widget, cut_out = opened(make_napari_viewer(), qtbot)
    widget.pages["find"].filters.controls["min_area"].setValue(150)
    settled(widget, qtbot)
    widget.begin.click()
    settled(widget, qtbot)
    assert [len(ids) for ids in ids_of(cut_out)] == [1] * FRAMES


def test_commands_of_the_palette(make_napari_viewer, qtbot, monkeypatch):
    """They act on the widget of that viewer, or say what to open."""
    told = []
    monkeypatch.setattr("napari.utils.notifications.show_warning", told.append)
    viewer = make_napari_viewer(show=True)
    commands.propagate(viewer)
    assert "Plugins > Cut Out > Stacks and videos" in told[-1]
    widget, cut_out = opened(viewer, qtbot)
    commands.find_in_frames(viewer)
    settled(widget, qtbot)
    assert states(widget) == ["found"] * FRAMES
    commands.link(viewer)
    settled(widget, qtbot)
    assert widget.task == "link"
    assert len(set().union(*ids_of(cut_out))) == 2
    widget.strip.show_code(4, CODES["failed"])
    commands.next_to_look_at(viewer)
    assert viewer.dims.point[0] == 4
    cut_out.session.labels.selected_label = 1
    commands.stop_here(viewer)
    assert widget.stacks.stops == {(1, (4,))}
    commands.pause(viewer)
    commands.cancel(viewer)
    assert not widget.stacks.is_running


def test_every_control_explains_itself(make_napari_viewer, qtbot):
    """Tooltips, a way by keyboard, names for sliders and numbers, no mnemonic twice at a time."""
    widget, _ = opened(make_napari_viewer(show=True), qtbot)
    kinds = (QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox)
    for task in ("find", "propagate", "link", "join", "embed"):
        choose(widget, task, qtbot)
        controls = [
            control
            for kind in kinds
            for control in widget.findChildren(kind)
            if "Scroll" not in type(control).__name__ and control.isVisibleTo(widget)
        ]
        assert [control for control in controls if not control.toolTip()] == []
        assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)
        numbers = [one for one in controls if isinstance(one, QAbstractSlider | QAbstractSpinBox)]
        labels = [one for one in widget.findChildren(QLabel) if one.isVisibleTo(widget)]
        named = [label.buddy() for label in labels]
        assert [one for one in numbers if not one.accessibleName() and one not in named] == []
        texts = [one.text() for one in controls if isinstance(one, QAbstractButton)]
        texts += [one.text() for one in labels if one.buddy()]
        keys = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert sorted(keys) == sorted(set(keys)), task


@pytest.mark.parametrize("task", ["find", "propagate"])
def test_the_tab_key_goes_from_the_top_to_the_bottom(make_napari_viewer, qtbot, task):
    """Also to what was made when the stack was known."""
    widget, _ = opened(make_napari_viewer(show=True), qtbot)
    choose(widget, task, qtbot)
    widget.pages[task].options.expand(animate=False)
    widget.resize(widget.width(), 1400)
    settled(widget, qtbot)
    places, one = [], widget.what
    while one.nextInFocusChain() is not widget.what:
        if widget.isAncestorOf(one) and one.isVisible() and one.focusPolicy() & TAB:
            places.append(one.mapTo(widget, one.rect().center()).y())
        one = one.nextInFocusChain()
    content = [place for place in places if place < widget.begin.y()]
    assert len(content) > 15
    # What lies side by side isn't of the same height.
    assert all(later > sooner - 12 for sooner, later in pairwise(content))
