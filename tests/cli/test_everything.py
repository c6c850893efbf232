"""All objects of images and folders, on real files with the packaged model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pycocotools.coco import COCO
from skimage.io import imread, imsave

from napari_cutout import Segmenter
from napari_cutout.cli.everything_outputs import INSTANCES
from napari_cutout.cli.image_list import list_images
from napari_cutout.formats.objects.sa1b import read_sa1b

ALL = [
    option
    for name in ("labels", "coco", "sa1b", "geojson", "rois", "csv", "masks")
    for option in ("--format", name)
]


@pytest.fixture
def folder(frame, tmp_path):
    """Two images, one of them in a folder of its own."""
    folder = tmp_path / "fields"
    (folder / "deep").mkdir(parents=True)
    imsave(folder / "first.png", frame, check_contrast=False)
    imsave(folder / "deep" / "second.tif", np.flipud(frame), check_contrast=False)
    return folder


@pytest.fixture
def answer(run, tmp_path):
    """Run ``everything --json`` into a folder; what it printed, and the folder."""

    def everything(*arguments, code=0):
        result = run("everything", *arguments, "--out", tmp_path / "out", "--json")
        assert result.exit_code == code, result.stderr
        return json.loads(result.stdout), tmp_path / "out"

    return everything


def test_labels_are_what_the_library_finds(answer, image, frame):
    found, out = answer(image)
    segmenter = Segmenter("compact")
    from napari_cutout.segment.automatic.instances.options import InstanceOptions
    from napari_cutout.segment.automatic.results import label_image

    expected = label_image(segmenter.everything(frame, InstanceOptions()))
    assert expected.max() == 2
    np.testing.assert_array_equal(imread(out / "image.labels.tif"), expected)
    assert found["images"][0]["objects"] == 2


def test_every_format_of_a_folder(answer, folder):
    _, out = answer(folder, *ALL, "--picture")
    made = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    own = (".labels.tif", ".json", ".geojson", ".rois.zip", ".csv", ".objects.png",
           ".masks/0.png", ".masks/1.png", ".masks/metadata.csv")  # fmt: skip
    expected = {f"{name}{ending}" for name in ("first", "deep/second") for ending in own}
    assert made - {".napari-cutout.json"} == expected | {INSTANCES}


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_pycocotools_reads_the_one_file_of_all(answer, folder):
    _, out = answer(folder, "--format", "coco", "--format", "labels")
    coco = COCO(out / INSTANCES)
    names = {image["file_name"]: image["id"] for image in coco.loadImgs(coco.getImgIds())}
    assert set(names) == {"first.png", "deep/second.tif"}
    masks = [coco.annToMask(one) for one in coco.loadAnns(coco.getAnnIds(names["first.png"]))]
    np.testing.assert_array_equal(sum(masks) > 0, imread(out / "first.labels.tif") > 0)


def test_run_again_it_goes_on_where_it_stopped(answer, folder):
    answer(folder / "first.png", "--format", "coco", "--format", "labels")
    first = folder.parent / "out" / "first.labels.tif"
    before = first.stat().st_mtime_ns
    found, out = answer(folder, "--format", "coco", "--format", "labels")
    assert [one["was_there"] for one in found["images"]] == [False, True]
    assert first.stat().st_mtime_ns == before
    assert len(json.loads((out / INSTANCES).read_text())["images"]) == 2


def test_overwrite_begins_anew(answer, image):
    _, out = answer(image)
    (out / "image.labels.tif").write_bytes(b"")
    found, _ = answer(image, "--overwrite")
    assert found["images"][0]["was_there"] is False
    assert imread(out / "image.labels.tif").max() == 2


def test_results_of_other_settings_are_not_mixed(answer, refused, image, tmp_path):
    answer(image)
    line = refused("everything", image, "--out", tmp_path / "out", "--intensity", "dtype")
    assert "other settings (intensity)" in line


def test_a_bad_file_is_left_out_and_said(run, folder, tmp_path):
    (folder / "broken.tif").write_bytes(b"II*\0 nothing")
    result = run("everything", folder, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "broken.tif" in result.stderr
    assert "2 of 3 images" in result.stdout
    assert (tmp_path / "out" / "first.labels.tif").is_file()


def test_the_grid_has_the_names_that_people_know(answer, image):
    _, out = answer(
        image, "--format", "sa1b", "--points-per-side", 4, "--pred-iou-thresh", 0.5,
        "--stability-score-thresh", 0.5,
    )  # fmt: skip
    objects = read_sa1b(out / "image.json").objects
    assert objects
    points = {one.point for one in objects}
    assert points <= {(r, c) for r in (10, 30, 50, 70) for c in (12.5, 37.5, 62.5, 87.5)}


def test_seeds_find_the_discs_too(answer, image):
    found, _ = answer(image, "--mode", "seeds")
    assert found["images"][0]["objects"] == 2


def test_small_objects_can_be_dropped(answer, image):
    found, _ = answer(image, "--min-area", 500)
    assert found["images"][0]["objects"] == 1


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["--mode", "instances", "--points-per-side", 8], "--points-per-side"),
        (["--mode", "grid", "--finder", "compact"], "--finder is for --mode seeds"),
        (["--mode", "seeds", "--windows"], "--windows is for --mode grid"),
        (["--points-per-side", 0], "points_per_side"),
        (["--min-score", "nan"], "min_score"),
    ],
)
def test_what_doesn_t_go_together(refused, image, tmp_path, arguments, match):
    assert match in refused("everything", image, "--out", tmp_path / "out", *arguments)


def test_results_don_t_land_among_the_images(refused, image):
    assert "another folder" in refused("everything", image, "--out", image.parent)


@pytest.mark.parametrize("name", ["missing.png", "empty"])
def test_inputs_that_are_none(refused, tmp_path, name):
    (tmp_path / "empty").mkdir()
    assert name in refused("everything", tmp_path / name, "--out", tmp_path / "out")


def test_no_two_images_share_a_name(tmp_path):
    for place in ("a/x.png", "a/x.tif", "b/x.png", "b/.hidden/x.png"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    images = list_images([tmp_path / "a", tmp_path / "b", tmp_path / "a" / "x.png"])
    assert [image.name for image in images] == ["x.png", "x.tif", "2-x"]
    assert [image.file_name for image in images] == ["x.png", "x.tif", "2-x.png"]
