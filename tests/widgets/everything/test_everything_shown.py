"""What is found as it is seen: parts that are drawn anew, and outlines that come in a pause."""

from __future__ import annotations

import numpy as np
import pytest

from everything_window import found, opened, settled
from finding import a_set
from finding import found as box
from napari_cutout.layers.everything.view import FoundLabels
from napari_cutout.segment.automatic.filters import Filters
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

pytestmark = pytest.mark.gui


def many(count, frame=(None, None)):
    """Small objects beside each other, each of another score, the best first."""
    objects = [
        FoundObject(
            Rle.encode(np.ones((7, 5 + k % 3), bool)),
            (3 + 10 * (k // 12), 3 + 10 * (k % 12)),
            1 - k / count,
            1.0,
            Window(0, 0, 120, 130),
        )
        for k in range(count)
    ]
    return a_set(*objects, shape=(120, 130), frame=frame)


def picture(viewer):
    return viewer.screenshot(canvas_only=True, flash=False)


@pytest.mark.parametrize("kind", ["kept", "rims", "left out"])
@pytest.mark.parametrize("dropped", [1, 3, 100])
def test_what_is_drawn_in_parts_is_as_all_drawn_anew(make_napari_viewer, kind, dropped):
    """One box, several, and nearly all."""
    viewer = make_napari_viewer(show=True)
    shown = FoundLabels(viewer, viewer.add_image(np.zeros((120, 130), np.uint8)), kind)
    objects = many(120)
    shown.show(objects)
    before = picture(viewer)
    objects.filter(Filters(min_score=(dropped + 0.5) / 120))
    shown.follow()
    after = picture(viewer)
    shown.layer.refresh()
    np.testing.assert_array_equal(after, picture(viewer))
    assert (after != before).any()


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)])
def test_in_a_stack_however_it_is_turned(make_napari_viewer, order):
    """Axes in another order are drawn transposed; another frame shows none of it."""
    viewer = make_napari_viewer(show=True)
    image = viewer.add_image(np.zeros((3, 120, 120), np.uint8))
    viewer.dims.set_current_step(0, 1)
    viewer.dims.order = order
    shown = FoundLabels(viewer, image)
    objects = many(120, (1, None, None))
    shown.show(objects)
    objects.decide(7, keep=False)
    shown.follow()
    after = picture(viewer)
    shown.layer.refresh()
    np.testing.assert_array_equal(after, picture(viewer))
    viewer.dims.set_current_step(0, 2)
    elsewhere = picture(viewer)
    objects.decide(8, keep=False)
    shown.follow()
    np.testing.assert_array_equal(picture(viewer), elsewhere)


def test_outlines_come_when_the_sliders_rest(make_napari_viewer, qtbot):
    """Until then pixels stand in, which follow at once."""
    viewer = make_napari_viewer(show=True)
    widget, _ = opened(viewer, qtbot)
    widget.finding.show_as = "both"
    widget.find.click()
    settled(widget, qtbot)
    labels, stand_in, outlines = widget.finding.layers
    assert (stand_in.visible, outlines.visible) == (False, True)
    area = widget.filters.area.slider
    area.setValue(((area.minimum() + area.maximum()) / 2, area.maximum()))
    assert (stand_in.visible, outlines.visible) == (True, False)
    assert np.count_nonzero(labels.data) == 200
    assert np.count_nonzero(stand_in.data) == 56
    settled(widget, qtbot)
    assert (stand_in.visible, outlines.visible) == (False, True)
    assert sorted(outlines.edge_color[:, 3].tolist()) == [0, 1]


def test_committed_outlines_come_later(make_napari_viewer, qtbot):
    """The commit doesn't wait for them."""
    viewer = make_napari_viewer(show=True)
    widget, _ = opened(viewer, qtbot)
    widget.finding.show_as = "outlines"
    widget.find.click()
    settled(widget, qtbot)
    widget.finding.drop(0)
    widget.commit.click()
    assert widget.is_busy
    settled(widget, qtbot)
    names = [layer.name for layer in viewer.layers if type(layer).__name__ == "Shapes"]
    (name,) = [name for name in names if name.startswith("outlines")]
    assert len(viewer.layers[name].data) == 1


def test_closed_before_the_outlines_came(make_napari_viewer, qtbot):
    """Nothing comes any more."""
    viewer = make_napari_viewer(show=True)
    widget, _ = found(viewer, qtbot)
    widget.finding.show_as = "outlines"
    assert widget.is_busy
    layers = widget.finding.layers
    widget.shut()
    assert not widget.is_busy
    qtbot.wait(400)
    assert not [layer for layer in layers if layer in viewer.layers]
    assert not [layer for layer in viewer.layers if layer.name.startswith("outlines")]


def test_one_box_has_a_picture(make_napari_viewer):
    """An object of one pixel's width is an array of one axis less: all is drawn anew then."""
    viewer = make_napari_viewer(show=True)
    shown = FoundLabels(viewer, viewer.add_image(np.zeros((40, 60), np.uint8)))
    objects = a_set(box((4, 4), (10, 1)), box((20, 4), (5, 1), score=0.5))
    shown.show(objects)
    objects.filter(Filters(min_score=0.7))
    shown.follow()
    after = picture(viewer)
    shown.layer.refresh()
    np.testing.assert_array_equal(after, picture(viewer))
