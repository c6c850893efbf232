"""Found objects as labels and as outlines, on a viewer without Qt."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.components import ViewerModel
from scipy.ndimage import binary_erosion
from skimage.draw import polygon2mask

from finding import EDGE, LARGE, SMALL, a_set, drawn, found, sets, three
from napari_cutout.layers.everything.outlines import FoundOutlines
from napari_cutout.layers.everything.tracing import outer_rings
from napari_cutout.layers.everything.view import FoundLabels
from napari_cutout.layers.image.coordinates import between
from napari_cutout.segment.automatic.filters import Filters

KINDS = ("kept", "rims", "left out")


@pytest.fixture
def viewer():
    return ViewerModel()


def image_in(viewer, shape=(40, 60), **place):
    return viewer.add_image(np.zeros(shape, np.uint8), **place)


def seen(layer, image, viewer):
    """The labels in the frame of the image."""
    matrix = between(layer, image, viewer.dims)
    row, col = np.round(matrix[-3:-1, -1]).astype(int)
    values = np.asarray(layer.data).reshape(layer.data.shape[-2:])
    whole = np.zeros(image.data.shape[-2:], int)
    whole[row : row + values.shape[0], col : col + values.shape[1]] = values
    return whole


def rims_of(mask):
    """Pixels that an erosion takes away."""
    return mask & ~binary_erosion(mask)


def test_the_smaller_shows_and_the_features_say_what_it_is(viewer):
    image = image_in(viewer, scale=(0.5, 0.5), translate=(3, 4))
    shown = FoundLabels(viewer, image)
    objects = three()
    shown.show(objects)
    np.testing.assert_array_equal(seen(shown.layer, image, viewer), drawn(objects))
    assert shown.layer.name == f"found in {image.name}"
    features = shown.layer.features
    assert features["index"].tolist() == [1, 2, 3]
    assert features["area"].tolist() == [200, 180, 6]
    assert features["score"].tolist() == [0.9, 0.7, 0.8]
    assert features["stability"].tolist() == [0.95, 0.9, 0.5]
    assert features["box"].tolist() == ["4, 4, 13, 23", "31, 40, 39, 59", "8, 10, 9, 12"]


def test_the_active_layer_stays_active(viewer):
    image = image_in(viewer)
    points = viewer.add_points(ndim=2)
    shown = FoundLabels(viewer, image)
    shown.show(three())
    assert viewer.layers.selection.active == points
    assert viewer.layers.index(shown.layer) == viewer.layers.index(image) + 1


@given(st.data())
def test_following_is_as_drawing_anew(data):
    viewer = ViewerModel()
    image = image_in(viewer, (12, 12))
    objects = data.draw(sets())
    kept, rims, others = (FoundLabels(viewer, image, kind) for kind in KINDS)
    for one in (kept, rims, others):
        one.show(objects)
    for _ in range(4):
        k, keep = data.draw(st.integers(0, len(objects) - 1)), data.draw(st.booleans())
        objects.decide(k, keep)
        for one in (kept, rims, others):
            one.follow()
        np.testing.assert_array_equal(seen(kept.layer, image, viewer), drawn(objects))
        np.testing.assert_array_equal(seen(rims.layer, image, viewer), drawn(objects, rims_of))
        objects.kept = ~objects.kept
        np.testing.assert_array_equal(seen(others.layer, image, viewer), drawn(objects, rims_of))
        objects.kept = ~objects.kept


def test_many_that_change_are_drawn_at_once(viewer):
    image = image_in(viewer)
    shown = FoundLabels(viewer, image)
    objects = three()
    shown.show(objects)
    objects.filter(Filters(min_score=0.95))
    shown.follow()
    assert not shown.layer.data.any()
    objects.filter(Filters())
    shown.follow()
    np.testing.assert_array_equal(seen(shown.layer, image, viewer), drawn(objects))


def test_only_boxes_that_changed_are_written(viewer):
    """One object of many is dropped: the rest of the array isn't touched."""
    image = image_in(viewer, (200, 200))
    objects = a_set(*(found((15 * k, 15 * k), (9, 9)) for k in range(12)), shape=(200, 200))
    shown = FoundLabels(viewer, image)
    shown.show(objects)
    shown.layer.data[100, 0] = 77
    objects.decide(3, keep=False)
    shown.follow()
    assert shown.layer.data[45:54, 45:54].max() == 0
    assert shown.layer.data[100, 0] == 77


def test_it_shows_in_its_frame_alone(viewer):
    image = image_in(viewer, (5, 40, 60), scale=(2, 1, 1))
    shown, outlines = FoundLabels(viewer, image), FoundOutlines(viewer, image)
    objects = a_set(LARGE, SMALL, EDGE, frame=(3, None, None))
    shown.show(objects)
    outlines.show(objects)
    assert shown.layer.data.shape == (1, 36, 56)
    assert between(shown.layer, image, viewer.dims)[0, -1] == 3
    viewer.dims.set_current_step(0, 3)
    assert between(outlines.layer, image, viewer.dims)[0, -1] == 0
    assert {ring[0, 0] for ring in outlines.layer.data} == {3}


def test_a_deleted_layer_is_forgotten_and_made_by_the_next_set(viewer):
    image = image_in(viewer)
    shown = FoundLabels(viewer, image)
    shown.show(three())
    layer = shown.layer
    viewer.layers.remove(layer)
    assert shown.forget(layer)
    shown.follow()
    assert shown.layer is None
    shown.show(three())
    assert shown.layer in viewer.layers


def test_nobody_paints_in_it(viewer):
    shown = FoundLabels(viewer, image_in(viewer))
    shown.show(three())
    shown.show(three())
    assert not shown.layer.editable


# Outlines


@given(sets(most=1))
def test_an_outline_surrounds_its_pixels(objects):
    (mask, origin) = objects.crop(0)
    covered = np.zeros((12, 12), bool)
    for ring in outer_rings((mask, origin)):
        covered |= polygon2mask((12, 12), ring)
    whole = np.zeros((12, 12), bool)
    whole[origin[0] : origin[0] + mask.shape[0], origin[1] : origin[1] + mask.shape[1]] = mask
    assert (covered | ~whole).all()


def test_a_hole_has_no_outline():
    mask = np.ones((7, 7), bool)
    mask[2:5, 2:5] = False
    (ring,) = outer_rings((mask, (10, 20)))
    assert ring.min(axis=0).tolist() == [9.5, 19.5]
    assert ring.max(axis=0).tolist() == [16.5, 26.5]
