"""Volumes over time: given as whole ones, or slice by slice with ids of each slice alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.formats.tracks.track import Track
from napari_cutout.segment.errors import OptionError
from napari_cutout.stacks.linking.errors import LinkError
from napari_cutout.stacks.linking.linker import Linker, link
from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions, VolumeOptions
from napari_cutout.stacks.linking.volume_linker import VolumeLinker
from napari_cutout.stacks.output.ways import Along, along_of, check_link

SHAPE = (8, 40, 60)


def balls(places, radius=3):
    """A volume with a ball at each place, called 1, 2 and on."""
    labels = np.zeros(SHAPE, np.uint16)
    where = np.indices(SHAPE)
    for number, place in enumerate(places, 1):
        apart = where - np.reshape(place, (3, 1, 1, 1))
        labels[(apart**2).sum(axis=0) <= radius**2] = number
    return labels


def crossing(count=4):
    """Two balls, one above the other in the end: apart by their planes alone."""
    return [balls([(2, 20, 10 + 3 * k), (6, 20, 19 - 3 * k)], radius=2) for k in range(count)]


def dividing():
    """A ball that is two from the third volume on, one above the other; another one stays."""
    whole = [(4, 20, 20), (4, 20, 50)]
    return [
        balls(whole),
        balls(whole),
        balls([(2, 17, 20), (4, 20, 50), (6, 23, 20)], radius=2),
        balls([(2, 16, 20), (4, 20, 50), (6, 24, 20)], radius=2),
    ]


def scrambled(volumes, seed=0):
    """The slices of volumes, the objects of each called something else."""
    rng = np.random.default_rng(seed)
    for volume in volumes:
        for labels in volume:
            names = np.concatenate([[0], 1 + rng.permutation(20)])
            yield names[labels]


def fed(linker, slices):
    """What a linker makes of slices; None for one that is missing."""
    for labels in slices:
        if labels is None:
            linker.add_missing()
        else:
            linker.add(labels)
    return linker.finish()


def test_objects_of_volumes_keep_apart_by_their_planes():
    tracks = link(crossing())
    assert tracks.tracks == (Track(1, 0, 3), Track(2, 0, 3))
    assert tracks.centres[0].tolist() == [2, 20, 10]
    for time, volume in enumerate(crossing()):
        np.testing.assert_array_equal(tracks.relabelled(volume, time), volume)


def test_a_division_over_planes_is_seen():
    assert link(dividing()).tracks == (
        Track(1, 0, 1),
        Track(2, 0, 3),
        Track(3, 2, 3, 1),
        Track(4, 2, 3, 1),
    )


def test_napari_takes_the_planes_too():
    data, graph, properties = link(dividing()).to_napari(scale=(1, 2, 0.5, 0.5))
    assert data[0].tolist() == [1, 0, 8, 10, 10]
    assert graph == {3: [1], 4: [1]}
    assert properties["area"][0] == (dividing()[0] == 1).sum()


@pytest.mark.parametrize(("depth", "count"), [(1.0, 1), (10.0, 2)])
def test_distances_count_in_the_units_of_the_spacing(depth, count):
    volumes = [balls([(1, 20, 20)], radius=1), balls([(5, 20, 20)], radius=1)]
    tracks = link(volumes, LinkOptions(max_distance=8.0), (depth, 1.0, 1.0))
    assert len(tracks.tracks) == count


def test_a_drift_over_planes_is_found():
    rng = np.random.default_rng(0)
    shape = (30, 60, 60)
    grid = np.stack(np.meshgrid([4, 14], [5, 20, 35], [5, 20, 35], indexing="ij"), -1)
    places = grid.reshape(-1, 3) + rng.integers(0, 3, (18, 3))
    volumes = []
    for step in range(3):
        labels = np.zeros(shape, int)
        for number, (plane, row, col) in enumerate(places + step * np.array([5, 8, 8]), 1):
            labels[plane : plane + 3, row : row + 4, col : col + 4] = number
        volumes.append(labels)
    tracks = link(volumes)
    assert len(tracks.tracks) == 18
    for time, volume in enumerate(volumes):
        named = {*zip(volume.ravel(), tracks.relabelled(volume, time).ravel(), strict=True)}
        assert len(named) == 19


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_slices_give_the_same_as_whole_volumes(seed):
    tracks = fed(VolumeLinker(SHAPE[0]), scrambled(dividing(), seed))
    whole = link(dividing())
    assert tracks.tracks == whole.tracks
    np.testing.assert_array_equal(tracks.volumes.centres, whole.centres)
    for place, labels in enumerate(scrambled(dividing(), seed)):
        time, plane = divmod(place, SHAPE[0])
        expected = whole.relabelled(dividing()[time], time)[plane]
        np.testing.assert_array_equal(tracks.relabelled(labels, place), expected)


def test_objects_go_on_across_a_slice_that_is_missing():
    slices = [*scrambled(crossing())]
    slices[SHAPE[0] + 2] = None
    tracks = fed(VolumeLinker(SHAPE[0]), slices)
    assert tracks.tracks == (Track(1, 0, 3), Track(2, 0, 3))
    assert tracks.ids(SHAPE[0] + 2) == {}


def test_objects_go_on_across_a_volume_that_is_missing():
    slices = [*scrambled(dividing()[:2] * 2)]
    slices[SHAPE[0] : 2 * SHAPE[0]] = [None] * SHAPE[0]
    options = VolumeLinkOptions(link=LinkOptions(max_gap=0))
    tracks = fed(VolumeLinker(SHAPE[0], options), slices)
    assert tracks.tracks == (Track(1, 0, 3), Track(2, 0, 3))


def test_volumes_of_which_nothing_is_known_have_planes_all_the_same():
    tracks = fed(VolumeLinker(2), [None] * 4)
    assert tracks.volumes.centres.shape == (0, 3)
    assert tracks.volumes.to_napari()[0].shape == (0, 5)


def test_what_is_too_flat_is_left_out():
    volume = np.zeros((3, 10, 10), int)
    volume[1, 2:5, 2:5] = volume[:, 6:9, 6:9] = 1
    volume[1, 2:5, 2:5] = 2
    tracks = fed(VolumeLinker(3), [*volume, *volume])
    assert tracks.tracks == (Track(1, 0, 1),)
    assert tracks.ids(1) == {1: 1, 2: 0}
    flat = VolumeLinkOptions(VolumeOptions(min_extent=1))
    assert len(fed(VolumeLinker(3, flat), [*volume, *volume]).tracks) == 2


def test_ids_of_volumes_can_be_taken_as_they_are():
    """Two objects that lie on each other, which joining would make one of."""
    volume = np.zeros((4, 10, 10), int)
    volume[:2, 2:8, 2:8], volume[2:, 2:8, 2:8] = 7, 9
    assert len(fed(VolumeLinker(4), [*volume] * 2).tracks) == 1
    as_given = VolumeLinkOptions(slices=None)
    tracks = fed(VolumeLinker(4, as_given), [*volume, None, *volume[1:]])
    assert tracks.tracks == (Track(1, 0, 1), Track(2, 0, 1))
    assert [tracks.ids(place) for place in (0, 3, 4, 5)] == [{7: 1}, {9: 2}, {}, {7: 1}]


def test_a_volume_that_is_not_whole_is_refused():
    linker = VolumeLinker(3)
    linker.add(np.zeros((4, 5), int))
    with pytest.raises(LinkError, match="3 slices, and only 1"):
        linker.finish()
    assert len(linker) == 1


def test_slices_of_one_volume_are_of_one_size():
    linker = VolumeLinker(3)
    linker.add(np.zeros((4, 5), int))
    for labels in (np.zeros((4, 6), int), np.zeros((1, 4, 5), int), np.zeros((4, 5))):
        with pytest.raises(LinkError, match="as large as others"):
            linker.add(labels)
    assert len(linker) == 1


def test_planes_and_volumes_are_not_mixed():
    linker = Linker()
    linker.add(np.zeros((4, 5), int))
    with pytest.raises(LinkError, match="2 axes were expected"):
        linker.add(np.zeros((2, 4, 5), int))
    with pytest.raises(LinkError, match="3 axes were expected"):
        Linker(spacing=(1, 1, 1)).add(np.zeros((4, 5), int))


@pytest.mark.parametrize(("planes", "spacing"), [(0, None), (2, (1, 1)), (2, (1, 1, 0))])
def test_volumes_that_cannot_be_are_refused(planes, spacing):
    with pytest.raises(LinkError):
        VolumeLinker(planes, spacing=spacing)


def test_volumes_need_planes_and_another_axis():
    check_link(VolumeLinkOptions(), ("t", "z"))
    check_link(VolumeLinkOptions(), ("p", "z"))
    for axes in (("t",), ("z",), ("c", "z"), ()):
        with pytest.raises(OptionError, match="links volumes of z"):
            check_link(VolumeLinkOptions(), axes)


@pytest.mark.parametrize(
    ("axes", "along"), [("tz", (0, 1)), ("zt", (1, 0)), ("cpz", (1, 2)), ("pczt", (3, 2))]
)
def test_volumes_are_linked_over_time_rather_than_along_others(axes, along):
    assert along_of(VolumeLinkOptions(), tuple(axes)) == Along(*along)
