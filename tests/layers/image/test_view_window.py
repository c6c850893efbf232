"""The window that the canvas shows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers import Image

from computed import pyramid
from napari_cutout.layers.image.view_window import (
    Seen,
    check_choice,
    outline,
    view_window,
    window_for,
)
from napari_cutout.segment import Window
from napari_cutout.segment.windows import fits


def viewer_of(data, **settings):
    viewer = ViewerModel()
    viewer.add_layer(Image(data, **settings))
    return viewer, viewer.layers[0]


def seen(viewer, canvas=(400, 800)):
    return Seen(viewer.scene.camera.center, viewer.scene.camera.zoom, canvas)


def look_at(viewer, row, col, zoom):
    viewer.scene.camera.center = (0, row, col)
    viewer.scene.camera.zoom = zoom


def test_what_the_canvas_sees_is_the_window():
    viewer, image = viewer_of(np.zeros((3000, 3000), np.uint8))
    look_at(viewer, 1499.5, 1999.5, 1)
    window = view_window(image, (None, None), viewer.dims, seen(viewer))
    assert window == Window(1280, 1600, 448, 800)


def test_beyond_the_frame_nothing_is_looked_at():
    viewer, image = viewer_of(np.zeros((300, 200), np.uint8))
    look_at(viewer, 0, 0, 0.01)
    assert view_window(image, (None, None), viewer.dims, seen(viewer)) == Window(0, 0, 300, 200)
    look_at(viewer, -9000, 0, 1)
    assert view_window(image, (None, None), viewer.dims, seen(viewer)) is None


@given(
    st.floats(-500, 3500),
    st.floats(-500, 3500),
    st.floats(0.05, 20),
    st.tuples(st.floats(0.2, 5), st.floats(0.2, 5)),
    st.floats(-180, 180),
    st.booleans(),
)
@settings(max_examples=40)
def test_every_pixel_that_is_seen_lies_in_the_window(row, col, zoom, scale, angle, turned):
    shape, canvas = (2000, 3000), (300, 500)
    viewer, image = viewer_of(
        np.broadcast_to(np.uint8(0), shape), scale=scale, rotate=angle, contrast_limits=(0, 1)
    )
    if turned:
        viewer.dims.order = (1, 0)
    look_at(viewer, row, col, zoom)
    window = view_window(image, (None, None), viewer.dims, seen(viewer, canvas))
    rng = np.random.default_rng(0)
    across = rng.uniform(-0.5, 0.5, (50, 2)) * canvas / zoom + (row, col)
    world = across[:, ::-1] if turned else across
    data = np.array([image.world_to_data(point) for point in world])
    inside = (data >= -0.5).all(axis=1) & (data <= np.array(shape) - 0.5).all(axis=1)
    if window is None:
        assert not inside.any()
        return
    assert fits(window, shape)
    # Rounding at the window's very edge is no matter.
    slack = 1e-6
    assert all(
        window.row - 0.5 - slack <= r <= window.row + window.rows - 0.5 + slack
        and window.col - 0.5 - slack <= c <= window.col + window.cols - 0.5 + slack
        for r, c in data[inside]
    )


def test_a_small_move_of_the_camera_makes_no_other_window():
    viewer, image = viewer_of(np.zeros((3000, 3000), np.uint8))
    found = set()
    for move in range(8):
        look_at(viewer, 1490 + move, 1490 + move, 1)
        found.add(view_window(image, (None, None), viewer.dims, seen(viewer)))
    assert len(found) <= 2


def test_without_a_canvas_all_of_the_frame_is_shown():
    viewer, image = viewer_of(np.zeros((300, 200), np.uint8))
    assert view_window(image, (None, None), viewer.dims) == Window(0, 0, 300, 200)


def test_a_pyramid_is_drawn_at_a_level_and_looked_at_in_pixels_of_the_frame():
    viewer, image = viewer_of(pyramid(8192, levels=4), multiscale=True)
    assert image.data_level == 3
    assert view_window(image, (None, None), viewer.dims) == Window(0, 0, 8192, 8192)
    image.corner_pixels = np.array([[256, 128], [511, 255]])
    assert view_window(image, (None, None), viewer.dims) == Window(2048, 1024, 2048, 1024)


def test_a_frame_that_is_not_shown_has_no_window():
    viewer, image = viewer_of(np.zeros((9, 300, 200), np.uint8))
    assert view_window(image, (None, 3, None), viewer.dims) is None
    viewer.dims.ndisplay = 3
    assert view_window(image, (3, None, None), viewer.dims) is None


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1), (1, 2, 0)])
def test_every_orientation_of_a_volume_is_looked_at(order):
    shape = (200, 300, 400)
    viewer, image = viewer_of(np.broadcast_to(np.uint8(0), shape), contrast_limits=(0, 1))
    viewer.dims.order = order
    index = tuple(7 if axis == order[0] else None for axis in range(3))
    first, second = order[1:]
    look_at(viewer, 99.5, 99.5, 10)
    window = view_window(image, index, viewer.dims, seen(viewer, (800, 400)))
    sizes = {first: 80, second: 40}
    axes = sorted(order[1:])
    assert window.rows == pytest.approx(sizes[axes[0]], abs=8)
    assert window.cols == pytest.approx(sizes[axes[1]], abs=8)


@pytest.mark.parametrize("choice", ["auto", "whole", "view"])
def test_a_choice_means_a_window_for_the_segmenter(choice):
    viewer, image = viewer_of(np.zeros((3000, 3000), np.uint8))
    look_at(viewer, 1499.5, 1999.5, 1)
    expected = {"auto": None, "whole": "whole", "view": Window(1280, 1600, 448, 800)}
    found = window_for(choice, image, (None, None), viewer.dims, (), seen(viewer))
    assert found == expected[check_choice(choice)]


def test_no_prompt_is_left_out_of_the_view():
    viewer, image = viewer_of(np.zeros((3000, 3000), np.uint8))
    look_at(viewer, 1499.5, 1999.5, 1)
    points = [(1400.2, 1700), (900.6, 2100), (1500, 2999.4)]
    window = window_for("view", image, (None, None), viewer.dims, points, seen(viewer))
    assert window == Window(900, 1600, 828, 1400)
    assert all(window.holds(np.tile(point, 2)) for point in points)


def test_where_nothing_is_seen_the_view_is_the_whole_frame():
    viewer, image = viewer_of(np.zeros((300, 300), np.uint8))
    look_at(viewer, -9000, 0, 1)
    assert window_for("view", image, (None, None), viewer.dims, (), seen(viewer)) == "whole"


def test_another_word_is_no_choice():
    with pytest.raises(ValueError, match="window 'all' is unknown; use one of"):
        check_choice("all")


def test_an_outline_runs_around_the_pixels_of_a_window():
    corners = outline(Window(10, 20, 30, 40), (5, None, None))
    assert corners.tolist() == [
        [5, 9.5, 19.5],
        [5, 9.5, 59.5],
        [5, 39.5, 59.5],
        [5, 39.5, 19.5],
    ]


@pytest.mark.gui
def test_what_the_camera_sees_is_what_napari_draws(make_napari_viewer):
    """The canvas' size and the camera say the same as the layer's own corners."""
    from qtpy.QtWidgets import QApplication

    import canvas

    viewer = make_napari_viewer(show=True)
    image = viewer.add_image(np.zeros((3000, 4000), np.uint8), scale=(2, 3), contrast_limits=(0, 1))
    viewer.dims.order = (1, 0)
    look_at(viewer, 6000, 3000, 0.4)
    native = canvas.native(viewer)
    QApplication.processEvents()
    viewer.screenshot(flash=False)
    size = (native.height(), native.width())
    exact = view_window(image, (None, None), viewer.dims, seen(viewer, size))
    drawn = view_window(image, (None, None), viewer.dims)
    step = 64
    assert (exact.row, exact.col) == pytest.approx((drawn.row, drawn.col), abs=step)
    assert (exact.rows, exact.cols) == pytest.approx((drawn.rows, drawn.cols), abs=2 * step)
    assert exact.rows < 3000
    assert exact.cols < 4000
