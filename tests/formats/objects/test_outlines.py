"""Masks as polygons along the edges of pixels, and polygons as masks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from napari_cutout.formats.objects.filling import fill
from napari_cutout.formats.objects.frame_masks import boxed
from napari_cutout.formats.objects.outlines import outlines
from napari_cutout.segment.rle import Rle

MASKS = hnp.arrays(
    bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=10), elements=st.booleans()
)
ORIGINS = st.tuples(st.integers(0, 4), st.integers(0, 4))


def geometry(polygons):
    return shapely.MultiPolygon([(one.outer, one.holes) for one in polygons])


def placed(mask, origin):
    frame = np.zeros((20, 20), bool)
    (row, col), (height, width) = origin, mask.shape
    frame[row : row + height, col : col + width] = mask
    return frame


@given(MASKS, ORIGINS)
def test_filling_outlines_gives_the_mask_back(mask, origin):
    polygons = outlines(mask, origin)
    rings = [ring for polygon in polygons for ring in polygon.rings]

    assert fill([polygon.rings for polygon in polygons], (20, 20)) == boxed(mask, origin)
    # By the even-odd rule over all of them, too, as ImageJ fills a composite.
    assert fill([rings], (20, 20)) == boxed(mask, origin)


@given(MASKS)
def test_outlines_are_valid_and_have_the_area_of_the_mask(mask):
    found = geometry(outlines(mask))

    assert all(part.is_valid for part in found.geoms)
    assert found.is_valid
    assert found.area == np.count_nonzero(mask)


@given(MASKS)
def test_a_polygon_is_a_piece_of_pixels_that_share_edges(mask):
    from scipy import ndimage

    assert len(outlines(mask)) == ndimage.label(mask)[1]


@given(MASKS)
def test_rings_turn_at_every_vertex(mask):
    for ring in (ring for polygon in outlines(mask) for ring in polygon.rings):
        steps = np.diff(np.concatenate([ring, ring[:1]]), axis=0)
        assert ((steps == 0).sum(axis=1) == 1).all()
        assert ((steps != 0) != np.roll(steps != 0, 1, axis=0)).all()


def test_a_pixel_covers_one_from_its_corner():
    (polygon,) = outlines(np.ones((1, 1), bool), (3, 5))

    assert sorted(polygon.outer.tolist()) == [[5, 3], [5, 4], [6, 3], [6, 4]]


def test_pixels_that_touch_at_a_corner_are_two_polygons():
    assert len(outlines(np.eye(2, dtype=bool))) == 2


def test_holes_that_touch_at_a_corner_are_two():
    mask = np.ones((4, 4), bool)
    mask[1, 1] = mask[2, 2] = False

    (polygon,) = outlines(mask)
    assert [len(hole) for hole in polygon.holes] == [4, 4]


def test_a_hole_belongs_to_the_piece_around_it():
    mask = np.ones((7, 7), bool)
    mask[1:6, 1:6] = False
    mask[2:5, 2:5] = True
    mask[3, 3] = False

    holes = {int(np.ptp(one.outer)): [int(np.ptp(hole)) for hole in one.holes]
             for one in outlines(mask)}  # fmt: skip
    assert holes == {7: [5], 3: [1]}


@pytest.mark.parametrize("shape", [(0, 0), (3, 4)])
def test_nothing_has_no_outline(shape):
    assert outlines(np.zeros(shape, bool)) == ()


@given(hnp.arrays(bool, (7, 8), elements=st.booleans()))
def test_pycocotools_fills_outlines_without_holes_alike(mask):
    polygons = [one for one in outlines(mask) if not one.holes]
    parts = [one.outer.ravel().astype(float).tolist() for one in polygons]
    if not parts:
        return
    theirs = coco.merge(coco.frPyObjects(parts, 20, 20))
    ours, origin = fill([one.rings for one in polygons], (20, 20))

    decoded = Rle((20, 20), theirs["counts"].decode()).decode()
    assert (decoded == placed(ours.decode(), origin)).all()


POINTS = st.lists(
    st.tuples(st.floats(-5, 25, width=32), st.floats(-5, 25, width=32)), min_size=3, max_size=7
)


@given(POINTS)
def test_pixels_with_their_centre_inside_are_filled(points):
    ring = np.array(points)
    mask, origin = fill([[ring]], (20, 20))
    y, x = np.mgrid[:20, :20] + 0.5
    near = np.zeros((20, 20), bool)
    inside = np.zeros((20, 20), bool)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        between = (y >= min(y0, y1)) & (y < max(y0, y1))
        inside ^= between & (crossing <= x)
        near |= between & (np.abs(crossing - x) < 1e-6)

    found = placed(mask.decode(), origin)
    assert (found == inside)[~near].all()


def test_of_a_centre_on_an_edge_the_pixel_to_the_right_is_in():
    between = np.array([[0.5, 0], [2.5, 0], [2.5, 3], [0.5, 3]])
    mask, origin = fill([[between]], (9, 9))

    assert (mask.size, origin) == ((3, 2), (0, 0))


def test_parts_add_up_and_rings_of_one_polygon_leave_holes():
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4]])
    inner = np.array([[1, 1], [3, 1], [3, 3], [1, 3]])

    assert fill([[square, inner]], (9, 9))[0].area == 12
    assert fill([[square], [inner]], (9, 9))[0].area == 16


@pytest.mark.parametrize("ring", [[[90, 90], [99, 90], [99, 99]], [[-9, -9], [-1, -9], [-1, -1]]])
def test_what_lies_outside_is_cut_off(ring):
    assert fill([[np.array(ring)]], (20, 20))[0].area == 0
