"""Objects of slices joined into those of a volume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.formats.images import open_image
from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.linking.errors import LinkError
from napari_cutout.stacks.linking.options import VolumeOptions
from napari_cutout.stacks.linking.volumes import SliceJoiner, join_slices

VOLUMES = Path(__file__).parents[4] / "shared" / "data"


def balls(*balls, shape=(20, 40, 40)):
    """A volume with a ball for each (centre, radius)."""
    grid = np.indices(shape)
    volume = np.zeros(shape, np.int32)
    for number, (centre, radius) in enumerate(balls, 1):
        away = np.sqrt(sum((axis - at) ** 2 for axis, at in zip(grid, centre, strict=True)))
        volume[away <= radius] = number
    return volume


def joined(slices, **options):
    """The volume with an id for each object."""
    tracks = join_slices(slices, VolumeOptions(**options))
    return np.stack([tracks.relabelled(one, number) for number, one in enumerate(slices)])


def renamed(volume, seed):
    """Every slice with ids of its own."""
    chance = np.random.default_rng(seed)
    names = [np.concatenate([[0], 1 + chance.permutation(9)]) for _ in volume]
    return np.stack([name[one] for name, one in zip(names, volume, strict=True)])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_every_object_has_one_id_in_all_slices(seed):
    volume = balls(((8, 10, 10), 6), ((10, 28, 28), 8), ((3, 30, 8), 3))
    found = joined(renamed(volume, seed))

    together = np.unique(np.stack([volume.ravel(), found.ravel()]), axis=1)
    # Background and three objects, each with one id of its own.
    assert together.shape == (2, 4)
    assert sorted(together[1].tolist()) == [0, 1, 2, 3]


def test_of_two_on_top_of_each_other_each_has_its_own():
    volume = balls(((4, 20, 14), 5), ((13, 20, 24), 5))
    found = joined(volume)

    assert np.array_equal(found, volume)


def test_a_slice_in_which_an_object_is_missing_is_bridged():
    volume = balls(((8, 20, 20), 6))
    volume[8] = 0

    assert np.unique(joined(volume, max_gap=1)).tolist() == [0, 1]
    assert np.unique(joined(volume, max_gap=0)).tolist() == [0, 1, 2]


def test_an_object_of_too_small_extent_is_left_out():
    volume = np.zeros((4, 9, 9), int)
    volume[:3, 1:4, 1:4], volume[1:3, 6:8, 6:8] = 1, 2

    assert np.unique(joined(volume, min_extent=2)).tolist() == [0, 1, 2]
    assert np.unique(joined(volume, min_extent=3)).tolist() == [0, 1]


def test_both_pieces_of_a_mask_that_was_cut_once_are_the_object():
    volume = balls(((8, 20, 20), 6))
    volume[8, :, 21:][volume[8, :, 21:] > 0] = 2
    found = joined(volume)

    assert np.array_equal(found, (volume > 0).astype(int))


def test_two_that_end_in_one_stay_two():
    volume = np.zeros((4, 12, 12), int)
    volume[:2, 1:6, 1:5], volume[:2, 1:6, 5:9], volume[2:, 1:6, 1:9] = 1, 2, 3
    found = joined(volume)

    assert len(np.unique(found[:2][found[:2] > 0])) == 2


def test_less_overlap_than_asked_for_joins_nothing():
    volume = np.zeros((2, 10, 20), int)
    volume[0, 2:6, 2:12], volume[1, 2:6, 6:16] = 1, 1

    assert len(join_slices(volume, VolumeOptions(min_overlap=0.6, min_extent=1)).tracks) == 1
    assert len(join_slices(volume, VolumeOptions(min_overlap=0.61, min_extent=1)).tracks) == 2


def test_objects_are_joined_across_a_slice_that_cannot_be_read():
    joiner = SliceJoiner(VolumeOptions(max_gap=0))
    joiner.add(balls(((0, 20, 20), 6))[0])
    joiner.add_missing()
    joiner.add(balls(((0, 20, 20), 6))[0])
    tracks = joiner.finish()

    assert [(one.first, one.last) for one in tracks.tracks] == [(0, 2)]


def test_objects_in_their_boxes_are_joined():
    class Cut:
        origin = (3, 4)

        def decode(self):
            return Rle.encode(np.ones((5, 5), bool)).decode()

    joiner = SliceJoiner()
    for _ in range(2):
        joiner.add_objects([Cut()], (20, 20))

    assert joiner.finish().ids(1) == {1: 1}


def test_an_empty_volume_has_no_objects():
    assert join_slices(np.zeros((3, 5, 5), int)).tracks == ()
    assert join_slices([]).tracks == ()


def test_what_is_no_slice_is_refused():
    with pytest.raises(LinkError, match="labels"):
        join_slices(np.zeros((3, 5, 5)))


@pytest.mark.parametrize(
    ("name", "exact", "objects"),
    [
        ("vol3d_mouse_embryo_nuclei/labels/16_cell_stage.tif", 16, 16),
        ("vol3d_mouse_embryo_nuclei/labels/8_cell_stage.tif", 8, 8),
        ("vol3d_plant_ovule/labels/sample_ovule.tif", 41, 50),
    ],
)
def test_objects_of_real_volumes_are_joined_exactly(name, exact, objects):
    path = VOLUMES / name
    if not path.is_file():
        pytest.skip("the volume isn't here")
    volume = np.asarray(open_image(path).data).astype(np.int64)
    found = joined(volume)
    ids = np.unique(volume[volume > 0])
    good = 0
    for one in ids:
        names = np.unique(found[volume == one])
        good += len(names) == 1 and names[0] > 0 and bool((volume[found == names[0]] == one).all())

    assert (len(ids), good >= exact) == (objects, True)
