"""Edges without prompts."""

import numpy as np
import pytest
from scipy import ndimage

from exact_family import ExactFamily
from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import Segmenter, Window
from napari_cutout.segment.automatic import edges
from napari_cutout.segment.automatic.edges import edge_map, find_edges
from napari_cutout.segment.automatic.grid.upscaling import upscaling
from napari_cutout.segment.errors import OptionError


@pytest.fixture
def family():
    return ExactFamily(input_size=64)


@pytest.fixture
def segmenter(family):
    return Segmenter.from_family(family, "exact")


@pytest.fixture
def frame():
    """Two bright pieces that don't meet."""
    pixels = np.zeros((64, 64), np.uint8)
    pixels[8:30, 10:30] = pixels[38:58, 36:60] = 200
    return pixels


def outline(frame):
    bright = frame > 0
    cross = ndimage.generate_binary_structure(2, 1)
    return ndimage.binary_dilation(bright, cross) & ~ndimage.binary_erosion(bright, cross)


def test_edges_lie_where_the_frame_changes(segmenter, frame):
    edges = edge_map(segmenter, segmenter.encode(frame), 8)
    assert edges.shape == frame.shape
    assert edges.dtype == np.float32
    assert (edges.min(), edges.max()) == (0, 1)
    # The second candidate is a pixel larger, and so is its outline.
    near = ndimage.binary_dilation(outline(frame), iterations=2)
    assert not (edges > 0.3)[~near].any()
    around, _ = ndimage.label(edges < 0.3)
    assert len({around[0, 0], around[20, 20], around[48, 48]}) == 3


def test_thin_edges_are_part_of_the_thick_ones(segmenter, frame):
    embedding = segmenter.encode(frame)
    thin, thick = (edge_map(segmenter, embedding, 8, thin=thin) for thin in (True, False))
    assert np.count_nonzero(thin) < 0.6 * np.count_nonzero(thick)
    np.testing.assert_array_equal(thin[thin > 0], thick[thin > 0])


def test_masks_below_the_threshold_are_not_drawn(segmenter, frame):
    embedding = segmenter.encode(frame)
    edges = edge_map(segmenter, embedding, 8, smoothing=0, thin=False, pred_iou_thresh=0.8)
    np.testing.assert_array_equal(edges > 0, outline(frame))


def test_a_frame_of_one_value_has_no_edges(segmenter):
    edges = edge_map(segmenter, segmenter.encode(np.zeros((64, 64), np.uint8)), 4)
    assert not edges.any()


def test_a_large_frame_has_no_edges_at_the_seams_of_windows(segmenter):
    bright = np.full((150, 150), 200, np.uint8)
    bright[:20] = 0
    edges = edge_map(segmenter, segmenter.encode(bright, "none"), 4)
    assert edges[:14].max() == edges[27:].max() == 0
    assert (edges[18:23].max(axis=0) > 0.5).all()


def test_it_is_told_of_each_batch(segmenter, frame):
    steps = list(find_edges(segmenter, segmenter.encode(frame), 8))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert steps[-1].done == steps[-1].total == 5
    assert [step.edges is None for step in steps[:-1]] == [True] * (len(steps) - 1)


@pytest.mark.parametrize("options", [{"points_per_side": 0}, {"smoothing": -1.0}])
def test_what_makes_no_sense_is_refused(segmenter, frame, options):
    with pytest.raises(OptionError, match="one point per side"):
        edge_map(segmenter, segmenter.encode(frame), **options)


def test_the_outlines_of_real_nuclei_are_edges():
    segmenter = Segmenter("compact")
    frame = fluorescence()[150:406, 330:586]
    edges = edge_map(segmenter, segmenter.encode(frame), 8, pred_iou_thresh=0.6)
    bright = ndimage.binary_opening(ndimage.gaussian_filter(frame, 2.0) > 50, iterations=3)
    border = bright ^ ndimage.binary_erosion(bright)
    found = ndimage.binary_dilation(edges > 0.3, iterations=3)
    assert found[border].mean() > 0.7
    assert (edges > 0.3).mean() < 0.05


def test_of_masks_with_the_same_box_the_best_is_drawn(segmenter, frame):
    embedding = segmenter.encode(frame)
    up = upscaling(segmenter.model, embedding.grid(Window(0, 0, 64, 64)))
    logits = np.full((3, 64, 64), -1, np.float16)
    logits[:2, 8:30, 10:30] = 1
    logits[0, 15:20, 15:20] = -1
    logits[2, 38:58, 36:60] = 1
    kept = edges._without_redundant(logits, np.array([0.5, 0.9, 0.1], np.float32), up)
    assert [mask.tolist() for mask in kept] == [logits[1].tolist(), logits[2].tolist()]
