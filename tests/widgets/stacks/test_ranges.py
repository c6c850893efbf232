"""Which frames, by sliders, by numbers and by keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_cutout.widgets.stacks.axis_range import AxisRange, Range, chosen
from napari_cutout.widgets.stacks.ranges import Ranges

pytestmark = pytest.mark.gui


@pytest.fixture
def ranges(qtbot):
    shown = Ranges()
    qtbot.addWidget(shown)
    shown.show_axes(("t", "z"), (37, 5))
    shown.show_along(("t", "z"), may_choose=True)
    shown.show()
    return shown


@pytest.fixture
def axis(qtbot):
    shown = AxisRange("t", 37)
    qtbot.addWidget(shown)
    shown.show()
    shown.heard = []
    shown.changed.connect(lambda: shown.heard.append(shown.range))
    return shown


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 7), st.integers(0, 3))
def test_chosen_frames_are_those_of_all_ranges(first, more, step, z):
    last = min(first + more, 20)
    meant = chosen((21, 4), (Range(first, last, step), Range(z, z)))

    expected = [t * 4 + z for t in range(first, last + 1, step)]
    assert np.flatnonzero(meant).tolist() == expected


def test_all_frames_to_begin_with(ranges):
    assert ranges.selection == ""
    assert ranges.chosen_along(ranges.along).all()


def test_a_range_is_written_as_a_selection(ranges):
    ranges.axes[0].first.setValue(4)
    ranges.axes[0].last.setValue(20)
    ranges.axes[0].step.setValue(2)

    assert ranges.selection == "t=4:21:2"
    assert ranges.chosen_along(ranges.along).sum() == 9 * 5


def test_an_axis_that_is_not_gone_along_is_left_out(ranges):
    heard = []
    ranges.along_changed.connect(lambda: heard.append(ranges.along))
    ranges.axes[1].last.setValue(2)
    ranges.axes[1].along.click()

    assert heard == [("t",)]
    assert ranges.selection == ""
    assert len(ranges.chosen_along(ranges.along)) == 37


def test_the_axis_of_a_run_along_one_axis_is_shown_alone(ranges):
    ranges.show_along(("z",), may_choose=False)

    assert [axis.isVisible() for axis in ranges.axes] == [False, True]
    assert not ranges.axes[1].along.isVisible()


def test_sliders_and_numbers_show_the_same(axis):
    axis.slider.setValue((3, 9))
    axis.step.setValue(2)
    axis.first.setValue(5)

    assert axis.heard == [Range(3, 9), Range(3, 9, 2), Range(5, 9, 2)]
    assert axis.slider.value() == (5, 9)


def test_an_end_takes_the_other_one_along(axis):
    axis.show_range(Range(3, 9))
    axis.first.setValue(12)
    axis.last.setValue(8)

    assert axis.heard == [Range(12, 12), Range(8, 8)]


def test_the_slider_is_moved_by_keys(axis):
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(axis.slider, Qt.Key.Key_Right)
    QTest.keyClick(axis.slider, Qt.Key.Key_PageUp)
    QTest.keyClick(axis.slider, Qt.Key.Key_Left, shift)
    QTest.keyClick(axis.slider, Qt.Key.Key_PageDown, shift)

    assert axis.heard == [Range(1, 36), Range(11, 36), Range(11, 35), Range(11, 25)]


def test_showing_tells_nobody(axis):
    axis.show_range(Range(4, 5, 2))

    assert axis.heard == []
    assert axis.range == Range(4, 5, 2)


def test_from_the_shown_frame_or_that_one_alone(ranges):
    heard = []
    ranges.here_asked.connect(heard.append)
    ranges.from_here.click()
    ranges.only_here.click()
    assert heard == [False, True]

    ranges.show_frame((12, 3), alone=True)
    assert ranges.selection == "t=12:13:1,z=3:4:1"
    ranges.show_frame((12, 0), alone=False)
    assert ranges.selection == "t=12:37:1"
    ranges.all.click()
    assert ranges.selection == ""


def test_the_same_axes_keep_what_was_chosen(ranges):
    ranges.axes[0].first.setValue(4)
    ranges.show_axes(("t", "z"), (37, 5))
    assert ranges.selection == "t=4:37:1"
    ranges.show_axes(("t", "z"), (38, 5))
    assert ranges.selection == ""


def test_the_longest_numbers_fit(qtbot):
    """In boxes that are narrower than napari's."""
    shown = AxisRange("t", 100_000)
    qtbot.addWidget(shown)

    text = shown.first.fontMetrics().horizontalAdvance("100000")
    assert shown.first.width() > text + 40
