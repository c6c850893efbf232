"""The one converter, against napari's own arithmetic and over any placing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.components import Dims, ViewerModel
from napari.layers import Image, Labels, Points

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers import ViewError
from napari_cutout.layers.image.coordinates import (
    apply,
    between,
    from_world,
    in_data,
    placing,
    shown_frame,
    world_matrix,
)

SHAPE = (5, 6, 7)
lengths = st.floats(0.05, 20)
shifts = st.floats(-300, 300)
units = st.sampled_from(["pixel", "nm", "um", "mm"])


@st.composite
def placings(draw, unit=units):
    """A placing that mixes only the last two axes, as arguments for a layer."""
    affine = np.eye(4)
    affine[1:3, 1:3] += draw(st.floats(-0.3, 0.3)) * np.array([[0, 1], [1, 0]])
    affine[:3, 3] = [draw(shifts) for _ in range(3)]
    angle = np.deg2rad(draw(st.floats(-180, 180)))
    rotate = np.eye(3)
    rotate[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return {
        "scale": [draw(lengths) for _ in range(3)],
        "translate": [draw(shifts) for _ in range(3)],
        "rotate": rotate,
        "shear": [0, 0, draw(st.floats(-0.5, 0.5))],
        "affine": affine,
        "units": (draw(unit),) * 3,
    }


def dims_at(image, index):
    """The sliders at a frame's place in the world."""
    dims = Dims(ndim=3, units=image.units, range=[(-1e5, 1e5, 1e-3)] * 3)
    dims.point = (world_matrix(image, dims) @ [index, 0, 0, 1])[:3]
    return dims


@given(placings(), st.integers(0, 4))
def test_the_frame_on_screen_is_found(place, index):
    """Where the slider is put to a frame's place in the world."""
    image = Image(np.zeros(SHAPE), **place)
    assert shown_frame(image, dims_at(image, index)) == (index, None, None)


@given(placings(), st.tuples(shifts, shifts, shifts))
def test_a_layer_placed_on_the_image_has_its_coordinates(place, point):
    """In the image's units, and so do napari's own tools on the layer."""
    image = Image(np.zeros(SHAPE), **place)
    dims = dims_at(image, 2)
    layer = Points(ndim=3, **placing(image, dims))
    np.testing.assert_allclose(apply(between(layer, image, dims), [point])[0], point, atol=1e-6)
    world = apply(world_matrix(image, dims), [point])[0]
    np.testing.assert_allclose(layer.world_to_data(world), point, atol=1e-5)


@settings(max_examples=20)
@given(placings(st.just("um")), st.sampled_from(["nm", "um", "mm"]), st.tuples(shifts, shifts))
def test_units_of_other_layers_do_not_move_the_image(place, other, point):
    """A layer in smaller units changes the world's unit, not what a place means."""
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros(SHAPE), **place)
    viewer.add_image(np.zeros((4, 4)), units=(other, other))
    world = apply(world_matrix(image, viewer.dims), [[3, *point]])[0]
    np.testing.assert_allclose(from_world(image, viewer.dims, world), [3, *point], atol=1e-6)
    layer = viewer.add_layer(Points(ndim=3, **placing(image, viewer.dims)))
    np.testing.assert_allclose(layer.world_to_data(world), [3, *point], atol=1e-5)


@settings(max_examples=20)
@given(st.permutations(range(3)), st.integers(0, 4))
def test_any_order_of_axes_gives_a_frame_in_data_order(order, index):
    """The last two of the order are shown; rows and columns are never swapped."""
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros(SHAPE), scale=(3, 2, 0.5))
    viewer.dims.order = tuple(order)
    viewer.dims.set_point(order[0], index * image.scale[order[0]])
    found = shown_frame(image, viewer.dims)
    assert found[order[0]] == index
    assert frame_axes(found) == tuple(sorted(order[1:]))


def test_axes_are_aligned_from_the_right():
    """A 2-D image beside a stack has no index."""
    viewer = ViewerModel()
    viewer.add_image(np.zeros((9, 6, 7)))
    flat = viewer.add_image(np.zeros((6, 7)))
    assert shown_frame(flat, viewer.dims) == (None, None)


def test_coordinates_of_layers_of_other_dimensions():
    """From a 2-D image to 3-D labels: the slider tells the missing coordinate."""
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((6, 7)), scale=(2, 2))
    labels = viewer.add_layer(Labels(np.zeros((5, 12, 14), int), scale=(3, 1, 1)))
    viewer.dims.set_point(0, 6)
    found = apply(between(image, labels, viewer.dims), [[1, 2]])
    np.testing.assert_allclose(found, [[2, 2, 4]])


def test_the_step_of_the_slider_is_not_the_frame():
    """Another layer's finer step makes the slider's number another one."""
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((4, 6, 7)), scale=(4, 1, 1))
    viewer.add_image(np.zeros((13, 6, 7)))
    viewer.dims.set_point(0, 12)
    assert viewer.dims.current_step[0] == 12
    assert shown_frame(image, viewer.dims) == (3, None, None)


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
def test_rotation_out_of_the_plane_is_refused():
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros(SHAPE), rotate=(0, 30, 0))
    with pytest.raises(ViewError, match="rotated or sheared"):
        shown_frame(image, viewer.dims)


def test_three_dimensional_display_is_refused():
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros(SHAPE))
    viewer.dims.ndisplay = 3
    with pytest.raises(ViewError, match="2-D view"):
        shown_frame(image, viewer.dims)


def test_a_slider_beyond_the_image_is_refused():
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((2, 6, 7)))
    viewer.add_image(np.zeros((9, 6, 7)))
    viewer.dims.set_point(0, 8)
    with pytest.raises(ViewError, match="positions 0 to 1"):
        shown_frame(image, viewer.dims)


def test_frame_coordinates_become_data_coordinates():
    np.testing.assert_array_equal(in_data([[1.5, 2]], (None, 4, None)), [[1.5, 4, 2]])
