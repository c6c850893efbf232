"""Sessions on images of any size."""

import tracemalloc

import numpy as np

from computed import disc, pyramid
from napari_cutout.layers.target.targets import can_be_shown, new_labels

SIDE = 100_000


def test_a_click_in_a_huge_image_shows_the_object_under_it(start):
    session = start(pyramid(SIDE, [(70_000, 30_000, 100)]), multiscale=True)
    session.intensity = "dtype"
    session.add_point((70_010, 30_010))
    session.update()
    mask, origin = session.answers_shown[0].crop(session.mask_options)
    assert origin == (69_900, 29_900)
    assert np.array_equal(mask, disc((201, 201), 100, 100, 100))
    assert session.preview.data.any()
    assert np.asarray(session.preview.data).sum() == mask.sum()
    middle = np.argwhere(session.preview.data).mean(axis=0)
    world = session.preview.data_to_world(middle)
    assert np.allclose(session.image.world_to_data(world), (70_000, 30_000))


def test_a_click_reads_one_window_of_it(start):
    levels = pyramid(SIDE, [(70_000, 30_000, 100)])
    session = start(levels, multiscale=True)
    session.intensity = "dtype"
    before = [level.read for level in levels]
    session.add_point((70_010, 30_010))
    session.update()
    side = session.segmenter.info.input_size
    assert levels[0].read - before[0] == side**2
    assert [level.read for level in levels[1:-1]] == before[1:-1]


def test_a_candidate_that_reaches_beyond_the_window_says_so(start):
    pixels = np.zeros((3000, 3000), np.uint8)
    pixels[500:520, 500:530] = pixels[600:, 600:650] = 255
    session = start(pixels)
    session.add_point((510, 510))
    session.update()
    assert session.status.startswith("Preview of candidate 1 of 3")
    session.choose(2)
    beyond = (
        "It reaches beyond what was looked at; choose 'The whole frame'. Preview of candidate 3"
    )
    assert session.status.startswith(beyond)
    session.preview.paint((0, 0), 1)
    session.set_mask_options(fill_holes=True)
    assert session.status.startswith("Preview of candidate 3")
    session.window = "whole"
    session.update()
    session.choose(2)
    assert session.status.startswith("Preview of candidate 3")


def test_a_commit_into_labels_of_a_huge_image_is_seen_on_every_level(start):
    session = start(pyramid(SIDE, [(70_000, 30_000, 100)]), multiscale=True)
    session.intensity = "dtype"
    session.add_point((70_010, 30_010))
    assert session.commit() == 1
    assert "too large for napari's brushes" in session.status
    labels = session.labels
    assert labels.visible
    assert labels.data[-1].shape == (782, 782)
    there = np.s_[69_888:70_144, 29_824:30_144]
    expected = np.zeros((256, 320), bool)
    expected[12:213, 76:277] = disc((201, 201), 100, 100, 100)
    for k, level in enumerate(labels.data):
        part = tuple(slice(one.start >> k, -(-one.stop >> k)) for one in there)
        picked = expected[-there[0].start % (1 << k) :: 1 << k, :: 1 << k]
        assert picked.any()
        np.testing.assert_array_equal(level[part][: picked.shape[0], : picked.shape[1]], picked)
    session.undo()
    assert not any(np.any(level[there]) for level in labels.data[:1])
    session.redo()
    assert [row.area for row in session.objects.rows()] == [expected.sum()]


def test_an_object_of_a_huge_image_is_corrected(start):
    session = start(pyramid(SIDE, [(70_000, 30_000, 100)]), multiscale=True)
    session.intensity = "dtype"
    session.add_point((70_010, 30_010))
    session.commit()
    assert session.pick((70_010, 30_010)) == 1
    given = session.prompts.masks[0]
    assert given.origin == (69_900, 29_900)
    np.testing.assert_array_equal(given.mask, disc((201, 201), 100, 100, 100))
    session.update()
    session.preview.data_setitem(np.nonzero(session.preview.data), 0)
    session.preview.data_setitem((np.array([0]), np.array([0])), 1)
    assert session.commit() == 1
    assert [row.area for row in session.objects.rows()] == [1]


def test_a_commit_in_a_huge_image_takes_the_memory_of_the_object(start):
    """Labels of one resolution would take 40 GB, and showing them four times as much."""
    session = start(pyramid(SIDE, [(70_000, 30_000, 100)]), multiscale=True)
    session.intensity = "dtype"
    session.add_point((70_010, 30_010))
    session.update()
    tracemalloc.start()
    session.commit()
    session.undo()
    session.redo()
    session.delete(1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 200 << 20


def test_labels_that_napari_can_show_are_shown(start):
    session = start(np.zeros((40, 60), np.uint8))
    assert can_be_shown((3, 40, 60))
    assert new_labels(session.image, session.viewer.dims).visible
