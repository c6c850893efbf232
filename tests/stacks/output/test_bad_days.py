"""Bad days of outputs: in use, torn, full, read-only, killed; what is done stays."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from flat_family import flat_segmenter
from full_disk import full_disk
from napari_cutout.stacks.errors import OutputError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.running.how import How
from napari_cutout.stacks.running.run import run_stack
from napari_cutout.stacks.running.unit import do_unit
from read_only import read_only_folder
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


@pytest.mark.parametrize("overwrite", [False, True])
def test_two_runs_don_t_share_an_output(path, output, overwrite):
    with pytest.raises(OutputError, match=f"process {os.getpid()} on .* writes into"):
        begun(path, a_stack(), overwrite=overwrite)


def test_closed_it_is_free(path, output):
    output.close()
    begun(path, a_stack()).close()


HOLD = """
import os, sys
sys.path[:0] = sys.argv[2:]
from read_only import read_only_folder
from stacked_frames import a_stack, begun
from pathlib import Path
output = begun(Path(sys.argv[1]), a_stack())
print("open", flush=True)
os.read(0, 1)
"""


def test_the_lock_of_a_process_that_died_is_taken_over(path):
    command = [sys.executable, "-c", HOLD, path, *sys.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(OutputError, match=f"process {other.pid} on"):
            begun(path, a_stack())
        other.kill()
        other.wait()
        begun(path, a_stack()).close()


@pytest.mark.parametrize("make", [lambda path: path.write_text("x"), lambda path: path.mkdir()])
def test_what_isn_t_an_output_stays(tmp_path, make):
    path = tmp_path / "photos"
    make(path)
    if path.is_dir():
        (path / "me.jpg").write_text("x")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="no output of an earlier run"):
            begun(path, a_stack(), overwrite=overwrite)

    assert path.read_text() == "x" if path.is_file() else (path / "me.jpg").read_text() == "x"


def test_an_output_that_was_half_begun_is_begun_again(path):
    begun(path, a_stack()).close()
    (path / "0" / ".cutout" / "settings.json").unlink()
    (path / "1").mkdir(exist_ok=True)
    with begun(path, a_stack()) as output:
        assert done(output, a_stack(), 0)[0].state == "found"


def test_on_a_full_disk_it_is_said_and_what_is_done_stays(output):
    stack = a_stack()
    done(output, stack, 0)
    with full_disk(), pytest.raises(OutputError, match=r"can't write into .*kept"):
        done(output, stack, 1)

    assert [output.has((at,)) for at in (0, 1)] == [True, False]
    assert done(output, stack, 1)[0].state == "found"


@pytest.mark.parametrize("level", ["0", "1"])
def test_a_frame_whose_labels_can_t_be_written_has_no_record(path, level):
    stack = ArrayStack(np.kron(frames(1), np.ones((1, 10, 10), np.uint8)), axes="tyx")
    with begun(path, stack) as output:
        (path / level / "c").write_text("in the way")
        with pytest.raises(OutputError, match="can't write into"):
            done(output, stack, 0)
        assert not output.has((0,))
        (path / level / "c").unlink()
        assert done(output, stack, 0)[0].state == "found"


def test_a_full_disk_when_it_is_begun(path):
    with full_disk(), pytest.raises(OutputError, match="can't write"):
        begun(path, a_stack())
    begun(path, a_stack()).close()


def test_a_folder_that_can_t_be_written():
    with (
        read_only_folder() as folder,
        pytest.raises(OutputError, match=r"can't write .*Permission"),
    ):
        begun(folder / "out.zarr", a_stack())


def test_an_output_that_can_only_be_read(path):
    stack = a_stack()
    with read_only_folder(lambda folder: begun(folder / "out.zarr", stack).close()) as folder:
        with pytest.raises(OutputError, match=r"can't write .*Permission"):
            begun(folder / "out.zarr", stack)
        with pytest.raises(OutputError, match=r"can't write .*Permission"):
            begun(folder / "out.zarr", stack, overwrite=True)


def test_a_place_where_no_folder_can_be(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"can't write .*out\.zarr"):
        begun(tmp_path / "file" / "out.zarr", a_stack())


def test_what_a_killed_process_left_of_a_chunk_is_removed(path, output):
    left = path / "0" / "c" / "2" / "0"
    left.mkdir(parents=True)
    (left / "0.1234.partial").write_bytes(b"half")
    done(output, a_stack(), 2)

    assert [file.name for file in left.iterdir()] == ["0"]


@pytest.mark.parametrize("torn", [b"", b"\0" * 400])
def test_a_torn_record_is_noticed_and_done_again(path, torn):
    stack = a_stack()
    with begun(path, stack) as output:
        done(output, stack, 2)
        (record,) = path.glob("0/.cutout/frames/*/*.json")
        whole = record.read_bytes()
        record.write_bytes(torn or whole[:-20])
        assert not output.has((2,))
        assert output.read((2,)) is None
        assert done(output, stack, 2)[0].state == "found"
        assert record.read_bytes() == whole


def test_whoever_still_writes_into_what_was_begun_anew_is_refused(path):
    stack = a_stack()
    with begun(path, stack) as output:
        late = output.place
    begun(path, stack, How(HOW.options, intensity="dtype"), overwrite=True).close()

    with pytest.raises(OutputError, match="begun anew"):
        do_unit(flat_segmenter(), stack, late, (0,), HOW)


@pytest.mark.parametrize("hurt", ["gone", "empty", "short"])
@pytest.mark.parametrize("level", ["0", "1"])
def test_labels_that_went_or_were_cut_short_are_noticed_and_done_again(path, level, hurt):
    stack = ArrayStack(np.kron(frames(2), np.ones((1, 10, 10), np.uint8)), axes="tyx")
    with begun(path, stack) as output:
        done(output, stack, 0, 1)
    chunk = path / level / "c" / "1" / "0" / "0"
    whole = chunk.read_bytes()
    chunk.unlink() if hurt == "gone" else chunk.write_bytes(whole[: -3 if hurt == "short" else 0])
    with begun(path, stack) as output:
        states = [report.state for report in done(output, stack, 0, 1)]

    assert states == ["was there", "found"]
    assert chunk.read_bytes() == whole


def test_a_frame_without_objects_is_there_the_second_time(path):
    stack = ArrayStack(np.zeros((1, 60, 80), np.uint8), axes="tyx")
    with begun(path, stack) as output:
        states = [done(output, stack, 0)[0].state for _ in range(2)]

    assert states == ["found", "was there"]


def test_labels_that_linking_left_empty_are_whole(path):
    stack = a_stack(3)
    for _ in range(2):
        with begun(path, stack) as output:
            link = LinkOptions(min_length=9)
            steps = list(run_stack(flat_segmenter(), stack, output, HOW, link=link))
            assert not output.final((1,)).any()

    assert {one.state for one in steps if one.phase == "find"} == {"was there"}
