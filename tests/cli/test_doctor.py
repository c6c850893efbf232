"""What the doctor finds."""

import json
import os

import pytest
import torch

from napari_cutout.cli import doctor
from napari_cutout.sam import download


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


def test_a_missing_package_comes_with_what_to_do(run, monkeypatch):
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy", "no-such-package"))
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._versions,))
    found = json.loads(run("doctor", "--json").stdout)

    assert by_name(found)["no-such-package"] == {
        "name": "no-such-package",
        "value": "missing",
        "advice": "pip install no-such-package",
        "ok": False,
    }
    assert not found["ok"]
    assert run("doctor").stdout.splitlines()[-1] == "1 to see to"


def test_all_is_well_when_everything_is(run, monkeypatch):
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy",))
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._versions,))

    assert json.loads(run("doctor", "--json").stdout)["ok"] is True
    assert run("doctor").stdout.splitlines()[-1] == "all is well"


def test_weights_that_do_not_load_are_a_finding(run, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "_PACKAGED", tmp_path)
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._weights,))
    (tmp_path / "compact.safetensors").write_bytes(b"cut short")
    found = by_name(json.loads(run("doctor", "--json").stdout))["compact"]

    assert not found["ok"]
    assert found["advice"] == "install napari-cutout again"
    assert "compact.safetensors" in found["value"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_without_write_access_is_named(run, tmp_path, monkeypatch):
    tmp_path.chmod(0o500)
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "weights"))
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._weights,))
    found = by_name(json.loads(run("doctor", "--json").stdout))["weights' folder"]

    assert found["advice"] == "make it writable, or set NAPARI_CUTOUT_HOME to another"


@pytest.mark.gui
def test_where_windows_open_opengl_is_found(findings):
    assert "OpenGL" in by_name(findings)["OpenGL"]["value"]
    assert by_name(findings)["OpenGL"]["ok"]


def test_a_folder_that_can_not_be_written_is_named(run, tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("in the way")
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(file / "folder"))
    monkeypatch.setattr(doctor, "_LOOKS", (doctor._weights,))
    found = json.loads(run("doctor", "--json").stdout)

    assert "NAPARI_CUTOUT_HOME" in by_name(found)["weights' folder"]["advice"]
    assert not found["ok"]
