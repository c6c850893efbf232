"""A session is opened over several turns of the event loop; what happens between them."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt, QTimer

import canvas
from exact_family import exact_segmenter
from napari_cutout.widgets import CutOut

pytestmark = pytest.mark.gui


@pytest.fixture
def begin(make_napari_viewer, qtbot, frame):
    """Open a widget on an image; its layers are still to come: fixtures let events happen."""

    class Opening:
        def __init__(self):
            self.viewer = make_napari_viewer(show=True)
            self.image = self.viewer.add_image(frame, name="first")
            qtbot.wait(1)
            self.widget = CutOut(self.viewer)
            self.widget.live.setChecked(False)
            assert self.widget.is_opening

        def settle(self):
            qtbot.waitUntil(lambda: not self.widget.is_busy, timeout=30_000)

        @property
        def names(self):
            return [layer.name.split(" for ")[0] for layer in self.viewer.layers]

    return Opening


WHOLE = ["first", "preview", "shapes", "points"]


def test_each_turn_adds_one_layer(begin):
    opening = begin()
    turns, added = [0], []

    def count():
        turns[0] += 1

    timer = QTimer()
    timer.setInterval(0)
    timer.timeout.connect(count)
    opening.viewer.layers.events.inserted.connect(lambda event: added.append(turns[0]))
    timer.start()
    assert opening.names == ["first"]
    opening.settle()
    timer.stop()
    assert opening.names == WHOLE
    assert len(set(added)) == len(added) == 3
    assert opening.widget.session.tool == "points"


def test_who_asks_for_the_session_gets_it_whole(begin):
    opening = begin()
    session = opening.widget.session
    assert not opening.widget.is_opening
    assert opening.names == WHOLE
    assert session.tool == "points"
    opening.settle()


def test_the_tool_that_is_in_hand_is_taken_up(begin):
    opening = begin()
    opening.widget._tool = "boxes"
    opening.settle()
    assert opening.names == WHOLE
    assert opening.widget.session.tool == "boxes"


def test_a_click_between_turns_harms_nothing_and_the_next_is_a_prompt(begin):
    opening = begin()
    opening.viewer.reset_view()
    canvas.click(opening.viewer, (8, 10))
    opening.settle()
    session = opening.widget.session
    before = len(session.prompts)
    canvas.click(opening.viewer, (25, 40))
    assert len(session.prompts) == before + 1
    opening.settle()


@pytest.mark.parametrize("key", [Qt.Key.Key_Z, Qt.Key.Key_C])
def test_a_key_between_turns_finds_a_session_that_is_whole(begin, key, monkeypatch):
    opening = begin()
    monkeypatch.setattr("napari_cutout.widgets.cut_out.show_warning", lambda text: None)
    held = Qt.KeyboardModifier.ControlModifier if key == Qt.Key.Key_Z else None
    canvas.press(opening.viewer, key, *([] if held is None else [held]))
    opening.settle()
    assert opening.names == WHOLE
    assert opening.widget.session.labels is None


def test_the_image_may_be_deleted_between_turns(begin):
    opening = begin()
    opening.viewer.layers.remove(opening.image)
    assert opening.widget.session is None
    opening.settle()
    assert opening.names == []


def test_a_layer_that_is_deleted_between_turns_stays_away(begin, qtbot):
    opening = begin()
    with qtbot.waitSignal(opening.widget._beginning.timeout):
        pass
    opening.viewer.layers.remove("preview for first")
    opening.settle()
    assert opening.names == ["first", "shapes", "points"]
    assert opening.widget.session.preview is None


def test_the_widget_may_be_closed_between_turns(begin):
    opening = begin()
    opening.widget.shut()
    opening.settle()
    assert opening.names == ["first"]
    assert opening.widget.session is None


def choose(widget, name):
    widget.image.setCurrentIndex(widget.image.findText(name))
    widget.image.activated.emit(widget.image.currentIndex())


def test_another_image_is_begun_when_the_one_before_was_closed(begin, frame):
    opening = begin()
    opening.settle()
    first, other = opening.widget.session, opening.viewer.add_image(frame, name="other")
    choose(opening.widget, "other")
    assert first.is_closed
    assert opening.names == ["first", "other"]
    opening.settle()
    assert opening.names == ["first", "other", "preview", "shapes", "points"]
    assert opening.widget.session.image == other
    assert opening.widget.image.currentText() == "other"


def test_another_image_that_is_deleted_before_its_turn_is_not_missed(begin, frame):
    opening = begin()
    opening.settle()
    other = opening.viewer.add_image(frame, name="other")
    choose(opening.widget, "other")
    opening.viewer.layers.remove(other)
    opening.settle()
    assert opening.widget.session.image == opening.image
    assert opening.names == WHOLE


def test_the_window_may_close_before_another_image_is_begun(begin, frame):
    opening = begin()
    opening.settle()
    opening.viewer.add_image(frame, name="other")
    choose(opening.widget, "other")
    opening.widget.shut()
    opening.settle()
    assert opening.names == ["first", "other"]


def test_labels_for_the_first_commit_are_made_ahead(begin):
    opening = begin()
    session = opening.widget.session
    session.model = exact_segmenter()
    opening.widget.live.setChecked(True)
    session.add_point((8, 10))
    opening.settle()
    opening.widget._make_ready()
    assert session.labels is None
    opening.widget.actions["commit"].click()
    assert np.count_nonzero(session.labels.data) == 7 * 14
    opening.settle()
