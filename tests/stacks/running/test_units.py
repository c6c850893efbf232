"""Frames into an output, one by one or overlapping: the same records, whoever makes them."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from flat_family import flat_segmenter
from full_disk import full_disk
from napari_cutout import Segmenter
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.seeds.options import SeedOptions
from napari_cutout.stacks.errors import OutputError
from napari_cutout.stacks.running.how import How
from napari_cutout.stacks.running.unit import do_unit
from napari_cutout.stacks.running.units import do_units
from stacked_frames import HOW, BrokenStack, a_stack, begun, files_of


def states(reports):
    return [one.state for one in reports]


def test_one_by_one_and_overlapping_give_the_same_files(tmp_path):
    stack, segmenter = a_stack(5), flat_segmenter()
    with begun(tmp_path / "one" / "out.zarr", stack) as output:
        for k in (3, 0, 4, 1, 2):
            do_unit(flat_segmenter(), stack, output.place, (k,), HOW)
    with begun(tmp_path / "many" / "out.zarr", stack) as output:
        reports = list(do_units(segmenter, stack, output.place, [(k,) for k in range(5)], HOW))

    assert states(reports) == ["found"] * 5
    assert files_of(tmp_path / "one") == files_of(tmp_path / "many")


def test_done_again_nothing_is_done(tmp_path):
    stack, segmenter = BrokenStack(3), flat_segmenter()
    with begun(tmp_path / "out.zarr", stack) as output:
        first = do_unit(segmenter, stack, output.place, (1,), HOW)
        again = do_unit(segmenter, stack, output.place, (1,), HOW)
        many = list(do_units(segmenter, stack, output.place, [(1,)], HOW))

    assert first.objects == again.objects == 2
    assert states([first, again, *many]) == ["found", "was there", "was there"]
    assert stack.asked == [(1,)]


def test_a_failed_frame_is_written_down_and_tried_again(tmp_path):
    with begun(tmp_path / "out.zarr", BrokenStack(3)) as output:
        place, segmenter = output.place, flat_segmenter()
        indices = [(k,) for k in range(3)]
        first = list(do_units(segmenter, BrokenStack(3, broken={1}), place, indices, HOW))
        failed = [one.index for one in output.failures()]
        again = list(do_units(segmenter, BrokenStack(3), place, indices, HOW))

    assert states(first) == ["found", "failed", "found"]
    assert failed == [(1,)]
    assert states(again) == ["was there", "found", "was there"]


def test_what_was_yielded_is_there_when_it_is_closed(tmp_path):
    stack = a_stack(40)
    with begun(tmp_path / "out.zarr", stack) as output:
        reports = do_units(flat_segmenter(), stack, output.place, [(k,) for k in range(40)], HOW)
        for report in reports:
            if report.index == (3,):
                break
        reports.close()

        assert all(output.has((k,)) for k in range(4))
        assert not output.has((39,))


def test_a_full_disk_ends_it_and_the_same_again_goes_on(tmp_path):
    stack, indices = a_stack(6), [(k,) for k in range(6)]
    with begun(tmp_path / "out.zarr", stack) as output:
        reports = do_units(flat_segmenter(), stack, output.place, indices, HOW)
        next(reports)
        with full_disk(), pytest.raises(OutputError, match="run the same again"):
            list(reports)
        again = list(do_units(flat_segmenter(), stack, output.place, indices, HOW))

    assert again[0].state == "was there"
    assert {one.state for one in again} == {"was there", "found"}


def test_how_goes_to_another_process():
    assert pickle.loads(pickle.dumps(HOW)) == HOW


def test_settings_tell_models_apart_by_their_weights():
    compact, flat = Segmenter("compact"), flat_segmenter()

    assert HOW.settings(compact) != HOW.settings(flat)
    assert HOW.settings(compact) == HOW.settings(Segmenter("compact"))
    assert HOW.settings(compact) != HOW.settings(Segmenter("compact", precision="float32"))


def test_settings_tell_finders_apart_by_their_weights():
    compact, flat = Segmenter("compact"), flat_segmenter()
    seeds = How(SeedOptions(finder=compact))
    again = How(SeedOptions(finder=Segmenter("compact")))

    assert seeds.settings(flat) == again.settings(flat)
    assert seeds.settings(flat) != How(SeedOptions(finder=flat)).settings(flat)


@pytest.mark.parametrize(
    "changed",
    [
        {"options": InstanceOptions(zoom=1.0)},
        {"filters": replace(HOW.filters, min_area=5)},
        {"intensity": (0.0, 255.0)},
    ],
)
def test_settings_tell_apart_what_objects_depend_on(changed):
    assert replace(HOW, **changed).settings(flat_segmenter()) != HOW.settings(flat_segmenter())
