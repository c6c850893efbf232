"""A session with discs to learn from, the real model, and files of its own."""

from __future__ import annotations

import pytest
from napari.components import ViewerModel

from learning_discs import QUICK, disc_image, disc_labels
from napari_cutout.layers import Session
from napari_cutout.layers.learning import Learning


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Where trained models and their list go."""
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def begin():
    """Learning beside a session, by default with labels; they are closed in the end."""
    made = []

    def make(labels=None, run=None, look=None, image=None, has_labels=True, **options):
        viewer = ViewerModel()
        labels = disc_labels() if labels is None else labels
        layer = viewer.add_image(disc_image(labels) if image is None else image, name="discs")
        target = viewer.add_labels(labels, name="truth") if has_labels else None
        session = Session(viewer, layer, "compact", target)
        learning = Learning(session, run, look)
        learning.set_options(**{**QUICK, **options})
        made.append(learning)
        made.append(session)
        return learning

    yield make
    for one in made:
        one.close()
