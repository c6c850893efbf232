"""Instances from the distances that micro-sam's decoder tells."""

from __future__ import annotations

import numpy as np
import pytest

from distance_family import DistanceFamily, distance_segmenter
from exact_family import exact_segmenter
from napari_cutout.sam.family import Dense, Distances
from napari_cutout.segment.automatic import InstanceOptions, SeedOptions, label_image
from napari_cutout.segment.automatic.instances.distance_basins import distance_basins
from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.distances import FrameDistances
from napari_cutout.segment.windows import Window


def discs(*middles, radius=10, shape=(80, 120)):
    """The maps of discs; where they overlap, a pixel is of the nearest."""
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    away = np.min([np.hypot(rows - r, cols - c) for r, c in middles], axis=0)
    away = np.minimum(away / radius, 1).astype(np.float32)
    foreground = (away < 1).astype(np.float32)
    return FrameDistances(foreground, away, away, Window(0, 0, *shape))


def test_discs_apart_are_objects():
    labels = distance_basins(discs((20, 20), (50, 80)), 0.5)
    assert labels.max() == 2
    assert labels[20, 20] != labels[50, 80]
    assert labels[0, 0] == 0


def test_discs_that_touch_come_apart():
    labels = distance_basins(discs((40, 40), (40, 57)), 0.5)
    assert labels.max() == 2
    assert (labels[40, :48] == labels[40, 40])[labels[40, :48] > 0].all()


def test_a_long_object_stays_whole():
    maps = discs(*[(40, col) for col in range(30, 90, 2)])
    # Its own centre is one; deepest it is all along its axis.
    away = np.abs(np.arange(120) - 59) / 40
    centre = np.maximum(maps.boundary, np.broadcast_to(away, maps.boundary.shape))
    whole = FrameDistances(maps.foreground, centre.astype(np.float32), maps.boundary, maps.window)
    assert distance_basins(whole, 0.5).max() == 1


@pytest.fixture
def frame():
    frame = np.zeros((120, 160), np.uint8)
    frame[10:40, 20:60] = frame[70:110, 90:130] = 255
    return frame


def test_everything_of_such_a_model(frame):
    assert isinstance(DistanceFamily(), Distances)
    segmenter = distance_segmenter()
    objects = segmenter.everything(segmenter.encode(frame, "none"), InstanceOptions())
    assert len(objects) == 2
    # Smoothing rounds the corners off.
    found = label_image(objects) > 0
    assert (found & (frame > 0)).sum() / (found | (frame > 0)).sum() > 0.95
    assert {one.point for one in objects} <= {(r, c) for r in range(120) for c in range(160)}


def test_it_finds_seeds_for_another(frame):
    options = SeedOptions(finder=distance_segmenter())
    segmenter = exact_segmenter()
    objects = segmenter.everything(segmenter.encode(frame, "none"), options)
    np.testing.assert_array_equal(label_image(objects) > 0, frame > 0)


def test_a_large_frame_is_gone_through_in_windows(frame):
    segmenter = distance_segmenter()
    options = InstanceOptions(tiles=Tiles(side=100, overlap=45))
    objects = segmenter.everything(segmenter.encode(frame, "none"), options)
    assert len(objects) == 2


def test_the_model_has_no_dense_head():
    assert not distance_segmenter().can_dense
    assert isinstance(exact_segmenter().model, Dense)
