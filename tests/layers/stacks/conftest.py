"""Stacks on a viewer without Qt: two objects that move, with a model whose answers are known."""

from __future__ import annotations

import pytest
from napari.components import ViewerModel

from exact_family import exact_segmenter
from moving_stack import moving
from napari_cutout.layers import Session
from napari_cutout.layers.stacks.stacks import Stacks
from napari_cutout.segment.automatic.grid.options import GridOptions

QUICK = GridOptions(points_per_side=6, points_per_batch=9, stability_score_thresh=0.0)


@pytest.fixture
def begin():
    """Stacks of a session on frames; they are closed in the end."""
    sessions = []

    def make(data=None, labels=None, run=None, policy="new_on_top", **options):
        viewer = ViewerModel()
        viewer.dims.ndisplay = 2
        data = moving() if data is None else data
        options.setdefault("axis_labels", [*"tz"[: data.ndim - 2], "y", "x"])
        image = viewer.add_image(data, name="cells", **options)
        layer = None if labels is None else viewer.add_labels(labels, name="target")
        session = Session(viewer, image, exact_segmenter(), layer, policy=policy)
        viewer.dims.point = (0,) * viewer.dims.ndim
        sessions.append(session)
        stacks = Stacks(session, run)
        stacks.options = QUICK
        return stacks

    yield make
    for session in sessions:
        session.close()
