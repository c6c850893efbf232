"""The curves and the samples: what they say, and that they are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from qtpy.QtCore import QSize

from napari_cutout.layers.learning.course import Course
from napari_cutout.train.tuning import TuningSample
from napari_cutout.widgets.learn.curves import Curves
from napari_cutout.widgets.learn.samples import COLUMNS, MOST, Samples

pytestmark = pytest.mark.gui


def course(**values):
    found = Course(
        losses=[(step, 2 / step) for step in range(1, 41)],
        ious=[(0, 0.6), (20, 0.75), (40, 0.7)],
        before=0.6,
        best=(20, 0.75),
        steps=60,
        stage="training",
    )
    for name, value in values.items():
        setattr(found, name, value)
    return found


def ink(widget):
    """Pixels that aren't of the background."""
    image = widget.grab().toImage()
    corner = image.pixelColor(0, 0)
    return sum(
        image.pixelColor(x, y) != corner
        for x in range(0, image.width(), 2)
        for y in range(image.height())
    )


@pytest.fixture
def curves(qtbot):
    widget = Curves()
    qtbot.addWidget(widget)
    widget.resize(300, widget.sizeHint().height())
    return widget


def test_in_words(curves):
    assert curves.describe() == "Nothing was learned yet"
    curves.show_course(course())
    said = curves.accessibleDescription()
    assert said == "Loss 0.05 at step 40; IoU 0.60 before; IoU 0.75 at best, at step 20"


def test_what_lies_under_the_cursor(curves):
    curves.show_course(course())
    area = curves._areas()[0]

    assert curves.at(area.x(19)) == "loss 0.105 at step 19; IoU 0.75 at step 20"


def test_more_is_drawn_when_more_is_known(curves):
    inks = []
    for known in (Course(), course(ious=[], before=None, best=None), course()):
        curves.show_course(known)
        inks.append(ink(curves))
    assert inks[0] < inks[1] < inks[2]


def test_numbers_that_are_none_are_no_error(curves):
    """A loss that exploded, and one step alone."""
    curves.show_course(course(losses=[(1, math.nan), (2, math.inf)]))
    assert ink(curves) > 0
    curves.show_course(course(losses=[(1, 0.0)], ious=[(0, 0.0)], before=0.0, best=None))
    assert ink(curves) > 0


def samples_of(count):
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    pixels = np.full((40, 40, 3), 90, np.uint8)
    return tuple(TuningSample(f"f{k}", pixels, mask, mask, (20, 20), k / 10) for k in range(count))


def test_samples_are_drawn_as_wide_as_there_is_room(qtbot):
    widget = Samples()
    qtbot.addWidget(widget)
    widget.resize(240, 100)
    widget.show_samples(samples_of(COLUMNS + 1))
    two_rows = widget.height()
    widget.show_samples(samples_of(COLUMNS))

    assert widget.height() < two_rows
    assert widget.accessibleDescription().startswith("f0: IoU 0.00 after one click; f1: IoU 0.10")
    small = widget.height()
    widget.resize(QSize(400, widget.height()))
    widget.show()
    qtbot.waitUntil(lambda: widget.height() > small)
    widget.show_samples(samples_of(MOST + 3))
    assert len(widget.samples) == MOST
    widget.show_samples(())
    assert widget.height() == 0
