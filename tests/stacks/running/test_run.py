"""Whole runs: found, linked, gone on with, and ended at each stage."""

from __future__ import annotations

import numpy as np
import pytest

from flat_family import flat_segmenter
from full_disk import full_disk
from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels
from napari_cutout.segment.errors import OptionError
from napari_cutout.stacks.errors import OutputError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions
from napari_cutout.stacks.running.run import run_stack
from stacked_frames import HOW, BrokenStack, a_stack, begun, files_of, frames

LINK = LinkOptions()


def run(path, stack, **known):
    """All steps of a run."""
    with begun(path, stack) as output:
        return list(run_stack(flat_segmenter(), stack, output, HOW, **known))


def ids(path):
    """The labels on the disk at their finest level."""
    return np.asarray(read_ome_labels(path).levels[0])


def follows(path, data):
    """Whether each of the two things has one id in all frames, another one than the other."""
    labels = ids(path)
    first, second = labels[data == 255], labels[data == 200]
    return len(np.unique(first)) == len(np.unique(second)) == 1 and first[0] != second[0]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.zarr"


def test_each_frame_is_told_and_then_each_step_of_linking(path):
    steps = run(path, a_stack(4), link=LINK)

    assert [(one.phase, one.done, one.total) for one in steps] == [
        *(("find", k, 4) for k in (1, 2, 3, 4)),
        *(("link", k, 8) for k in range(1, 9)),
    ]
    assert [one.objects for one in steps[:4]] == [2, 2, 2, 2]


def test_linked_the_same_thing_has_one_id(path):
    run(path, a_stack(12), link=LINK)

    assert follows(path, frames(12))


def test_coarser_levels_have_the_final_ids_too(path):
    stack = ArrayStack(np.kron(frames(4), np.ones((1, 10, 10), np.uint8)), axes="tyx")
    run(path, stack, link=LINK)
    fine, coarse = read_ome_labels(path).levels

    np.testing.assert_array_equal(coarse[:], fine[:][:, ::2, ::2])
    assert fine[:].any()


def test_not_linked_ids_are_those_of_each_frame(path):
    run(path, a_stack(3))
    with begun(path, a_stack(3)) as output:
        np.testing.assert_array_equal(ids(path), [output.labels((k,)) for k in range(3)])


def test_the_same_again_does_nothing(path):
    run(path, a_stack(4), link=LINK)
    before = files_of(path)
    steps = run(path, a_stack(4), link=LINK)

    assert [one.state for one in steps] == ["was there"] * 4
    assert files_of(path) == before


def test_linked_and_then_not_gives_each_frame_s_own_ids_again(path, tmp_path):
    other = tmp_path / "other" / "out.zarr"
    run(path, a_stack(5), link=LINK)
    run(path, a_stack(5))
    run(other, a_stack(5))

    assert files_of(path) == files_of(other)


def test_linked_in_another_way_it_is_linked_anew(path, tmp_path):
    other = tmp_path / "other" / "out.zarr"
    run(path, a_stack(5), link=LINK)
    run(path, a_stack(5), link=LinkOptions(min_length=6))
    run(other, a_stack(5), link=LinkOptions(min_length=6))

    assert not ids(path).any()
    assert files_of(path) == files_of(other)


def test_more_frames_later_are_linked_with_those_that_are_there(path, tmp_path):
    other = tmp_path / "other" / "out.zarr"
    run(path, a_stack(8), selection="t=0:4", link=LINK)
    steps = run(path, a_stack(8), link=LINK)
    run(other, a_stack(8), link=LINK)

    assert [one.state for one in steps[:8]] == ["was there"] * 4 + ["found"] * 4
    assert files_of(path) == files_of(other)


def test_fewer_frames_later_leave_the_others_their_own_ids(path):
    run(path, a_stack(6), link=LINK)
    run(path, a_stack(6), selection="t=2:4", link=LINK)
    with begun(path, a_stack(6)) as output:
        for k in (0, 1, 4, 5):
            np.testing.assert_array_equal(ids(path)[k], output.labels((k,)))


def test_a_frame_that_is_done_again_is_linked_again(path):
    run(path, a_stack(6), link=LINK)
    before = files_of(path)
    next(path.glob("0/.cutout/frames/*/000000003.json")).write_bytes(b"torn")
    steps = run(path, a_stack(6), link=LINK)

    assert [one.state for one in steps[:6]].count("found") == 1
    assert len(steps) == 6 + 12
    assert files_of(path) == before


def test_things_are_linked_across_a_frame_that_failed(path):
    stack = BrokenStack(6, broken={2})
    steps = run(path, stack, link=LINK)
    data = frames(6)
    data[2] = 0

    assert [one.state for one in steps[:6]].count("failed") == 1
    assert follows(path, data)
    assert not ids(path)[2].any()


def test_a_frame_that_failed_and_is_there_later_is_linked_in(path, tmp_path):
    other = tmp_path / "other" / "out.zarr"
    run(path, BrokenStack(6, broken={2}), link=LINK)
    run(path, BrokenStack(6), link=LINK)
    run(other, BrokenStack(6), link=LINK)

    assert files_of(path) == files_of(other)


def test_each_plane_is_linked_over_time_with_ids_of_its_own(path):
    data = np.stack([frames(5), frames(5)[::-1]], axis=1)
    run(path, ArrayStack(data, axes="tzyx"), link=LINK)
    labels = ids(path)

    for z in (0, 1):
        assert [len(np.unique(labels[:, z][data[:, z] == grey])) for grey in (200, 255)] == [1, 1]
    assert not set(np.unique(labels[:, 0])) & set(np.unique(labels[:, 1])) - {0}


def test_slices_are_joined_to_objects_in_3d(path):
    run(path, ArrayStack(frames(5), axes="zyx"), link=VolumeOptions())

    assert follows(path, frames(5))


def test_one_plane_has_nothing_to_link(path):
    steps = run(path, ArrayStack(frames(1)[0], axes="yx"), link=LINK)

    assert [one.phase for one in steps] == ["find"]


def test_linking_that_is_none_is_refused(path):
    with pytest.raises(OptionError, match="LinkOptions"):
        run(path, a_stack(2), link="nearest")


@pytest.mark.parametrize("steps", [1, 3, 6, 7, 11, 12, 13, 15, 17])
def test_ended_at_any_step_the_same_again_gives_the_same(path, tmp_path, steps):
    other = tmp_path / "other" / "out.zarr"
    stack = a_stack(6)
    with begun(path, stack) as output:
        going = run_stack(flat_segmenter(), stack, output, HOW, link=LINK)
        for _ in range(steps):
            next(going)
        going.close()
    run(path, stack, link=LINK)
    run(other, stack, link=LINK)

    assert files_of(path) == files_of(other)


@pytest.mark.parametrize("steps", [2, 8, 14])
def test_on_a_full_disk_at_any_step_the_same_again_goes_on(path, tmp_path, steps):
    other = tmp_path / "other" / "out.zarr"
    stack = a_stack(6)
    with begun(path, stack) as output:
        going = run_stack(flat_segmenter(), stack, output, HOW, link=LINK)
        for _ in range(steps):
            next(going)
        with full_disk(), pytest.raises(OutputError, match="can't write"):
            list(going)
    run(path, stack, link=LINK)
    run(other, stack, link=LINK)

    assert files_of(path) == files_of(other)


def test_linking_goes_on_where_it_was_stopped(path, monkeypatch):
    monkeypatch.setattr("napari_cutout.stacks.output.linked._BETWEEN", 2)
    stack = a_stack(8)
    with begun(path, stack) as output:
        going = run_stack(flat_segmenter(), stack, output, HOW, link=LINK)
        for step in going:
            if (step.phase, step.done) == ("link", 8 + 5):
                break
        going.close()
    steps = run(path, stack, link=LINK)

    assert [one.done for one in steps if one.phase == "link"] == [*range(1, 9), 13, 14, 15, 16]
    assert follows(path, frames(8))
