"""Outputs of folders to which files came since, and the frames in them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from flat_family import flat_segmenter
from napari_cutout.formats.objects.ome_labels_reading import read_ome_labels
from napari_cutout.stacks.errors import OutputError
from napari_cutout.stacks.frames.opening import open_stack
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.running.how import How
from napari_cutout.stacks.running.run import run_stack
from stacked_frames import HOW, begun, files_of, frames

COUNT = 4


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(COUNT):
        come(folder, number)
    return folder


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.zarr"


def come(folder, *numbers):
    for number in numbers:
        Image.fromarray(frames(9)[number]).save(folder / f"{number + 1}.png")


def run(path, folder, **known):
    """States of the frames."""
    stack = open_stack(folder)
    with begun(path, stack) as output:
        steps = list(run_stack(flat_segmenter(), stack, output, HOW, **known))
    return [one.state for one in steps if one.phase == "find"]


def labels_of(path):
    return {name: data for name, data in files_of(path).items() if "/c/" in name}


def test_frames_of_files_that_came_behind_the_others_are_found_and_those_are_left(folder, path):
    run(path, folder)
    come(folder, COUNT, COUNT + 1)

    assert run(path, folder) == ["was there"] * COUNT + ["found"] * 2
    found = read_ome_labels(path).levels[0][:]
    np.testing.assert_array_equal(found > 0, frames(9)[: COUNT + 2] > 0)


def test_a_folder_may_grow_again_and_again(folder, path):
    run(path, folder)
    for number in range(COUNT, COUNT + 3):
        come(folder, number)

        assert run(path, folder) == ["was there"] * number + ["found"]
    assert run(path, folder) == ["was there"] * (COUNT + 3)


def test_labels_that_were_linked_and_grew_are_those_of_all_files_at_once(folder, path, tmp_path):
    run(path, folder, link=LinkOptions())
    come(folder, COUNT)
    run(path, folder, link=LinkOptions())
    run(tmp_path / "anew.zarr", folder, link=LinkOptions())

    assert labels_of(path) == labels_of(tmp_path / "anew.zarr")


def test_of_a_folder_that_grew_a_changed_file_is_found_again(folder, path):
    run(path, folder)
    come(folder, COUNT)
    Image.fromarray(frames(9)[8][:, ::-1]).save(folder / "2.png", compress_level=0)

    assert run(path, folder) == ["was there", "found", "was there", "was there", "found"]


def test_killed_while_it_grew_it_grows_again(folder, path):
    run(path, folder)
    settings = path / "0" / ".cutout" / "settings.json"
    before = settings.read_bytes()
    come(folder, COUNT)
    begun(path, open_stack(folder)).close()
    settings.write_bytes(before)

    assert run(path, folder) == ["was there"] * COUNT + ["found"]


def test_settings_say_what_there_is_now(folder, path):
    run(path, folder)
    come(folder, COUNT)
    begun(path, open_stack(folder)).close()
    known = json.loads((path / "0" / ".cutout" / "settings.json").read_text())

    assert known["settings"]["shape"] == [COUNT + 1, 60, 80]
    assert known["begun"]["shape"] == [COUNT, 60, 80]


@pytest.mark.parametrize(
    ("came", "went"), [((), 4), ((), 1), ((COUNT, COUNT + 1), 1)], ids=["fewer", "first", "both"]
)
def test_where_files_went_or_came_elsewhere_it_is_another_input(folder, path, came, went):
    run(path, folder)
    come(folder, *came)
    (folder / f"{went}.png").unlink()

    with pytest.raises(OutputError, match="than that new ones came behind them"):
        begun(path, open_stack(folder))


def test_a_file_that_came_before_the_others_is_another_input(folder, path):
    run(path, folder)
    come(folder, -1)

    with pytest.raises(OutputError, match="the input is another one"):
        begun(path, open_stack(folder))


def test_a_folder_that_grew_with_other_settings_is_refused(folder, path):
    run(path, folder)
    come(folder, COUNT)

    with pytest.raises(OutputError, match="intensity was percentile"):
        begun(path, open_stack(folder), How(HOW.options, intensity="dtype"))
