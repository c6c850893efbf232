"""A series: its results, its marks, and where work goes on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from full_disk import full_disk
from napari_cutout.annotate.series import Series
from napari_cutout.annotate.series.files import SeriesError
from napari_cutout.formats.errors import FormatError


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("1.tif", "2.tif", "10.tif"):
        (folder / name).touch()
    return folder


def names(series):
    return [path.name for path in series]


def test_results_lie_beside_their_images(images):
    series = Series(images)
    path = images / "2.tif"

    assert names(series) == ["1.tif", "2.tif", "10.tif"]
    assert series.labels_path(path) == images / "2.labels.tif"
    assert series.log_path(path) == images / "2.tif.cutout.jsonl"
    assert series.progress_path == images / ".napari-cutout.json"
    assert sorted(os.listdir(images)) == ["1.tif", "10.tif", "2.tif"], "nothing is written yet"


def test_results_elsewhere_repeat_the_folders(images, tmp_path):
    (images / "day 1").mkdir()
    (images / "day 1" / "1.tif").touch()
    series = Series(str(images / "**/*.tif"), tmp_path / "results")
    inner = images / "day 1" / "1.tif"

    assert series.name(inner) == "day 1/1.tif"
    assert series.labels_path(inner) == tmp_path / "results" / "day 1" / "1.labels.tif"
    assert series.log_path(inner) == tmp_path / "results" / "day 1" / "1.tif.cutout.jsonl"
    assert series.labels_path(images / "1.tif") == tmp_path / "results" / "1.labels.tif"


def test_marks_and_place_are_there_again(images):
    series = Series(images)
    assert series.resume_place == 0
    series.mark_done(images / "1.tif")
    assert series.resume_place == 1
    series.mark_done(images / "10.tif")
    series.mark_done(images / "10.tif", False)
    series.remember(images / "10.tif")

    again = Series(images)
    assert [again.is_done(path) for path in again] == [True, False, False]
    assert again.done_count == 1
    assert again.resume_place == 2


def test_marks_move_with_the_folder(images, tmp_path):
    Series(images).mark_done(images / "1.tif")
    images.rename(tmp_path / "moved")

    assert Series(tmp_path / "moved").done_count == 1


def test_files_come_and_go(images):
    series = Series(images)
    series.mark_done(images / "1.tif")
    series.remember(images / "1.tif")
    (images / "1.tif").rename(images / "renamed.tif")
    (images / "3.tif").touch()
    series.refresh()

    assert names(series) == ["2.tif", "3.tif", "10.tif", "renamed.tif"]
    assert series.done_count == 0
    assert series.resume_place == 0
    (images / "renamed.tif").rename(images / "1.tif")
    series.refresh()
    assert series.is_done(images / "1.tif"), "it came back"


def test_of_a_list_those_that_are_gone_are_left_out(images):
    series = Series([images / "2.tif", images / "1.tif"])
    (images / "2.tif").unlink()
    series.refresh()
    assert names(series) == ["1.tif"]
    (images / "1.tif").unlink()
    with pytest.raises(SeriesError, match="no image was given"):
        series.refresh()
    assert names(series) == ["1.tif"], "it stays as it was"


def test_labels_that_were_saved_keep_their_name(images):
    """Also when a file of the same stem comes."""
    series, path = Series(images), images / "1.tif"
    file = series.labels_file(path)
    file.save(np.ones((4, 5), int))
    series.remember_labels(path, file)
    (images / "1.png").touch()
    series.refresh()

    assert series.labels_path(path) == images / "1.labels.tif"
    assert series.labels_path(images / "1.png") == images / "1.png.labels.tif"
    assert Series([path]).labels_path(path) == images / "1.labels.tif"


def test_marks_of_files_outside_of_the_series_stay(images):
    Series(images).mark_done(images / "1.tif")
    Series(str(images / "1*.tif")).mark_done(images / "10.tif")

    assert Series(images).done_count == 2


def test_results_of_other_images_are_refused(images, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "1.tif").touch()
    results = tmp_path / "results"
    Series(images, results).mark_done(images / "1.tif")

    with pytest.raises(SeriesError, match="has results for the images in"):
        Series(other, results)
    images.rename(tmp_path / "moved")
    assert Series(tmp_path / "moved", results).done_count == 1, "those were moved"


def test_results_that_cannot_be_written_are_said_at_once(images, tmp_path):
    with pytest.raises(SeriesError, match="there is no folder"):
        Series(images, tmp_path / "no" / "such")
    with pytest.raises(SeriesError, match="it is a file"):
        Series(images, images / "1.tif")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder that nobody can write to")
def test_a_folder_of_images_that_cannot_be_written_needs_another_for_results(tmp_path):
    with pytest.raises(SeriesError, match=r"can't be written into /proc.*give another folder"):
        Series("/proc/self/stat*")
    assert len(Series("/proc/self/stat*", tmp_path)) > 1


def test_a_damaged_progress_file_is_said(images):
    (images / ".napari-cutout.json").write_text("{")

    assert "damaged" in Series(images).problem
    assert Series([images / "1.tif"], images / "results").problem == ""


def test_a_mark_that_cannot_be_saved_is_not_set(images):
    series = Series(images)
    with full_disk(), pytest.raises(FormatError, match="can't write"):
        series.mark_done(images / "1.tif")

    assert not series.is_done(images / "1.tif")


def test_the_current_folder_may_change(images, monkeypatch, tmp_path):
    monkeypatch.chdir(images)
    series = Series(["1.tif", "2.tif"], "results")
    monkeypatch.chdir(tmp_path)
    series.refresh()

    assert list(series) == [images / "1.tif", images / "2.tif"]
    assert series.results == images / "results"
