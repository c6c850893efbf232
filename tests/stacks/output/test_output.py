"""Outputs: begun, gone on with, refused; and what lies in them."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import zarr

from flat_family import flat_segmenter
from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.stacks.errors import OutputError, StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.running.how import How
from napari_cutout.stacks.running.results import FrameResult
from napari_cutout.stacks.running.unit import do_unit
from stacked_frames import HOW, a_stack, begun, frames


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.zarr"


@pytest.fixture
def output(path):
    with begun(path, a_stack()) as output:
        yield output


def done(output, stack, *places):
    """Frames done, and their reports."""
    return [do_unit(flat_segmenter(), stack, output.place, (at,), HOW) for at in places]


def test_labels_of_a_frame_are_at_all_levels(path):
    stack = ArrayStack(np.kron(frames(2), np.ones((1, 20, 20), np.uint8)), axes="tyx")
    with begun(path, stack) as output:
        done(output, stack, 1)
        expected = output.labels((1,))
    levels = read_ome_labels(path).levels

    assert [level.shape for level in levels] == [(2, 1200, 1600), (2, 600, 800), (2, 300, 400)]
    for by, level in zip((1, 2, 4), levels, strict=True):
        np.testing.assert_array_equal(level[1], expected[::by, ::by])
        assert not level[0].any()


def test_labels_are_the_objects_of_the_frame(output):
    done(output, a_stack(), 3)
    found = output.labels((3,))

    np.testing.assert_array_equal(found > 0, frames(6)[3] > 0)
    assert sorted(np.unique(found)) == [0, 1, 2]


def test_axes_scale_and_units_are_those_of_the_stack(path):
    stack = ArrayStack(
        np.zeros((2, 3, 8, 9), np.uint8), axes="tzyx",
        scale=(30.0, 2.0, 0.5, 0.25), units=("second", "micrometer", "micrometer", None),
    )  # fmt: skip
    begun(path, stack).close()
    labels = read_ome_labels(path)
    axes = zarr.open_group(path, mode="r").attrs["ome"]["multiscales"][0]["axes"]

    assert (labels.axes, labels.scale) == (("t", "z", "y", "x"), (30.0, 2.0, 0.5, 0.25))
    assert [one.get("unit") for one in axes] == ["second", "micrometer", "micrometer", None]
    assert [one.get("type") for one in axes] == ["time", "space", "space", "space"]


def test_an_axis_of_files_is_no_axis_in_space(path):
    begun(path, ArrayStack(np.zeros((2, 8, 9), np.uint8), axes=("file", "y", "x"))).close()
    first = zarr.open_group(path, mode="r").attrs["ome"]["multiscales"][0]["axes"][0]

    assert first == {"name": "file"}


def test_one_plane_is_a_stack_too(path):
    stack = ArrayStack(frames(1)[0], axes="yx")
    with begun(path, stack) as output:
        do_unit(flat_segmenter(), stack, output.place, (), HOW)
        assert read_ome_labels(path).levels[0][:].max() == 2
        assert output.has(())


def test_a_place_goes_to_another_process(output):
    done(output, a_stack(), 0)
    place = pickle.loads(pickle.dumps(output.place))

    assert place == output.place
    np.testing.assert_array_equal(place.labels((0,)), output.labels((0,)))


def test_what_was_done_is_there_when_it_is_opened_again(path):
    stack = a_stack()
    with begun(path, stack) as output:
        done(output, stack, 2)
    with begun(path, stack) as output:
        assert [output.has((at,)) for at in range(6)] == [False, False, True, False, False, False]


def test_other_settings_are_refused_and_named(path):
    with begun(path, a_stack()) as output:
        done(output, a_stack(), 0)
    how = How(InstanceOptions(zoom=1.0, min_depth=0.0, min_area=99), intensity="dtype")
    with pytest.raises(OutputError) as refused:
        begun(path, a_stack(), how)

    assert "options was" in str(refused.value)
    assert "intensity was percentile" in str(refused.value)
    assert "model was" not in str(refused.value)


def test_other_data_are_refused(path):
    with begun(path, a_stack(6)) as output:
        done(output, a_stack(6), 0)
    with pytest.raises(OutputError, match=r"shape was \[6, 60, 80\] and is \[7, 60, 80\]"):
        begun(path, a_stack(7))


def test_where_no_frame_was_done_other_settings_are_none_of_an_earlier_run(path):
    begun(path, a_stack(6)).close()
    begun(path, a_stack(7), How(HOW.options, intensity="dtype")).close()

    assert read_ome_labels(path).levels[0].shape == (7, 60, 80)


def test_overwritten_it_is_begun_anew(path):
    stack = a_stack()
    with begun(path, stack) as output:
        done(output, stack, 0, 1)
    with begun(path, stack, How(HOW.options, intensity="dtype"), overwrite=True) as output:
        assert not output.has((0,))
        assert not read_ome_labels(path).levels[0][:].any()


def test_a_frame_that_failed_is_told_and_isn_t_done(output):
    output.write(FrameResult((4,), state="failed", reason="torn"))

    assert [one.reason for one in output.failures()] == ["torn"]
    assert not output.has((4,))
    assert output.read((4,)) == FrameResult((4,), state="failed", reason="torn")


def test_a_frame_that_failed_and_then_is_found_is_no_failure_any_more(output):
    output.write(FrameResult((4,), state="failed", reason="torn"))
    done(output, a_stack(), 4)

    assert list(output.failures()) == []


def test_a_frame_that_there_isn_t(output):
    with pytest.raises(StackError, match=r"no frame \(6,\)"):
        output.has((6,))


def test_settings_are_readable(path, output):
    settings = json.loads((path / "0" / ".cutout" / "settings.json").read_text())["settings"]

    assert settings["shape"] == [6, 60, 80]
    assert "InstanceOptions" in settings["options"]


def test_zarr_finds_nothing_in_it_that_isn_t_zarr_s(path, output):
    done(output, a_stack(), 0)
    group = zarr.open_group(path, mode="r")

    # Warnings are errors.
    assert [name for name, _ in group.members(max_depth=None)] == ["0"]
