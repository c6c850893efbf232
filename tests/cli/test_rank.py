"""Frames by doubt, from the shell."""

import json

import numpy as np
import pytest
from skimage.io import imsave

from napari_cutout import Segmenter
from napari_cutout.formats.images import open_image
from napari_cutout.segment.ranking import least_sure_frames


@pytest.fixture
def fields(frame, tmp_path):
    """A clear field, a noisy one of another size, and an empty one."""
    folder = tmp_path / "fields"
    folder.mkdir()
    noise = np.random.default_rng(0).normal(0, 60, (60, 90))
    frames = {
        "clear": frame,
        "noisy": np.clip(frame[:60, :90] + noise, 0, 255).astype(np.uint8),
        "empty": np.zeros_like(frame),
    }
    for name, pixels in frames.items():
        imsave(folder / f"{name}.png", pixels, check_contrast=False)
    return folder


def test_json_has_the_library_s_ranking(run, fields):
    told = json.loads(run("rank", fields, "--json").stdout)

    files = sorted(fields.glob("*.png"))
    frames = ((path.name, open_image(path).frame()) for path in files)
    ranked = least_sure_frames(Segmenter("compact"), frames)
    assert told == {
        "model": "compact",
        "frames": [
            {"frame": one.name, "doubt": one.value, "objects": len(one.objects)} for one in ranked
        ],
        "failed": [],
    }
    assert told["frames"][-1]["frame"] == "empty.png"


def test_the_table_holds_the_first_ones(run, fields):
    told = run("rank", fields, "--top", 1)

    assert told.exit_code == 0
    assert sum(".png" in line for line in told.stdout.splitlines()) == 1


def test_frames_of_a_stack_are_named_by_their_place(run, frame, tmp_path):
    path = tmp_path / "stack.npy"
    np.save(path, np.stack([frame, np.roll(frame, 5, axis=0), frame]))
    told = json.loads(run("rank", path, "--axes", "tyx", "--every", 2, "--json").stdout)

    names = sorted(one["frame"] for one in told["frames"])
    assert names == ["stack.npy [t 0]", "stack.npy [t 2]"]


def test_a_damaged_file_ends_nothing_but_itself(run, fields):
    (fields / "noisy.png").write_bytes(b"no image")
    told = run("rank", fields, "--json")

    value = json.loads(told.stdout)
    assert (told.exit_code, len(value["frames"])) == (2, 2)
    assert "noisy.png" in value["failed"][0]["image"]
    assert "left out" in told.stderr


def test_what_is_not_there_is_refused(refused, tmp_path):
    assert "there is no such file" in refused("rank", tmp_path / "nowhere")
