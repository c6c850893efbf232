"""Which files a series takes for images."""

from __future__ import annotations

import pytest
import zarr

from napari_cutout.annotate.series.files import (
    IMAGE_SUFFIXES,
    SeriesError,
    find_images,
)


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def make_zarr(path):
    zarr.create_array(path, shape=(4, 4), dtype="uint8")


def names(images):
    root, paths = find_images(images)
    return [path.relative_to(root).as_posix() for path in paths]


def test_a_folder_gives_its_images_in_natural_order(tmp_path):
    make(tmp_path, "b10.tif", "b9.TIF", "B1.png", "notes.txt", "table.csv", "scan.nii.gz", ".x.tif")
    make_zarr(tmp_path / "a.ome.zarr")
    make_zarr(tmp_path / "no_suffix")
    (tmp_path / "sub.tif").mkdir()

    assert names(tmp_path) == [
        "a.ome.zarr",
        "B1.png",
        "b9.TIF",
        "b10.tif",
        "no_suffix",
        "scan.nii.gz",
    ]


def test_results_are_never_images(tmp_path):
    results = [
        "a.labels.tif",
        "a.LABELS.TIF",
        "a.labels.old.tif",
        "a.labels.old-2.tif",
        "a.tif.labels.png",
        "a.tif.cutout.jsonl",
        "a.tif.cutout-2.jsonl",
        "a.tif.cutout.jsonl.damaged",
        "a.tif.cutout.prompts.json",
        "a.tif-0a1b2c3d.cutout.start-0a1b2c3d-0.npz",
        ".napari-cutout.json",
    ]
    make(tmp_path, "a.tif", *results)
    make_zarr(tmp_path / "a.labels.zarr")
    make_zarr(tmp_path / "a.tif.embeddings.zarr" / "v1")

    assert names(tmp_path) == ["a.tif"]
    assert names(str(tmp_path / "**/*")) == ["a.tif"]
    with pytest.raises(SeriesError, match=r"a\.labels\.tif is a result"):
        find_images([tmp_path / "a.labels.tif"])


def test_a_glob_takes_any_suffix_and_goes_down(tmp_path):
    make(tmp_path, "day2/a.dat", "day10/b.dat", "day10/c.txt", "d.dat")

    assert names(str(tmp_path / "**/*.dat")) == ["d.dat", "day2/a.dat", "day10/b.dat"]
    root, _ = find_images(str(tmp_path / "day*" / "*.dat"))
    assert root == tmp_path


def test_what_lies_in_a_zarr_is_part_of_it(tmp_path):
    make_zarr(tmp_path / "a.zarr" / "0")
    zarr.open_group(tmp_path / "a.zarr")

    assert names(str(tmp_path / "**/*")) == ["a.zarr"]
    assert names(str(tmp_path / "a.zarr" / "*")) == ["0"]


def test_a_list_keeps_its_order_and_takes_each_once(tmp_path, monkeypatch):
    make(tmp_path, "x/2.tif", "y/1.tif")
    monkeypatch.chdir(tmp_path)

    root, paths = find_images(["y/1.tif", "x/2.tif", "y/1.tif"])

    assert root == tmp_path
    assert paths == (tmp_path / "y/1.tif", tmp_path / "x/2.tif")


def test_a_file_and_a_zarr_are_a_series_of_one(tmp_path):
    make(tmp_path, "a.tif", "b.tif")
    make_zarr(tmp_path / "c.zarr")

    assert names(tmp_path / "a.tif") == ["a.tif"]
    assert names(tmp_path / "c.zarr") == ["c.zarr"]


def test_names_with_the_signs_of_a_glob_are_names_where_they_are_there(tmp_path):
    make(tmp_path, "a[1]/b.tif")

    assert names(tmp_path / "a[1]") == ["b.tif"]


def test_what_is_wrong_is_said(tmp_path):
    make(tmp_path, "notes.txt", "sub/a.tif")

    with pytest.raises(SeriesError, match="no such file or folder"):
        find_images(tmp_path / "nowhere")
    with pytest.raises(SeriesError, match=r"none of its 2 entries ends in .*give a glob"):
        find_images(tmp_path)
    with pytest.raises(SeriesError, match="no image matches"):
        find_images(str(tmp_path / "*.tif"))
    with pytest.raises(SeriesError, match="no image was given"):
        find_images([])
    with pytest.raises(SeriesError, match="there is no such file"):
        find_images([tmp_path / "b.tif"])
    with pytest.raises(SeriesError, match="is a folder"):
        find_images([tmp_path / "sub"])


def test_every_suffix_is_lower_case_and_begins_with_a_dot():
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in IMAGE_SUFFIXES)
