"""The demo on this machine: in a window where one can be opened, and without."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from skimage.io import imread

from napari_cutout import Prompts, Segmenter
from napari_cutout.cli import windows
from napari_cutout.cli.demo import run_demo
from napari_cutout.sample_data import fluorescence

SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def demo(folder, *arguments, **environment):
    """Run the command in a folder, without a display unless one is given."""
    variables = {name: value for name, value in os.environ.items() if name not in SCREEN}
    return subprocess.run(
        [sys.executable, "-m", "napari_cutout.cli", "demo", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=folder,
        env=variables | environment,
    )


def moved(shift):
    """The sample with everything shifted, and a plain ground where nothing is left."""
    image = fluorescence()
    ground = np.full((image.shape[0] + 120, image.shape[1] + 160), np.median(image), np.uint8)
    row, col = shift
    ground[row : row + image.shape[0], col : col + image.shape[1]] = image
    return ground


@pytest.fixture
def nowhere(monkeypatch):
    """A machine where no window can be opened."""
    for name in SCREEN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(windows, "has_xvfb", lambda: False)
    monkeypatch.setattr(windows, "has_display", lambda: False)


@pytest.mark.usefixtures("nowhere")
def test_without_a_window_it_writes_picture_and_labels_and_says_so(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("demo")

    picture, labels = (
        tmp_path / "napari-cutout-demo.png",
        tmp_path / "napari-cutout-demo-labels.tif",
    )
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-2:] == [f"picture: {picture}", f"labels: {labels}"]
    assert "Without a window: " in result.stdout
    assert imread(picture).shape == (520, 696, 3)
    assert f"Its mask has {np.count_nonzero(imread(labels))} pixels" in result.stdout


@pytest.mark.usefixtures("nowhere")
def test_a_moved_sample_takes_the_mask_with_it(tmp_path):
    masks, points = [], []
    for name, shift in (("a.png", (0, 0)), ("b.png", (96, 128))):
        points.append(run_demo(moved(shift), tmp_path / name).cut.point)
        masks.append(imread(tmp_path / f"{name[0]}-labels.tif") > 0)

    there = np.add(points[0], (96, 128))
    assert np.abs(there - points[1]).max() <= 8
    back = masks[1][96:, 128:]
    first = masks[0][: back.shape[0], : back.shape[1]]
    assert (back & first).sum() / (back | first).sum() > 0.8


def test_a_picture_of_another_format_is_refused(refused, tmp_path):
    assert "written as" in refused("demo", "--screenshot", tmp_path / "demo.gif")


def test_a_picture_without_a_folder_is_refused(refused, tmp_path):
    assert "there is no folder" in refused("demo", "--screenshot", tmp_path / "no" / "demo.png")


@pytest.mark.gui
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_without_a_display_napari_runs_in_xvfb(tmp_path):
    done = demo(tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "in Xvfb" in done.stdout
    picture, labels = (
        imread(tmp_path / f"napari-cutout-demo{end}") for end in (".png", "-labels.tif")
    )
    assert picture.shape[0] > 600
    assert np.unique(labels).tolist() == [0, 1]
    assert f"Its mask has {np.count_nonzero(labels)} pixels" in done.stdout


@pytest.mark.gui
def test_the_mask_in_the_window_is_the_model_s_for_the_click(tmp_path):
    image = moved((50, 70))
    done = run_demo(image, tmp_path / "demo.png")

    segmenter = Segmenter("compact")
    prediction = segmenter.predict(segmenter.encode(image), Prompts(points=[done.cut.point]))
    assert done.place in ("display", "xvfb")
    assert np.array_equal(imread(tmp_path / "demo-labels.tif") > 0, prediction.masks[0])


@pytest.mark.gui
@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11")
def test_a_display_that_does_not_answer_is_gone_around(tmp_path):
    done = demo(tmp_path, "--screenshot", "demo.png", DISPLAY=":987")

    assert done.returncode == 0
    assert "napari did not open" in done.stdout
    assert (tmp_path / "demo.png").exists()
