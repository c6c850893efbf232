"""Painting in labels that are too large for napari's brushes: what is in view, as a layer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers.labels._labels_key_bindings import new_label

from computed import pyramid
from exact_family import exact_segmenter
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import Session, SessionError
from napari_cutout.layers.target import paint_window, pyramids, targets
from napari_cutout.layers.target.pyramids import is_ours, pixels_of

SHAPE = (40, 60)
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)
LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


@pytest.fixture
def _low_limits(monkeypatch):
    """So that small labels are too large to be shown."""
    monkeypatch.setattr(targets, "LARGEST_SHOWN", 1000)
    monkeypatch.setattr(pyramids, "TOP", 8)


def cut(session, *points):
    for point in points:
        session.add_point(point)
        session.commit()


def brush_of(session):
    """The layer that is painted in."""
    layer = session.viewer.layers.selection.active
    assert layer.name.startswith("brush for")
    return layer


def check_levels(session, expected):
    for k, level in enumerate(session.labels.data):
        step = 1 << k
        np.testing.assert_array_equal(level[...], expected[..., ::step, ::step])
    np.testing.assert_array_equal(
        np.squeeze(brush_of(session).data), np.squeeze(expected[session.frame])
    )


def press(layer, key):
    next(call for known, call in layer.keymap.items() if str(known) == key)(layer)


def rows_of(session):
    return [(row.id, row.area) for row in session.objects.rows()]


@pytest.fixture
def two(start, _low_limits):
    """Two committed objects in a pyramid, the brush in hand, and what the labels hold."""
    session = start()
    cut(session, IN_LEFT, IN_RIGHT)
    session.touch_up()
    whole = np.zeros(SHAPE, np.int32)
    whole[LEFT], whole[RIGHT] = 1, 2
    return session, whole


def test_a_stroke_is_in_the_labels_at_once_on_every_level(two):
    session, whole = two
    layer = brush_of(session)
    assert (session.brush, layer.selected_label) == ("paint", 2)
    layer.brush_size = 1
    layer.paint((0, 0), 1)
    whole[0, 0] = 1
    check_levels(session, whole)
    assert rows_of(session) == [(1, 99), (2, 200)]
    layer.brush_size = 5
    layer.paint((8, 10), 0)
    whole[np.hypot(*np.ogrid[-8:32, -10:50]) < 2.5] = 0
    assert 0 < (whole == 1).sum() < 99
    check_levels(session, whole)
    layer.fill((20, 30), 5)
    whole[RIGHT] = 5
    check_levels(session, whole)
    assert [number for number, _ in rows_of(session)] == [1, 5]


def test_strokes_are_undone_and_logged_in_order(two):
    session, whole = two
    before = whole.copy()
    layer = brush_of(session)
    layer.paint((35, 10), 1)
    after = layer.data.copy()
    assert (after == 1).sum() > (before == 1).sum()
    session.undo()
    assert session.status.startswith("Brush stroke")
    check_levels(session, before)
    session.redo()
    check_levels(session, after)
    (section,) = sections(session.log)
    np.testing.assert_array_equal(replay(section).labels, after)
    assert session.log[-2].text == "Brush stroke"


def test_a_drag_is_one_stroke(two):
    session, whole = two
    layer = brush_of(session)
    layer.brush_size = 3
    with layer.block_history():
        for col in range(5, 50):
            layer.paint((35, col), 2)
    drawn = layer.data.copy()
    check_levels(session, drawn)
    session.undo()
    check_levels(session, whole)


def test_what_happens_to_the_labels_is_seen_in_the_window(two):
    session, whole = two
    session.delete(2)
    whole[RIGHT] = 0
    check_levels(session, whole)
    session.undo()
    whole[RIGHT] = 2
    check_levels(session, whole)


def test_a_new_id_is_one_that_no_object_has(two):
    session, _ = two
    layer = brush_of(session)
    press(layer, "M")
    assert layer.selected_label == 3
    layer.paint((35, 10), 3)
    press(layer, "M")
    assert layer.selected_label == 4


def test_what_napari_takes_for_a_new_id_is_none_of_an_object_out_of_view(two):
    session, _ = two
    session.use("points")
    session.image.corner_pixels = np.array([[0, 0], [9, 9]])
    session.touch_up()
    layer = brush_of(session)
    assert (int(layer.data.max()), layer.selected_label) == (1, 2)
    layer.selected_label = 1
    new_label(layer)
    assert layer.selected_label == 3


def test_the_eraser_takes_away(two):
    session, whole = two
    session.touch_up("erase")
    assert session.brush == "erase"
    layer = brush_of(session)
    layer.brush_size = 1
    layer.paint((6, 7), 0)
    whole[6, 7] = 0
    check_levels(session, whole)


def test_another_layer_in_hand_puts_the_brush_away(two):
    session, _ = two
    layer = brush_of(session)
    session.use("points")
    assert not layer.visible
    assert session.brush is None
    session.touch_up()
    assert layer.visible
    assert brush_of(session) == layer


def test_with_a_preview_the_brush_is_for_that(two):
    session, _ = two
    session.delete(1)
    session.add_point(IN_LEFT)
    session.update()
    session.touch_up()
    assert session.viewer.layers.selection.active == session.preview


def test_labels_that_napari_can_paint_in_are_left_to_it(start):
    session = start()
    cut(session, IN_LEFT)
    assert not session.can_touch_up
    with pytest.raises(SessionError, match="no preview"):
        session.touch_up()


@pytest.mark.usefixtures("_low_limits")
def test_frames_of_a_stack_are_painted_one_by_one(start):
    pixels = np.zeros((3, *SHAPE), np.uint8)
    pixels[1][LEFT] = 255
    session = start(pixels)
    session.viewer.dims.set_point(0, 1)
    cut(session, IN_LEFT)
    session.touch_up()
    layer = brush_of(session)
    assert np.squeeze(layer.data)[8, 10] == 1
    session.viewer.dims.set_point(0, 2)
    assert session.brush == "paint"
    assert not layer.data.any()
    layer.brush_size = 1
    layer.paint((0, 30, 30), 1)
    expected = np.zeros((3, *SHAPE), np.int32)
    expected[1][LEFT] = expected[2, 30, 30] = 1
    np.testing.assert_array_equal(pixels_of(session.labels)[...], expected)
    session.undo()
    assert not layer.data.any()
    session.viewer.dims.set_point(0, 1)
    assert np.squeeze(layer.data)[8, 10] == 1
    session.viewer.dims.ndisplay = 3
    assert not layer.visible


@pytest.mark.usefixtures("_low_limits")
@pytest.mark.parametrize("order", [(1, 0, 2), (2, 0, 1), (2, 1, 0)])
def test_frames_along_other_axes(start, order):
    session = start(np.zeros((50, 40, 60), np.uint8), scale=(2, 1, 0.5))
    session.labels = session.viewer.add_layer(
        targets.new_labels(session.image, session.viewer.dims)
    )
    assert is_ours(session.labels)
    session.viewer.dims.order = order
    # As a canvas would say when it has drawn them.
    session.image.corner_pixels = np.array([[0, 0, 0], [49, 39, 59]])
    session.touch_up()
    layer = brush_of(session)
    layer.brush_size = 1
    place = [5, 6, 7]
    world = session.image.data_to_world([*place])
    session.viewer.dims.set_point(order[0], world[order[0]])
    here = np.round(layer.world_to_data(world)).astype(int)
    layer.paint(tuple(here), 4)
    found = np.argwhere(pixels_of(session.labels)[...])
    assert found.tolist() == [place]


def test_a_view_that_is_too_large_says_so(two, monkeypatch):
    session, _ = two
    session.use("points")
    monkeypatch.setattr(paint_window, "LARGEST", 1024)
    with pytest.raises(SessionError, match=r"40 x 60 pixels are in view.*32 x 32 at most; zoom in"):
        session.touch_up()


def test_choosing_the_labels_says_who_paints_in_them(two):
    session, _ = two
    session.viewer.layers.selection.active = session.labels
    assert "too large for napari's brushes" in session.status


def test_layers_that_go(two):
    session, whole = two
    session.viewer.layers.remove(brush_of(session))
    assert session.brush is None
    session.touch_up()
    check_levels(session, whole)
    layer = brush_of(session)
    session.labels = None
    assert not layer.visible
    session.close()
    assert layer not in session.viewer.layers


def test_what_cannot_be_written_is_not_shown(two, monkeypatch):
    session, whole = two
    layer = brush_of(session)

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("napari_cutout.layers.target.writing.write_levels", full)
    with pytest.raises(OSError, match="no space"):
        layer.fill((20, 30), 5)
    monkeypatch.undo()
    check_levels(session, whole)
    session.undo()
    assert session.answers_shown, "the commit before it is what was undone"


def test_in_a_huge_image_what_is_in_view_is_painted():
    viewer = ViewerModel()
    image = viewer.add_image(pyramid(100_000, [(70_000, 30_000, 100)]), multiscale=True)
    session = Session(viewer, image, exact_segmenter())
    session.intensity = "dtype"
    cut(session, (70_010, 30_010))
    image.data_level = 0
    image.corner_pixels = np.array([[69_800, 29_800], [70_300, 30_300]])
    session.touch_up()
    layer = brush_of(session)
    assert layer.data.nbytes < 16 << 20
    here = np.round(layer.world_to_data((70_000, 30_000))).astype(int)
    assert layer.data[tuple(here)] == 1
    layer.brush_size = 1
    layer.paint(tuple(here), 0)
    assert pixels_of(session.labels)[70_000, 30_000] == 0
    image.corner_pixels = np.array([[9_800, 9_800], [10_300, 10_300]])
    viewer.scene.camera.center = (0, 10_000, 10_000)
    here = np.round(layer.world_to_data((10_000, 10_000))).astype(int)
    assert session.brush == "paint"
    layer.paint(tuple(here), 7)
    assert pixels_of(session.labels)[10_000, 10_000] == 7
    session.close()


@settings(max_examples=25, deadline=None)
@given(
    strokes=st.lists(
        st.tuples(
            st.integers(0, 39),
            st.integers(0, 59),
            st.integers(1, 12),
            st.integers(0, 3),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_strokes_and_undos_keep_labels_window_and_log_in_step(strokes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(targets, "LARGEST_SHOWN", 1000)
        patch.setattr(pyramids, "TOP", 8)
        viewer = ViewerModel()
        session = Session(viewer, viewer.add_image(np.zeros(SHAPE, np.uint8)), exact_segmenter())
        session.labels = viewer.add_layer(targets.new_labels(session.image, viewer.dims))
        session.touch_up()
        layer, states = brush_of(session), [np.zeros(SHAPE, np.int32)]
        for row, col, size, number, goes_back in strokes:
            layer.brush_size = size
            layer.paint((row, col), number)
            if not np.array_equal(layer.data, states[-1]):
                states.append(layer.data.copy())
            if goes_back and len(states) > 1:
                states.pop()
                session.undo()
            check_levels(session, states[-1])
        empty = np.zeros(SHAPE, np.int32)
        found = [replay(section, empty).labels for section in sections(session.log)]
        np.testing.assert_array_equal(found[-1] if found else states[0], states[-1])
        session.close()
