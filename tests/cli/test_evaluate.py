"""The figures of a model, from the shell."""

import json

import pytest

from napari_cutout import Segmenter
from napari_cutout.evaluate import automatic, evaluate
from napari_cutout.formats.labelled import find_files, read
from napari_cutout.segment.automatic.instances.options import InstanceOptions


@pytest.fixture
def one_image(data):
    """A folder with a single labelled image."""
    for path in [*data.glob("images/*"), *data.glob("labels/*")]:
        if path.stem != "field_0":
            path.unlink()
    return data


def test_json_has_the_library_s_figures(run, one_image):
    result = run("evaluate", "--model", "compact", "--data", one_image, "--json")

    frames = (frame for file in find_files(one_image) for frame in read(file))
    assert json.loads(result.stdout) == evaluate(Segmenter("compact"), frames).to_json()


def test_table_has_the_baseline_beside_the_box(run, one_image):
    result = run("evaluate", "--data", one_image)

    assert result.exit_code == 0
    header = next(line for line in result.stdout.splitlines() if "folder" in line)
    assert header.index("box") < header.index("(oval in box)")


def test_objects_are_limited(run, one_image):
    result = run("evaluate", "--data", one_image, "--objects", "1", "--json")

    assert json.loads(result.stdout)["rows"][-1]["objects"] == 1


def test_splits_are_parts_of_the_whole(run, data):
    images = {
        split: json.loads(
            run("evaluate", "--data", data, "--split", split, "--objects", 1, "--json").stdout
        )["rows"][-1]["images"]
        for split in ("all", "train", "validation")
    }

    assert images == {"all": 4, "train": 3, "validation": 1}


def test_a_folder_without_labelled_images_is_refused(refused, tmp_path):
    assert "expected a folder with images/" in refused("evaluate", "--data", tmp_path)


def test_a_damaged_image_is_refused(refused, one_image):
    (one_image / "images" / "field_0.png").write_bytes(b"no image")

    assert "field_0.png: not a readable image" in refused("evaluate", "--data", one_image)


def _without_seconds(value):
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in value["rows"]]
    return {**value, "rows": rows}


def test_automatic_json_has_the_library_s_figures(run, one_image):
    result = run("evaluate", "--automatic", "instances", "--data", one_image, "--json")

    frames = (frame for file in find_files(one_image) for frame in read(file))
    found = automatic(Segmenter("compact"), frames, InstanceOptions(), mode="instances")
    assert _without_seconds(json.loads(result.stdout)) == _without_seconds(found.to_json())


@pytest.mark.parametrize("mode", ["seeds", "grid"])
def test_automatic_table_names_the_mode(run, one_image, mode):
    result = run("evaluate", "--automatic", mode, "--points-per-side", 4, "--data", one_image)

    assert result.exit_code == 0
    assert f"compact, {mode}" in result.stdout
    assert "AP50" in result.stdout


def test_images_are_limited(run, data):
    result = run("evaluate", "--automatic", "instances", "--images", 2, "--data", data, "--json")

    assert json.loads(result.stdout)["rows"][-1]["images"] == 2


def test_a_threshold_that_a_mode_does_not_have_is_refused(refused, one_image):
    told = refused(
        "evaluate", "--automatic", "instances", "--pred-iou-thresh", 0.5, "--data", one_image
    )

    assert "--pred-iou-thresh goes with" in told
