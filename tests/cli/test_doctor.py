"""What the doctor finds."""

import json

import pytest
import torch


@pytest.fixture(scope="module")
def findings():
    from typer.testing import CliRunner

    from napari_cutout.cli.app import app

    result = CliRunner().invoke(app, ["doctor", "--json"])
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def by_name(findings):
    return {finding["name"]: finding for finding in findings["findings"]}


def test_versions_devices_weights_and_display_are_looked_at(findings):
    expected = {"python", "torch", "napari", "npe2", "cpu", "cuda", "mps", "compact", "Qt"}

    assert expected <= set(by_name(findings))


def test_version_of_torch_is_the_one_that_is_imported(findings):
    assert by_name(findings)["torch"]["value"] == torch.__version__


def test_the_model_in_the_package_loads(findings):
    assert by_name(findings)["compact"]["ok"]


def test_what_is_wrong_comes_with_what_to_do(findings):
    assert all(finding["ok"] or finding["advice"] for finding in findings["findings"])


def test_all_is_well_when_everything_is(findings):
    assert findings["ok"] == all(finding["ok"] for finding in findings["findings"])


@pytest.mark.gui
def test_where_windows_open_opengl_is_found(findings):
    assert "OpenGL" in by_name(findings)["OpenGL"]["value"]
    assert by_name(findings)["OpenGL"]["ok"]


def test_a_folder_that_can_not_be_written_is_named(run, tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("in the way")
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(file / "folder"))
    found = by_name(json.loads(run("doctor", "--json").stdout))

    assert "NAPARI_CUTOUT_HOME" in found["weights' folder"]["advice"]
