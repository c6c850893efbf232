"""Linking and carrying judged from the shell."""

import json

import numpy as np
import pytest
from skimage.io import imsave

from napari_cutout import Segmenter
from napari_cutout.evaluate.sequences.labelled import read_sequences
from napari_cutout.evaluate.sequences.linking import linking_report
from napari_cutout.evaluate.sequences.propagation import propagation_report


@pytest.fixture
def moving(tmp_path, frame):
    """Three frames of two discs that move on."""
    folder = tmp_path / "moving"
    labels = np.where(frame == 200, 1, np.where(frame == 180, 2, 0)).astype(np.uint8)
    for kind, values in (("images", frame), ("labels", labels)):
        (folder / kind).mkdir(parents=True)
        for number in range(3):
            moved = np.roll(values, (number, 2 * number), (0, 1))
            imsave(folder / kind / f"t{number}.png", moved, check_contrast=False)
    return folder


def test_json_has_the_library_s_figures(run, moving):
    value = json.loads(run("evaluate", "--sequence", moving, "--json").stdout)

    (sequence,) = read_sequences(moving)
    linked = linking_report(list(sequence.labels)).to_json()
    carried = propagation_report(Segmenter("compact"), [sequence]).to_json()
    assert value == {
        "model": "compact",
        "folder": "moving",
        "linking": {"moving": linked},
        "propagation": carried,
    }


def test_tables_have_the_baselines_beside(run, moving):
    told = run("evaluate", "--sequence", moving).stdout

    assert "moving: links between labelled frames" in told
    assert "moving: objects carried with compact" in told
    assert told.index("(overlap: missed)") < told.index("(copied: IoU)")


def test_each_volume_is_linked_and_all_are_carried(run, moving, tmp_path):
    volume = tmp_path / "volume"
    (sequence,) = read_sequences(moving)
    for kind in ("images", "labels"):
        (volume / kind).mkdir(parents=True)
        values = sequence.frames if kind == "images" else sequence.labels
        imsave(
            volume / kind / "a.tif", np.concatenate([values, values[::-1]]), check_contrast=False
        )
    value = json.loads(run("evaluate", "--sequence", volume, "--json").stdout)

    assert list(value["linking"]) == ["volume/a.tif"]
    assert {row["begin"] for row in value["propagation"]["rows"]} == {"first", "middle"}


@pytest.mark.parametrize(
    "other",
    [("--data", "."), ("--automatic", "grid"), ("--objects", "10"), ("--images", "3")],
)
def test_a_sequence_is_judged_alone(refused, moving, other):
    told = refused("evaluate", "--sequence", moving, *other)

    assert f"--sequence and {other[0]} don't go together" in told


def test_something_is_to_be_judged(refused):
    assert "give --data FOLDER or --sequence FOLDER" in refused("evaluate")


def test_a_folder_without_a_sequence_is_refused(refused, tmp_path):
    assert "expected a folder with images/" in refused("evaluate", "--sequence", tmp_path)


def test_ids_that_are_each_frame_s_own_are_refused(refused, tmp_path, frame):
    labels = np.where(frame == 200, 1, np.where(frame == 180, 2, 0)).astype(np.uint8)
    for kind in ("images", "labels"):
        (tmp_path / kind).mkdir()
        for number in range(3):
            values = frame if kind == "images" else np.where(labels, (labels + number) % 2 + 1, 0)
            place = tmp_path / kind / f"{number}.png"
            imsave(place, values.astype(np.uint8), check_contrast=False)
    told = refused("evaluate", "--sequence", tmp_path)

    assert "of 4 objects, 4 have another id than what lies there in the next frame" in told
