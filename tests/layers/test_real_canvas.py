"""A click of a real mouse on the real canvas: its mask is right in labels and on screen."""

from __future__ import annotations

import numpy as np
import pytest

from exact_family import exact_segmenter
from napari_cutout.layers import Session

pytestmark = pytest.mark.gui


def test_a_click_ends_as_pixels_and_colour_and_undo_takes_them_back(make_napari_viewer):
    """On a scaled and rotated image."""
    import canvas

    viewer = make_napari_viewer(show=True)
    frame = np.zeros((40, 60), np.uint8)
    frame[5:12, 6:20] = 255
    frame[20:30, 30:50] = 255
    image = viewer.add_image(frame, scale=(2, 3), rotate=30, translate=(-7, 100))
    session = Session(viewer, image, exact_segmenter())
    viewer.reset_view()
    world = image.data_to_world((25, 40))

    canvas.click(viewer, world)
    session.update()
    session.commit()

    expected = np.zeros((40, 60), int)
    expected[20:30, 30:50] = 1
    np.testing.assert_array_equal(session.labels.data, expected)
    where = canvas.screen_position(viewer, world)
    ratio = canvas.native(viewer).devicePixelRatio()
    pixel = viewer.screenshot(flash=False)[round(where.y() * ratio), round(where.x() * ratio), :3]
    assert np.ptp(pixel.astype(int)) > 60, "the label is drawn in a colour"

    session.undo()
    assert not session.labels.data.any()
    session.close()
