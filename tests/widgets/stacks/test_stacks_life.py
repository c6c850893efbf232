"""The dock widget "Stacks and videos" as windows, images and themes come and go."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from qtpy.QtCore import QCoreApplication, QEvent

from napari_cutout.segment import Segmenter
from napari_cutout.widgets import CutOut, Stacks
from stacks_window import FRAMES, Gated, choose, film, opened, settled

pytestmark = pytest.mark.gui


def test_it_follows_cut_out(make_napari_viewer_proxy, qtbot):
    """Without it, without an image, with one plane, with a stack, and when it is closed."""
    viewer = make_napari_viewer_proxy()
    widget = Stacks(viewer)
    viewer.window.add_dock_widget(widget, name="Stacks and videos")
    settled(widget, qtbot)
    assert widget.stacks is None
    assert "isn't open" in widget.notice.text()
    assert not widget.begin.isEnabled()
    plane = viewer.add_image(film()[0])
    cut_out = CutOut(viewer)
    dock = viewer.window.add_dock_widget(cut_out, name="Cut Out")
    settled(widget, qtbot)
    assert "one frame only" in widget.notice.text()
    stack = viewer.add_image(film())
    viewer.layers.remove(plane)
    cut_out.image.setCurrentText(stack.name)
    cut_out.image.activated.emit(cut_out.image.currentIndex())
    qtbot.waitUntil(lambda: widget.begin.isEnabled(), timeout=30_000)
    assert not widget.notice.isVisibleTo(widget)
    assert len(widget.strip.codes) == FRAMES
    viewer.window.remove_dock_widget(dock)
    settled(widget, qtbot)
    assert widget.stacks is None
    assert "isn't open" in widget.notice.text()


def test_in_three_dimensions_it_says_why_it_rests(make_napari_viewer, qtbot):
    """And is there again in two."""
    viewer = make_napari_viewer()
    widget, _ = opened(viewer, qtbot)
    viewer.dims.ndisplay = 3
    settled(widget, qtbot)
    assert widget.notice.text()
    assert not widget.begin.isEnabled()
    viewer.dims.ndisplay = 2
    settled(widget, qtbot)
    assert widget.begin.isEnabled()
    assert widget.status


def test_along_other_axes_when_others_are_shown(make_napari_viewer, qtbot):
    """The frames are those of the plane that is on the screen."""
    viewer = make_napari_viewer()
    widget, _ = opened(viewer, qtbot)
    viewer.dims.order = (1, 0, 2)
    settled(widget, qtbot)
    assert [(axis.name, axis.length) for axis in widget.ranges.axes] == [("y", 40)]
    assert len(widget.strip.codes) == 40


def test_frames_of_other_axes_are_chosen_no_more(make_napari_viewer, qtbot):
    """What the ranges show is what is gone through."""
    viewer = make_napari_viewer()
    widget, _ = opened(viewer, qtbot)
    widget.ranges.axes[0].first.setValue(2)
    assert widget.stacks.frames == "t=2:6:1"
    viewer.dims.order = (2, 0, 1)
    qtbot.waitUntil(lambda: widget.count.text() == "60 frames", timeout=30_000)
    assert widget.stacks.frames == ""


def test_a_shorter_axis_is_shown_while_it_runs(make_napari_viewer, qtbot):
    """Frames that are worked on need not be among those that the strip has now."""
    family = Gated()
    pixels = np.zeros((60, 40, 30), np.uint8)
    viewer = make_napari_viewer()
    widget, _ = opened(viewer, qtbot, Segmenter.from_family(family, "gated"), pixels)
    widget.stacks.frames = f"{widget.stacks.axis}=45:50"
    widget.run("find")
    family.gate.release(1)
    qtbot.waitUntil(lambda: (widget.stacks.current or (0,))[0] >= 45, timeout=30_000)
    viewer.dims.order = (2, 0, 1)
    qtbot.waitUntil(lambda: len(widget.strip.codes) == 30, timeout=30_000)
    family.gate.release(20)
    settled(widget, qtbot)
    assert len(widget.stacks.frame_states) == 5
    assert not widget.strip.codes.any()


def test_the_image_goes_while_it_runs(make_napari_viewer, qtbot):
    """Nothing comes later."""
    family = Gated()
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot, Segmenter.from_family(family, "gated"))
    widget.begin.click()
    family.gate.release(1)
    qtbot.waitUntil(lambda: widget.strip.codes.any(), timeout=30_000)
    labels = cut_out.session.labels
    viewer.layers.remove(cut_out.session.image)
    family.gate.release(50)
    settled(widget, qtbot)
    assert widget.stacks is None
    assert "no image" in widget.notice.text()
    assert len(widget.strip.codes) == 0
    assert np.asarray(labels.data).any(axis=(1, 2)).sum() < FRAMES


def test_closed_while_it_runs(make_napari_viewer, qtbot):
    """The thread ends by itself, unheard; what was done stays, and can be undone."""
    family = Gated()
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot, Segmenter.from_family(family, "gated"))
    widget.begin.click()
    family.gate.release(2)
    qtbot.waitUntil(lambda: widget.strip.codes[1] > 0, timeout=30_000)
    labels = np.asarray(cut_out.session.labels.data)
    widget.shut()
    done = labels.any(axis=(1, 2)).sum()
    family.gate.release(50)
    qtbot.wait(50)
    assert labels.any(axis=(1, 2)).sum() == done == 2
    cut_out.session.undo()
    assert not np.asarray(cut_out.session.labels.data).any()


def test_the_window_closes_while_it_runs(make_napari_viewer, qtbot):
    """Nothing is left behind: the viewer's own test looks for threads and widgets."""
    family = Gated()
    viewer = make_napari_viewer(show=True)
    widget, _ = opened(viewer, qtbot, Segmenter.from_family(family, "gated"))
    widget.begin.click()
    qtbot.waitUntil(family.asked.is_set, timeout=30_000)
    family.gate.release(50)
    viewer.close()
    assert widget.is_shut


def test_two_viewers_share_nothing(make_napari_viewer, qtbot):
    """A run in one isn't told of in the other."""
    widget, cut_out = opened(make_napari_viewer(), qtbot)
    other, other_cut_out = opened(make_napari_viewer(), qtbot)
    widget.ranges.axes[0].last.setValue(2)
    settled(widget, qtbot)
    widget.begin.click()
    settled(widget, qtbot)
    assert widget.strip.codes.any()
    assert not other.strip.codes.any()
    assert other.stacks.frames == ""
    assert other_cut_out.session.labels is None
    assert np.asarray(cut_out.session.labels.data).any()


def test_another_theme_has_other_colours(make_napari_viewer, qtbot):
    """The strip and the legend are drawn anew."""
    viewer = make_napari_viewer(show=True)
    viewer.theme = "dark"
    widget, _ = opened(viewer, qtbot)
    widget.begin.click()
    settled(widget, qtbot)

    def seen():
        icon = widget.legend.buttons["found"].icon().pixmap(16, 16).toImage()
        return widget.strip.grab().toImage(), icon

    dark = seen()
    viewer.theme = "light"
    QCoreApplication.processEvents()
    light = seen()
    assert dark[0] != light[0]
    assert dark[1] != light[1]


def use_and_close(viewer, qtbot):
    widget = Stacks(viewer)
    dock = viewer.window.add_dock_widget(widget, name="Stacks and videos")
    settled(widget, qtbot)
    widget.begin.click()
    settled(widget, qtbot)
    choose(widget, "propagate", qtbot)
    widget.by_hand.click.click()
    gone = weakref.ref(widget), weakref.ref(widget._thread), weakref.ref(widget.stacks)
    viewer.window.remove_dock_widget(dock)
    widget.deleteLater()
    return gone


def test_closed_and_collected(make_napari_viewer, qtbot):
    """Nothing of the viewer or the session holds it; its clicks are gone."""
    viewer = make_napari_viewer()
    first, cut_out = opened(viewer, qtbot)
    first.shut()
    drags = len(viewer.mouse_drag_callbacks)
    gone = use_and_close(viewer, qtbot)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [one() for one in gone] == [None, None, None]
    assert len(viewer.mouse_drag_callbacks) == drags
    cut_out.session.undo()
