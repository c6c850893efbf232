"""The dock widget "Learn" as windows, images and themes come and go, also while it learns."""

from __future__ import annotations

import gc
import weakref

import pytest
from qtpy.QtCore import QCoreApplication, QEvent

from full_disk import full_disk
from learning_discs import QUICK, disc_image, disc_labels
from napari_cutout.layers.learning.files import trained_models
from napari_cutout.widgets import CutOut, Learn

pytestmark = pytest.mark.gui


def test_it_follows_cut_out(make_napari_viewer_proxy, qtbot):
    """Without it, on an image, and when it is closed."""
    viewer = make_napari_viewer_proxy()
    widget = Learn(viewer)
    viewer.window.add_dock_widget(widget, name="Learn")
    qtbot.waitUntil(lambda: "isn't open" in widget.notice.text(), timeout=60_000)
    assert not widget.train.isEnabled()
    viewer.add_image(disc_image(disc_labels()))
    cut_out = CutOut(viewer)
    dock = viewer.window.add_dock_widget(cut_out, name="Cut Out")
    qtbot.waitUntil(lambda: widget.learning.session is not None, timeout=60_000)
    assert widget.learning.session is cut_out.session
    qtbot.waitUntil(lambda: not widget.notice.isVisibleTo(widget), timeout=60_000)
    assert "no objects yet" in widget.learning_from.nothing.text()
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: widget.learning.session is None, timeout=60_000)
    assert "isn't open" in widget.notice.text()


def test_another_image_is_opened_while_it_learns(opened):
    """The training goes on, and what came of it is for the session that is there then."""
    one = opened()
    one.learning.set_options(steps=300)
    one.settle()
    one.widget.train.click()
    one.wait(lambda: one.learning.course.best is not None)
    before = one.cut_out.session
    labels = disc_labels()
    other = one.viewer.add_image(disc_image(labels), name="another")
    one.cut_out.work_on(other)
    one.wait(lambda: one.learning.session is not None and one.learning.session is not before)
    assert before.is_closed
    assert one.learning.is_running
    one.viewer.layers.remove(one.image)
    one.viewer.layers.remove(one.labels)
    one.widget.stop.click()
    one.settle()
    one.widget.result.use.click()
    one.settle()
    assert one.cut_out.session is not before
    assert one.cut_out.session.model == one.learning.outcome.path


def test_closed_while_it_learns(opened, qtbot):
    """The thread ends by itself, unheard; the best so far is in its file and in the list."""
    one = opened()
    one.learning.set_options(steps=300)
    one.settle()
    one.widget.train.click()
    one.wait(lambda: one.learning.course.best is not None)
    one.viewer.window.remove_dock_widget(one.dock)
    assert one.widget.is_shut
    assert one.learning.is_closed
    (path,) = trained_models()
    assert path.is_file()
    assert one.cut_out.session.model == "compact"


def test_the_window_closes_while_it_learns(opened):
    """Nothing is left behind: the viewer's own test looks for threads and widgets."""
    one = opened()
    one.learning.set_options(steps=300)
    one.settle()
    one.widget.train.click()
    one.wait(lambda: one.learning.course.losses)
    one.viewer.close()
    assert one.widget.is_shut


def test_a_full_disk_is_said(opened):
    """The file that didn't fit isn't there, and one may train again."""
    one = opened()
    with full_disk(1 << 20):
        one.train(steps=1)
    assert "can't write" in one.widget.status
    assert any("can't write" in note for note in one.notes)
    assert one.widget.train.isEnabled()
    assert not one.widget.result.isVisible()
    one.train()
    assert one.widget.result.isVisible()


def test_too_little_memory_is_said(opened, monkeypatch):
    one = opened()

    def no_memory(*_):
        raise MemoryError

    one.settle()
    assert one.learning.is_current
    monkeypatch.setattr("torch.optim.AdamW.step", no_memory)
    one.widget.train.click()
    one.settle()
    assert "memory" in one.widget.status
    assert any("memory" in note for note in one.notes)
    assert one.widget.train.isVisible()
    assert not one.learning.is_running


def test_what_is_done_while_nobody_looks_is_notified(opened):
    """The dock is behind another one."""
    one = opened()
    one.settle()
    one.widget.train.click()
    one.dock.hide()
    one.settle()
    assert any(note.endswith("Use it in Learn.") for note in one.notes)


def test_nothing_is_planned_while_nobody_looks(opened):
    """Measuring what it costs takes a core."""
    one = opened()
    one.dock.hide()
    one.cut_out.session.delete([1])
    one.settle()
    assert not one.learning.is_current
    one.dock.show()
    one.settle()
    assert one.learning.is_current


def test_two_viewers_share_nothing_but_files(opened, make_napari_viewer, qtbot):
    one, viewer = opened(), make_napari_viewer()
    viewer.add_image(disc_image(disc_labels()))
    viewer.window.add_dock_widget(CutOut(viewer), name="Cut Out")
    other = Learn(viewer)
    viewer.window.add_dock_widget(other, name="Learn")
    one.train()
    qtbot.waitUntil(lambda: not other.is_busy, timeout=60_000)
    assert one.learning.outcome is not None
    assert other.learning.outcome is None
    assert not other.result.isVisibleTo(other)


def test_another_theme_has_other_colours(opened):
    one = opened()
    one.viewer.theme = "dark"
    one.train()
    dark = one.widget.curves.grab().toImage()
    one.viewer.theme = "light"
    QCoreApplication.processEvents()
    assert one.widget.curves.grab().toImage() != dark


def use_and_close(one):
    widget = Learn(one.viewer)
    dock = one.viewer.window.add_dock_widget(widget, name="Learn again")
    widget.learning.set_options(**QUICK)
    one.wait(lambda: not widget.is_busy)
    widget.train.click()
    one.wait(lambda: not widget.is_busy)
    assert widget.learning.outcome is not None
    gone = weakref.ref(widget), weakref.ref(widget._thread), weakref.ref(widget.learning)
    one.viewer.window.remove_dock_widget(dock)
    widget.deleteLater()
    return gone


def test_closed_and_collected(opened):
    """Nothing of the viewer or the session holds it."""
    one = opened()
    gone = use_and_close(one)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [thing() for thing in gone] == [None, None, None]
    one.cut_out.session.delete([1])
