"""What a script sets is what the controls show, and what they show is what is set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.widgets.stacks.axis_range import Range
from stacks_window import choose, film, opened, settled

pytestmark = pytest.mark.gui


@pytest.fixture
def volume(make_napari_viewer, qtbot):
    """The widget on frames along t and z."""
    pixels = np.stack([film()] * 3, axis=1)
    viewer = make_napari_viewer()
    return opened(viewer, qtbot, pixels=pixels, axis_labels=("t", "z", "y", "x"))[0]


def ranges(widget):
    return [axis.range for axis in widget.ranges.axes]


def test_frames(make_napari_viewer, qtbot):
    """By numbers from both ends; the person goes on from there; and back to all."""
    widget, _ = opened(make_napari_viewer(), qtbot)
    stacks, (axis,) = widget.stacks, widget.ranges.axes
    for text, shown in (
        ("t=1:5:2", Range(1, 4, 2)),
        ("t=-3:", Range(3, 5)),
        ("t=2", Range(2, 2)),
        ("", Range(0, 5)),
        ("t=1:3", Range(1, 2)),
    ):
        stacks.frames = text
        settled(widget, qtbot)
        assert axis.range == shown
        assert axis.slider.value() == (shown.first, shown.last)
        assert widget.count.text().startswith(
            str(len(range(6)[shown.first : shown.last + 1 : shown.step]))
        )
        assert stacks.frames.startswith(text)
    axis.last.setValue(4)
    settled(widget, qtbot)
    assert stacks.frames == "t=1:5:1"
    stacks.frames = "t=1:3"
    settled(widget, qtbot)
    assert axis.range == Range(1, 2)


def test_frames_of_an_axis_that_is_not_gone_along(volume, qtbot):
    """It is gone along as it is named, and shown so; when it is chosen no more, it stays."""
    stacks = volume.stacks
    stacks.along = ("t",)
    settled(volume, qtbot)
    assert volume.ranges.along == ("t",)
    stacks.frames = "t=0:2,z=1:3"
    settled(volume, qtbot)
    assert ranges(volume) == [Range(0, 1), Range(1, 2)]
    assert volume.ranges.along == ("t", "z")
    assert (volume.count.text(), len(volume.strip.codes)) == ("4 frames", 18)
    volume.ranges.axes[1].along.click()
    settled(volume, qtbot)
    assert (stacks.frames, stacks.along) == ("t=0:2:1", ("t",))


def test_one_frame_of_another_axis(volume, qtbot):
    """Linking goes along one axis, in the plane that was named."""
    choose(volume, "link", qtbot)
    volume.stacks.frames = "t=0:4,z=2"
    settled(volume, qtbot)
    assert ranges(volume) == [Range(0, 3), Range(2, 2)]
    assert (volume.count.text(), len(volume.strip.codes)) == ("4 frames", 6)
    volume.ranges.axes[0].last.setValue(4)
    settled(volume, qtbot)
    assert volume.stacks.frames == "t=0:5:1,z=2:3:1"
    volume.stacks.axis = "z"
    settled(volume, qtbot)
    assert volume.along.currentData() == "z"


def test_options_of_all_kinds(make_napari_viewer, qtbot):
    widget, _ = opened(make_napari_viewer(), qtbot)
    stacks, find = widget.stacks, widget.pages["find"]
    stacks.filters = replace(stacks.filters, min_area=12, max_area=2_500_000)
    stacks.options = InstanceOptions(min_depth=0.25)
    stacks.known = "refine" if "refine" in stacks.known_choices else stacks.known_choices[-1]
    stacks.link_options = LinkOptions(max_gap=4)
    stacks.volume_options = VolumeOptions(min_extent=5)
    stacks.propagate_options = PropagateOptions(patience=7)
    settled(widget, qtbot)
    assert find.filters.controls["min_area"].value() == 12
    assert find.filters.controls["max_area"].value() == 2_500_000
    assert find.mode.currentData() == stacks.mode == "instances"
    assert find.options.controls["min_depth"].value() == 0.25
    assert find.known.currentData() == stacks.known
    for task, name, value in (
        ("link", "max_gap", 4),
        ("join", "min_extent", 5),
        ("propagate", "patience", 7),
    ):
        assert widget.pages[task].options.controls[name].value() == value
