"""The figures of a model, from the shell."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import napari_cutout
from napari_cutout import Segmenter
from napari_cutout.evaluate import automatic, evaluate
from napari_cutout.formats.labelled import find_files, read
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from peer_packages import stand_in

WEIGHTS = next(Path(napari_cutout.__file__).parent.glob("sam/weights/compact*.safetensors"))


@pytest.fixture
def one_image(data):
    """A folder with a single labelled image."""
    for path in [*data.glob("images/*"), *data.glob("labels/*")]:
        if path.stem != "field_0":
            path.unlink()
    return data


def _frames(folder):
    return (frame for file in find_files(folder) for frame in read(file))


def _rows(result, part="models"):
    return json.loads(result.stdout)[part][0]["rows"]


def test_json_has_the_library_s_figures(run, one_image):
    result = run("evaluate", "--model", "compact", "--data", one_image, "--json")

    (told,) = json.loads(result.stdout)["models"]
    assert told == {**evaluate(Segmenter("compact"), _frames(one_image)).to_json(), "falls": []}


def test_table_has_the_baseline_of_the_box(run, one_image):
    result = run("evaluate", "--data", one_image)

    assert result.exit_code == 0
    assert "(oval" in result.stdout
    assert "The mean IoU" in result.stdout


def test_objects_are_limited(run, one_image):
    result = run("evaluate", "--data", one_image, "--objects", "1", "--json")

    assert _rows(result)[-1]["objects"] == 1


def test_splits_are_parts_of_the_whole(run, data):
    images = {
        split: _rows(run("evaluate", "--data", data, "--split", split, "--objects", 1, "--json"))[
            -1
        ]["images"]
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
    images = [{k: v for k, v in one.items() if k != "seconds"} for one in value["images"]]
    return {**value, "rows": rows, "images": images}


def test_automatic_json_has_the_library_s_figures(run, one_image):
    result = run(
        "evaluate", "--automatic", "instances", "--no-prompts", "--data", one_image, "--json"
    )

    (told,) = json.loads(result.stdout)["automatic"]
    found = automatic(Segmenter("compact"), _frames(one_image), InstanceOptions(), mode="instances")
    assert _without_seconds(told) == json.loads(json.dumps(_without_seconds(found.to_json())))
    assert json.loads(result.stdout)["models"] == []


@pytest.mark.parametrize("mode", ["seeds", "grid"])
def test_automatic_table_names_the_mode(run, one_image, mode):
    asked = ("evaluate", "--automatic", mode, "--no-prompts", "--points-per-side", 4)
    result = run(*asked, "--data", one_image)

    assert result.exit_code == 0
    assert f"compact, {mode}" in result.stdout
    assert "AP50" in result.stdout


def test_automatic_comes_beside_prompts(run, one_image):
    result = run("evaluate", "--automatic", "instances", "--data", one_image)

    assert "Prompted" in result.stdout
    assert "By themselves" in result.stdout


def test_images_are_limited(run, data):
    asked = ("evaluate", "--automatic", "instances", "--no-prompts", "--images", 2)
    result = run(*asked, "--data", data, "--json")

    assert _rows(result, "automatic")[-1]["images"] == 2


def test_a_threshold_that_a_mode_does_not_have_is_refused(refused, one_image):
    told = refused(
        "evaluate", "--automatic", "instances", "--pred-iou-thresh", 0.5, "--data", one_image
    )

    assert "--pred-iou-thresh goes with" in told


def test_nothing_to_judge_is_refused(refused, one_image):
    assert "leaves nothing to judge" in refused("evaluate", "--no-prompts", "--data", one_image)


def test_several_models_stand_in_one_table(run, one_image, tmp_path):
    copied = tmp_path / "copy.safetensors"
    shutil.copy(WEIGHTS, copied)
    result = run("evaluate", "--model", "compact", "--model", copied, "--data", one_image)

    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith("  data ")]
    assert [row[:2] for row in rows] == [["data", "compact"], ["data", "copy.safetensors"]]
    assert "beside compact: +0.00 clicks for each object" in result.stdout


def test_a_report_has_figures_a_page_and_a_picture(run, one_image, tmp_path):
    out = tmp_path / "deep" / "report"
    result = run("evaluate", "--data", one_image, "--out", out, "--json")

    assert result.exit_code == 0
    kept = json.loads((out / "results.json").read_text())
    assert kept == json.loads(result.stdout)
    assert kept["settings"]["images"] == ["data/field_0.png"]
    page = (out / "report.md").read_text()
    assert "](picture.svg)" in page
    assert "| folder | model |" in page
    assert ET.fromstring((out / "picture.svg").read_text()).tag.endswith("svg")


def test_a_report_that_cannot_be_written_is_refused_at_once(refused, one_image, tmp_path):
    (tmp_path / "file").touch()

    assert "give another folder" in refused(
        "evaluate", "--data", one_image, "--out", tmp_path / "file" / "report"
    )


def test_robustness_is_told_beside_the_untouched(run, one_image):
    asked = ("evaluate", "--robustness", "--no-prompts", "--objects", 1)
    result = run(*asked, "--data", one_image)

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    first, *others = (n for n, line in enumerate(lines) if "(+" in line or "(-" in line)
    assert "untouched" in lines[first]
    assert any("gamma 0.5" in lines[n] for n in others)


def test_a_peer_that_is_missing_is_told_before_anything_is_judged(refused, one_image):
    assert "there is no peer 'whatever'" in refused(
        "evaluate", "--peer", "whatever", "--data", one_image
    )


def test_peers_stand_beside_our_models(run, one_image, monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path / "packages")
    asked = ("evaluate", "--model", "compact", "--peer", "micro-sam", "--peer", "cellpose")
    result = run(*asked, "--automatic", "instances", "--data", one_image, "--json")

    told = json.loads(result.stdout)
    names = [[one["model"] for one in told[part]] for part in ("models", "automatic")]
    assert names == [
        ["compact", "micro-sam vit_b_lm"],
        ["compact", "micro-sam vit_b_lm", "cellpose cpsam"],
    ]
    assert "cellpose cpsam takes no prompts" in result.stderr


def test_a_peer_alone_is_judged_alone(run, one_image, monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path / "packages")
    result = run("evaluate", "--peer", "micro-sam", "--data", one_image, "--json")

    assert [one["model"] for one in json.loads(result.stdout)["models"]] == ["micro-sam vit_b_lm"]


def test_a_peer_that_can_do_nothing_of_it_is_refused(run, one_image, monkeypatch, tmp_path):
    stand_in(monkeypatch, tmp_path / "packages")
    result = run("evaluate", "--peer", "stardist", "--data", one_image)

    assert result.exit_code == 2
    assert "none of these models can do" in result.stderr


def test_sequences_are_for_one_model(refused, data):
    told = refused("evaluate", "--sequence", data, "--model", "compact", "--model", "vit_b")

    assert "--sequence judges one model" in told
