"""Files of a folder that are repaired or replaced between two runs into one output."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from flat_family import flat_segmenter
from napari_cutout.stacks.frames.files import FilesStack
from napari_cutout.stacks.frames.opening import open_stack
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.running.results import FrameResult
from napari_cutout.stacks.running.run import run_stack
from napari_cutout.stacks.running.unit import do_unit, write
from stacked_frames import HOW, a_stack, begun, files_of, frames

COUNT = 4


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number, frame in enumerate(frames(COUNT)):
        save(folder, number, frame)
    return folder


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.zarr"


def save(folder, number, frame):
    """A file, and never in the same tick of the clock as that before."""
    file = folder / f"{number}.png"
    before = file.stat().st_mtime_ns if file.exists() else 0
    Image.fromarray(frame).save(file)
    if before:
        os.utime(file, ns=(before + 10**9, before + 10**9))


def damage(folder, number):
    (folder / f"{number}.png").write_bytes(b"\x89PNG nothing")


def run(path, stack, **known):
    """States of the frames."""
    with begun(path, stack) as output:
        steps = list(run_stack(flat_segmenter(), stack, output, HOW, **known))
    return [one.state for one in steps if one.phase == "find"]


def test_a_damaged_file_that_was_repaired_is_done_and_the_others_are_left(tmp_path, folder, path):
    damage(folder, 1)
    first = run(path, open_stack(folder))
    save(folder, 1, frames(COUNT)[1])
    again = run(path, open_stack(folder))
    run(tmp_path / "fresh" / path.name, open_stack(folder))

    assert first == ["found", "failed", "found", "found"]
    assert again == ["was there", "found", "was there", "was there"]
    assert files_of(path) == files_of(tmp_path / "fresh" / path.name)


def test_a_first_file_that_was_repaired_makes_no_other_data(folder, path):
    damage(folder, 0)
    run(path, open_stack(folder))
    save(folder, 0, frames(COUNT)[0])

    assert run(path, open_stack(folder)) == ["found", "was there", "was there", "was there"]


def test_a_good_file_that_was_replaced_is_done_again(tmp_path, folder, path):
    link = LinkOptions()
    run(path, open_stack(folder), link=link)
    save(folder, 2, frames(COUNT)[0])
    again = run(path, open_stack(folder), link=link)
    run(tmp_path / "fresh" / path.name, open_stack(folder), link=link)

    assert again == ["was there", "was there", "found", "was there"]
    assert files_of(path) == files_of(tmp_path / "fresh" / path.name)


def test_a_good_file_that_was_damaged_has_failed_and_no_labels(folder, path):
    link = LinkOptions()
    run(path, open_stack(folder), link=link)
    damage(folder, 2)
    stack = open_stack(folder)
    again = run(path, stack, link=link)

    assert again == ["was there", "was there", "failed", "was there"]
    with begun(path, stack) as output:
        assert not output.has((2,))
        assert [output.final((k,)).any() for k in range(COUNT)] == [True, True, False, True]


def test_a_stack_that_stays_open_reads_what_is_there_now(folder, path):
    stack = open_stack(folder)
    run(path, stack)
    save(folder, 2, frames(COUNT)[0])
    again = run(path, stack)

    assert again == ["was there", "was there", "found", "was there"]
    with begun(path, stack) as output:
        assert np.array_equal(output.labels((2,)), output.labels((0,)))


class _WrittenMeanwhile(FilesStack):
    """Whose files somebody writes just when they are read."""

    def _read(self, index):
        pixels = super()._read(index)
        file = self._paths[index[0]]
        os.utime(file, ns=(1, file.stat().st_mtime_ns + 10**9))
        return pixels


def test_what_was_found_in_a_file_that_was_written_meanwhile_does_not_count(folder, path):
    stack = _WrittenMeanwhile(sorted(folder.iterdir()))
    with begun(path, stack) as output:
        do_unit(flat_segmenter(), stack, output.place, (1,), HOW)

        assert not output.has((1,))
        assert output.has((1,), check=False)


def test_who_comes_late_with_a_frame_changes_nothing(path):
    stack = a_stack(3)
    run(path, stack, link=LinkOptions())
    before = files_of(path)
    with begun(path, stack) as output:
        results = [output.read((number,)) for number in range(3)]
        late = [write(output.place, FrameResult(one.index, one.objects[:1])) for one in results]

    assert [(one.state, one.objects) for one in late] == [("was there", 2)] * 3
    assert files_of(path) == before
