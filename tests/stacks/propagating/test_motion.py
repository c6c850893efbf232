"""Where masks are expected: they follow what is seen, and stay where nothing is."""

import numpy as np
import pytest
from scipy import ndimage

from exact_family import exact_segmenter
from napari_cutout.stacks.propagating.motion import expect
from napari_cutout.stacks.propagating.pieces import Piece

SHAPE = (90, 110)


@pytest.fixture(scope="module")
def texture():
    """A frame larger than what is looked at, full of blobs of about 8 pixels."""
    rng = np.random.default_rng(3)
    smooth = ndimage.gaussian_filter(rng.normal(size=(150, 170)), 3)
    low, high = np.percentile(smooth, [1, 99])
    return np.clip((smooth - low) / (high - low) * 255, 0, 255).astype(np.uint8)


def seen(texture, at):
    row, col = at
    frame = texture[row : row + SHAPE[0], col : col + SHAPE[1]]
    return exact_segmenter().encode(frame, "none")


@pytest.mark.parametrize("shift", [(0, 0), (2, -1), (-3, 4), (12, -17), (25, 20)])
def test_a_mask_goes_with_the_image(texture, shift):
    piece = Piece(np.ones((16, 20), bool), (35, 40))
    before, after = seen(texture, (30, 30)), seen(texture, (30 - shift[0], 30 - shift[1]))
    (found,) = expect(before, after, [piece], [np.zeros(2)])
    moved = Piece(piece.mask, (35 + shift[0], 40 + shift[1]))
    assert found.iou(moved) > 0.9


def test_a_mask_stays_where_nothing_moves(texture):
    piece = Piece(ndimage.distance_transform_edt(np.ones((15, 23))) > 0, (20, 30))
    embedding = seen(texture, (30, 30))
    (found,) = expect(embedding, embedding, [piece], [np.zeros(2)])
    assert (found.origin, found.mask.tolist()) == (piece.origin, piece.mask.tolist())


@pytest.mark.parametrize("values", [0, 255])
def test_a_mask_stays_where_nothing_is_seen(values):
    piece = Piece(np.ones((8, 9), bool), (20, 30))
    embedding = exact_segmenter().encode(np.full(SHAPE, values, np.uint8), "none")
    (found,) = expect(embedding, embedding, [piece], [np.zeros(2)])
    assert (found.origin, found.mask.shape) == (piece.origin, piece.mask.shape)


def test_masks_bend_with_the_image(texture):
    rows, cols = np.meshgrid(np.arange(SHAPE[0]), np.arange(SHAPE[1]), indexing="ij")
    inner = texture[30 : 30 + SHAPE[0], 30 : 30 + SHAPE[1]]
    middle = np.array([45, 55])
    places = [(at - m) / 1.12 + m for at, m in zip((rows, cols), middle, strict=True)]
    larger = ndimage.map_coordinates(inner.astype(float), places, order=1, mode="nearest")
    segmenter = exact_segmenter()
    before, after = (segmenter.encode(f.astype(np.uint8), "none") for f in (inner, larger))
    disc = np.hypot(rows - 45, cols - 55)
    piece, grown = Piece.of(disc < 16, (0, 0)), Piece.of(disc < 16 * 1.12, (0, 0))
    (found,) = expect(before, after, [piece], [np.zeros(2)])
    assert found.iou(grown) > 0.93 > piece.iou(grown)


def test_a_tiny_frame_has_no_motion():
    piece = Piece(np.ones((3, 3), bool), (2, 2))
    embedding = exact_segmenter().encode(np.eye(9, dtype=np.uint8) * 255, "none")
    assert expect(embedding, embedding, [piece], [np.zeros(2)]) == [piece]
