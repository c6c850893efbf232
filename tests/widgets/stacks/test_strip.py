"""The strip on a screen: clicks, keys, tooltips, and very many frames."""

from __future__ import annotations

from itertools import chain, pairwise

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QHelpEvent, QMouseEvent, QPalette
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QToolTip

from napari_cutout.widgets.stacks.pooling import CODES, codes_of
from napari_cutout.widgets.stacks.strip import FrameStrip

pytestmark = pytest.mark.gui

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def strip(qtbot):
    shown = FrameStrip()
    qtbot.addWidget(shown)
    shown.resize(400, 50)
    shown.show()
    qtbot.waitExposed(shown)
    shown.heard = []
    shown.asked.connect(shown.heard.append)
    return shown


def click(strip, frame):
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(frame).toPoint())


def move(strip, place, button):
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(strip.mapToGlobal(place.toPoint())),
        Qt.MouseButton.NoButton,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(strip, event)


def picture(strip):
    image = strip.grab().toImage()
    return [[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())]


def test_few_frames_have_a_mark_each_and_a_click_goes_there(strip):
    strip.show_codes(codes_of(["found"] * 12))

    for frame in (0, 7, 11):
        click(strip, frame)

    assert strip.heard == [0, 7, 11]


def test_a_click_beside_the_marks_goes_nowhere(strip):
    strip.show_codes(codes_of(["found"] * 3))
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(390, 20))

    assert strip.heard == []


def test_a_hundred_thousand_frames_share_marks_and_the_worst_is_gone_to(strip):
    codes = np.full(100_000, CODES["found"], np.uint8)
    codes[76_543] = CODES["failed"]
    strip.show_codes(codes)

    assert len(strip.marks) < 100
    click(strip, 76_600)
    assert strip.heard == [76_543]
    assert "1 failed" in strip.describe(strip.marks.mark_of(76_543))


def test_there_are_more_marks_where_there_is_more_room(strip):
    strip.show_codes(np.zeros(1000, np.uint8))
    few = len(strip.marks)
    strip.resize(800, 50)
    QApplication.processEvents()

    assert len(strip.marks) > 1.8 * few


def test_dragging_goes_along(strip):
    strip.show_codes(codes_of(["found"] * 5))
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(1).toPoint())
    for frame in (2, 2, 3):
        move(strip, strip.place_of(frame), Qt.MouseButton.LeftButton)
    move(strip, strip.place_of(4), Qt.MouseButton.NoButton)

    assert strip.heard == [1, 2, 3]


@pytest.mark.parametrize(
    ("key", "modifiers", "frame"),
    [
        (Qt.Key.Key_Left, None, 14),
        (Qt.Key.Key_Right, None, 16),
        (Qt.Key.Key_PageUp, None, 5),
        (Qt.Key.Key_PageDown, None, 25),
        (Qt.Key.Key_Home, None, 0),
        (Qt.Key.Key_End, None, 29),
        (Qt.Key.Key_Right, CTRL, 20),
        (Qt.Key.Key_Left, CTRL, 3),
    ],
)
def test_keys_go_on(strip, key, modifiers, frame):
    codes = codes_of(["found"] * 30)
    codes[3], codes[20] = CODES["stopped"], CODES["corrected"]
    strip.show_codes(codes)
    strip.show_current(15)

    QTest.keyClick(strip, key, modifiers or Qt.KeyboardModifier.NoModifier)

    assert strip.heard == [frame]


def test_keys_stop_at_the_ends(strip):
    strip.show_codes(codes_of(["found"] * 3))
    strip.show_current(2)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_PageUp)

    assert strip.heard == [2, 0]


def test_keys_do_nothing_without_frames(strip):
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Right, CTRL)

    assert strip.heard == []


def test_tooltips_say_it_in_words(strip):
    strip.name_frames("t={}".format, lambda at: "t=1: object 4 stopped" if at == 1 else "")
    strip.show_codes(codes_of(["found", "stopped", ""]))

    assert [strip.describe(mark) for mark in range(3)] == [
        "t=0: found",
        "t=1: object 4 stopped",
        "t=2: nothing yet",
    ]
    place = strip.place_of(1).toPoint()
    QApplication.sendEvent(strip, QHelpEvent(QEvent.Type.ToolTip, place, strip.mapToGlobal(place)))
    assert QToolTip.text() == "t=1: object 4 stopped"


def test_the_tooltip_of_many_frames_counts_them(strip):
    strip.name_frames("t={}".format, lambda at: f"t={at}: it failed" if at == 700 else "")
    codes = np.full(1000, CODES["found"], np.uint8)
    codes[700] = CODES["failed"]
    strip.show_codes(codes)
    mark = strip.marks.mark_of(700)
    first, *_, last = strip.marks.frames_of(mark)

    assert strip.describe(mark) == (
        f"t={first} to t={last}: 1 failed, {last - first} found. A click goes to t=700: it failed"
    )


def test_what_happens_is_drawn(strip):
    """A frame that fails, the shown frame, the one being worked on, and those that were chosen."""
    strip.show_codes(codes_of(["found"] * 9))
    seen = [picture(strip)]
    for change in (
        lambda: strip.show_code(4, CODES["failed"]),
        lambda: strip.show_current(2),
        lambda: strip.show_working(7),
        lambda: strip.show_chosen(np.arange(9) > 5),
    ):
        change()
        seen.append(picture(strip))

    assert all(before != after for before, after in pairwise(seen))


def test_other_colours_in_another_theme(strip):
    strip.show_codes(codes_of(["found"] * 9))
    palette = strip.palette()
    palette.setColor(QPalette.ColorRole.Window, Qt.GlobalColor.black)
    strip.setPalette(palette)
    dark = set(chain(*picture(strip)))
    palette.setColor(QPalette.ColorRole.Window, Qt.GlobalColor.white)
    strip.setPalette(palette)

    assert {0xFF5AB4EE} <= dark
    assert 0xFF0072B2 in set(chain(*picture(strip)))


def test_larger_letters_make_larger_marks(strip):
    """As on a screen at 200 %."""
    strip.show_codes(np.zeros(1000, np.uint8))
    marks, high = len(strip.marks), strip.sizeHint().height()
    font = strip.font()
    font.setPointSizeF(2 * font.pointSizeF())
    strip.setFont(font)

    assert len(strip.marks) < 0.6 * marks
    assert strip.sizeHint().height() > 1.6 * high


def test_fewer_frames_leave_nothing_of_the_choice(strip):
    strip.show_codes(np.zeros(10, np.uint8))
    strip.show_chosen(np.ones(10, bool))
    strip.show_current(9)
    strip.show_codes(np.zeros(3, np.uint8))
    strip.grab()

    assert len(strip.marks) == 3
