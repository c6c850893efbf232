"""The layer of the preview: where its pixels lie, and what of it is made anew."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_cutout.layers import preview as module
from napari_cutout.layers.preview import Preview

SHAPE = (40, 60)
INDEX = (None, None)


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch):
    monkeypatch.setattr(module, "TILE", 16)


def begin(shape=SHAPE, **placing):
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros(shape, np.uint8), **placing)
    return viewer, image, Preview(viewer, image)


def show(made, *masks, index=INDEX):
    viewer, _, preview = made
    preview.show(masks, index, viewer.dims)


def seen(made):
    """What is shown, in the frame; 0 where nothing is."""
    _, image, preview = made
    whole = np.zeros(SHAPE, int)
    if preview.is_shown:
        values = np.squeeze(preview.layer.data)
        corner = image.world_to_data(preview.layer.data_to_world((0,) * image.ndim))[-2:]
        row, col = np.round(corner).astype(int)
        whole[row : row + values.shape[0], col : col + values.shape[1]] = values
    return whole


def frame_with(*boxes):
    whole = np.zeros(SHAPE, int)
    for k, (row, col, rows, cols) in enumerate(boxes, 1):
        whole[row : row + rows, col : col + cols] = k
    return whole


def box(row, col, rows, cols):
    return np.ones((rows, cols), bool), (row, col)


def test_masks_show_where_they_are():
    made = begin(scale=(2, 0.5), translate=(7, -3), rotate=20)
    show(made, box(3, 4, 5, 6), box(30, 50, 10, 10))
    np.testing.assert_array_equal(seen(made), frame_with((3, 4, 5, 6), (30, 50, 10, 10)))


def test_the_layer_holds_the_tiles_that_the_masks_touch():
    made = begin()
    show(made, box(17, 20, 5, 20))
    assert made[2].layer.data.shape == (16, 32)


def test_the_last_tiles_end_where_the_frame_ends():
    made = begin()
    show(made, box(33, 49, 7, 11))
    assert made[2].layer.data.shape == (8, 12)


def test_masks_of_the_same_tiles_are_written_in_place():
    made = begin()
    show(made, box(3, 4, 5, 6))
    before = made[2].layer.data
    show(made, box(8, 2, 4, 4))
    assert made[2].layer.data is before
    np.testing.assert_array_equal(seen(made), frame_with((8, 2, 4, 4)))


def test_masks_of_a_tile_elsewhere_use_the_same_pixels():
    made = begin()
    show(made, box(3, 4, 5, 6))
    before = made[2].layer.data
    show(made, box(20, 18, 5, 6))
    assert made[2].layer.data is before
    np.testing.assert_array_equal(seen(made), frame_with((20, 18, 5, 6)))


def test_what_was_hidden_doesnt_come_back():
    made = begin()
    show(made, box(3, 4, 5, 6))
    made[2].hide()
    assert not made[2].is_shown
    show(made, box(12, 12, 1, 1))
    np.testing.assert_array_equal(seen(made), frame_with((12, 12, 1, 1)))


def test_the_thumbnail_of_a_hidden_preview_is_empty():
    made = begin()
    show(made, box(0, 0, 16, 16))
    assert made[2].layer.thumbnail[..., :3].any()
    made[2].hide()
    assert not made[2].layer.thumbnail[..., :3].any()


def test_the_masks_come_back_in_their_boxes():
    made = begin()
    corner = np.array([[True, False], [True, True]])
    show(made, (corner, (5, 6)), (np.zeros((0, 0), bool), (0, 0)), box(20, 20, 2, 2))
    first, empty, last = made[2].masks()
    np.testing.assert_array_equal(first[0], corner)
    assert first[1] == (5, 6)
    assert empty[0].size == 0
    assert last[1] == (20, 20)


def test_a_frame_of_a_stack_shows_in_no_other():
    made = begin((3, *SHAPE))
    show(made, box(3, 4, 5, 6), index=(2, None, None))
    layer = made[2].layer
    assert layer.data.shape == (1, 16, 16)
    np.testing.assert_array_equal(layer.data_to_world((0, 0, 0)), (2, 0, 0))


def test_a_brush_on_an_empty_preview_touches_nothing_up():
    touched = []
    viewer, image, _ = begin()
    preview = Preview(viewer, image, touched=touched.append)
    preview.layer.paint((0, 0), 1)
    preview.hide()
    assert touched == []
    assert not preview.layer.data.any()


def test_asking_again_for_what_is_shown_draws_nothing_anew(start):
    session = start()
    session.add_point((8, 10))
    session.update()
    drawn = []
    session.preview.events.set_data.connect(lambda: drawn.append(True))
    session.update()
    assert drawn == []
    session.preview.visible = False
    session.update()
    assert session.preview.visible
