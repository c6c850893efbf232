"""Training from the shell, with a recipe of a few steps."""

import signal
import subprocess
import sys
from importlib import resources

import pytest

from napari_cutout import Segmenter

INTERRUPTED = 130


@pytest.fixture
def recipe(tmp_path):
    """Write the packaged recipe, but with one small stage."""

    def write(steps, name="small"):
        packaged = resources.files("napari_cutout.train") / "recipes" / "compact.toml"
        head = packaged.read_text("utf-8").partition("[[stages]]")[0]
        stage = (
            f"[[stages]]\nsteps = {steps}\ncrop = 64\ncrops_per_step = 1\nprompts_per_crop = 1\n"
        )
        path = tmp_path / f"{name}.toml"
        path.write_text(head + stage, "utf-8")
        return path

    return write


@pytest.mark.slow
def test_weights_progress_and_validation_figures(run, data, recipe, tmp_path):
    out = tmp_path / "small.safetensors"
    result = run("train", "--recipe", recipe(2), "--data", data, "--out", out, "--device", "cpu")

    assert result.exit_code == 0
    assert "step 2/2" in result.stderr
    assert f"weights: {out}" in result.stdout
    assert "mean IoU" in result.stdout
    assert Segmenter(out).can_dense


@pytest.mark.slow
def test_a_state_of_another_recipe_is_refused(run, refused, data, recipe, tmp_path):
    out = tmp_path / "small.safetensors"
    run("train", "--recipe", recipe(1), "--data", data, "--out", out)

    line = refused("train", "--recipe", recipe(2), "--data", data, "--out", out)
    assert "is the state of a run with another recipe" in line


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for a child alone")
def test_interrupted_it_says_how_to_go_on(data, recipe, tmp_path):
    out = tmp_path / "small.safetensors"
    words = ["--recipe", recipe(100_000), "--data", data, "--out", out, "--device", "cpu"]
    with subprocess.Popen(
        [sys.executable, "-m", "napari_cutout.cli", "train", *map(str, words)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr.readline().startswith("step 20/100000")
        process.send_signal(signal.SIGINT)
        *_, last = process.stderr.read().splitlines()

    assert process.returncode == INTERRUPTED
    assert last.startswith("stopped at step")


def test_an_unknown_recipe_is_refused(refused, data, tmp_path):
    line = refused("train", "--recipe", "none", "--data", data, "--out", tmp_path / "x.safetensors")

    assert "no recipe 'none'" in line


def test_a_folder_without_images_is_refused(refused, tmp_path):
    line = refused("train", "--data", tmp_path, "--out", tmp_path / "x.safetensors")

    assert "no labelled image" in line


def test_weights_are_safetensors(refused, data, tmp_path):
    assert "written as .safetensors" in refused("train", "--data", data, "--out", tmp_path / "x.pt")
