"""Sessions on images of any size."""

import numpy as np

from computed import disc, pyramid

SIDE = 100_000


def test_a_click_in_a_huge_image_shows_the_object_under_it(start):
    session = start(pyramid(SIDE, [(70_000, 30_000, 100)]), multiscale=True)
    session.intensity = "dtype"
    session.add_point((70_010, 30_010))
    session.update()
    mask, origin = session.answers_shown[0].crop(session.mask_options)
    assert origin == (69_900, 29_900)
    assert np.array_equal(mask, disc((201, 201), 100, 100, 100))
    assert session.preview.visible
    assert np.asarray(session.preview.data).sum() == mask.sum()
    world = session.preview.data_to_world((100, 100))
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
