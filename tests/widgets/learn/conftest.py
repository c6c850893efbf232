"""A window with "Cut Out" and "Learn" in their docks, and discs to learn from."""

from __future__ import annotations

import pytest

from learning_discs import QUICK, disc_image, disc_labels


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Where trained models and their list go."""
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def opened(make_napari_viewer, qtbot, monkeypatch):
    """Both widgets, waiting until they are idle; what is notified is noted."""
    from napari.utils import notifications

    from napari_cutout.widgets import CutOut, Learn
    from napari_cutout.widgets.learn import learn

    class Opened:
        def __init__(self):
            monkeypatch.setattr(learn, "REST", 0)
            self.notes = []
            monkeypatch.setattr(
                notifications.notification_manager,
                "dispatch",
                lambda note: self.notes.append(str(note.message)),
            )
            self.viewer = make_napari_viewer(show=True)
            labels = disc_labels()
            self.image = self.viewer.add_image(disc_image(labels), name="discs")
            self.labels = self.viewer.add_labels(labels, name="truth")
            self.cut_out = CutOut(self.viewer)
            self.viewer.window.add_dock_widget(self.cut_out, name="Cut Out")
            self.cut_out.live.setChecked(False)
            self.cut_out.session.labels = self.labels
            self.widget = Learn(self.viewer)
            self.dock = self.viewer.window.add_dock_widget(self.widget, name="Learn")
            self.learning = self.widget.learning
            self.learning.set_options(**QUICK)
            self.settle()
            self.wait(lambda: len(self.cut_out.session.objects.ids) == labels.max())
            self.settle()

        def settle(self):
            qtbot.waitUntil(
                lambda: not self.widget.is_busy and not self.cut_out.is_busy, timeout=120_000
            )

        def wait(self, is_so):
            qtbot.waitUntil(lambda: bool(is_so()), timeout=120_000)

        def train(self, **options):
            self.learning.set_options(**options)
            self.settle()
            self.widget.train.click()
            self.settle()

    return Opened
